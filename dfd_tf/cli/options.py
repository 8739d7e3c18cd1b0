"""Options that several verbs share."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from dfd_tf import DEFAULT_MODEL
from dfd_tf.errors import UserError


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare --model."""
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        help=f"bundle folder, run folder or shipped name (default: {DEFAULT_MODEL})",
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Declare --data and --split."""
    parser.add_argument("--data", action="append", required=True, help="dataset folder; repeatable")
    parser.add_argument(
        "--split",
        default="test",
        help="train, valid, valid_own (a set's own validation split, where the detector was "
        "calibrated on others), test or all (default: test)",
    )


def add_limit(parser: argparse.ArgumentParser) -> None:
    """Declare --limit; 2 or more."""
    parser.add_argument("--limit", type=int, metavar="N", help="at most N images, evenly drawn")


def files_in(paths: Iterable[str]) -> list[Path]:
    """The files that a user's paths stand for.

    Raises:
        UserError: there are none.
    """
    from dfd_tf.detectors.scoring import expand_paths

    paths = list(paths)
    files = expand_paths(paths)
    if not files:
        raise UserError(f"no files found in {', '.join(paths) or 'standard input'}.")
    return files

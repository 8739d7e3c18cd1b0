"""Options that several verbs share."""

from __future__ import annotations

import argparse

from dfd_tf import DEFAULT_MODEL


def add_model(parser: argparse.ArgumentParser, purpose: str = "the detector") -> None:
    """Declare --model."""
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        help=f"{purpose}: bundle folder, run folder or shipped name (default: {DEFAULT_MODEL})",
    )


def add_faces(parser: argparse.ArgumentParser) -> None:
    """Declare --faces: the one way in which all verbs find what of a photo is judged."""
    parser.add_argument(
        "--faces",
        choices=("auto", "whole", "detect"),
        default="auto",
        help="auto: cut faces out where an image is not framed around one already (default); "
        "whole: judge images as they are; detect: cut always",
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

"""Options that several verbs share."""

from __future__ import annotations

import argparse

from dfd_tf import DEFAULT_MODEL


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare --model."""
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        help=f"bundle folder, run folder or shipped name (default: {DEFAULT_MODEL})",
    )

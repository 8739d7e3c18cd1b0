"""Options that several verbs share."""

from __future__ import annotations

import argparse

from dfd_tf import DEFAULT_MODEL
from dfd_tf.data.sets.choices import Choices, Datasets


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


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Declare --engine."""
    parser.add_argument(
        "--engine",
        choices=("auto", "lite", "keras"),
        default="auto",
        help="auto: lite where the bundle and the machine have it, else keras",
    )


def add_datasets(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Declare --data, repeatable, and how to read it; see `with_datasets`."""
    parser.add_argument(
        "--data",
        action="append",
        default=None if required else [],
        required=required,
        help="dataset folder, or CSV of path and label; repeatable",
    )
    add_choices(parser)


def add_split(parser: argparse.ArgumentParser) -> None:
    """Declare --split, of the photos that something is fitted to after the training."""
    parser.add_argument(
        "--split",
        choices=("valid", "valid_own"),
        default="valid",
        help="what to fit to (default: valid); valid_own: the sets' own validation splits, which a "
        "training with data.valid_from_train leaves alone",
    )


def add_choices(parser: argparse.ArgumentParser) -> None:
    """Declare the options that decide where a dataset can be read in several ways."""
    group = parser.add_argument_group("where a dataset can be read in several ways")
    group.add_argument("--layout", metavar="NAME", help="of the layout, or auto (the default)")
    group.add_argument(
        "--split-from",
        metavar="WHERE",
        help="folder: leave out what is in no folder of a split; dealt: put a set's own splits "
        "aside; or a column of --labels",
    )
    group.add_argument(
        "--group-by",
        metavar="WHAT",
        help="folder: what lies in one folder below a class belongs together; file: every file is "
        "a group of its own; or a column of --labels",
    )
    group.add_argument(
        "--labels", metavar="CSV", help="table of path and label, in place of the folders' names"
    )


def with_datasets(options: argparse.Namespace) -> argparse.Namespace:
    """Join --data and the options of `add_choices` to one value, `data`."""
    if "group_by" in options:
        roots = [options.data] if isinstance(options.data, str) else options.data
        choices = Choices(options.layout, options.split_from, options.group_by, options.labels)
        options.data = Datasets(roots, choices)
    return options


def add_data(parser: argparse.ArgumentParser) -> None:
    """Declare --data and --split."""
    add_datasets(parser)
    parser.add_argument(
        "--split",
        default="test",
        help="train, valid, valid_own (a set's own validation split, where the detector was "
        "calibrated on others), test or all (default: test)",
    )


def add_limit(parser: argparse.ArgumentParser) -> None:
    """Declare --limit; 2 or more."""
    parser.add_argument("--limit", type=int, metavar="N", help="at most N images, evenly drawn")

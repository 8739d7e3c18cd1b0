"""Show where a detector looked: a picture for each image, with checks of what the map is worth.

A PATH is an image or a folder (all files below it). Each image is drawn beside the places that
speak for its verdict, with its score, the figures of the checks and, for detectors with an AMTEN
front end, their trace maps. A map that fails a check says so on its picture. The folder --out also
gets the heat as 16-bit PNG, contact sheets, and explain.csv with a row for every file; a file that
cannot be judged keeps its row, with the reason, and the exit code is then 1. Called again after an
interruption, it goes on.

Examples:
  dfd explain photo.jpg --out maps
  dfd explain folder --model runs/mine --method layercam --out maps
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dfd_tf.cli.options import add_faces, add_model
from dfd_tf.explaining import METHODS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="image or folder")
    add_model(parser)
    add_faces(parser)
    parser.add_argument(
        "--method",
        choices=tuple(METHODS),
        default="gradcam",
        help="; ".join(METHODS.values()) + " (default: gradcam)",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.api.explain import explain

    done = explain(
        options.paths,
        options.out,
        model=options.model,
        method=options.method,
        faces=options.faces,
        progress=not options.quiet,
    )
    n = done.explained + done.unusable
    print(f"Explained {done.explained} of {n} files with {options.method}: {options.out}")
    if done.distrusted:
        print(f"Failed a check, and say so on their pictures: {done.distrusted} of the maps.")
    if done.unusable:
        print(f"Could not be judged: {done.unusable} of the files; explain.csv says why.")
    return int(done.unusable > 0)

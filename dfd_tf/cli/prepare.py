"""Write a dataset folder as TFRecord, with tensorflow-datasets, for reading it anywhere.

The folder may have any layout that train knows. The files are kept byte for byte, so a detector
sees the same pixels as from the folder. The last line printed is what to give to --data.

Example:
  dfd prepare --data 140k --out tensorflow_datasets
  dfd train --config amtenet --data tfds:real_fake_faces/140k@tensorflow_datasets
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dfd_tf.cli.quiet import start_tensorflow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("--data", required=True, help="dataset folder")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder where tensorflow-datasets keeps its sets"
    )


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    start_tensorflow()  # without it tensorflow-datasets imports, but is empty
    import tensorflow_datasets as tfds

    from dfd_tf.data.builders import build_faces

    if options.quiet:
        tfds.disable_progress_bar()
    print(build_faces(options.data, options.out))
    return 0

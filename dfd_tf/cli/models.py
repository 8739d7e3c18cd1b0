"""List the detectors that can be trained, with what a user must know.

Example:
  dfd models --format json
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from dfd_tf.cli.quiet import start_tensorflow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    start_tensorflow()
    from dfd_tf.models import architecture, list_models

    rows = [asdict(architecture(name)) for name in list_models()]
    for row in rows:
        del row["build"]
    if options.format == "json":
        print(json.dumps(rows, indent=2))
        return 0
    print(f"{'name':12} {'parameters':>12} {'input':>6}  {'CAM layer':12} paper")
    for row in rows:
        print(
            f"{row['name']:12} {row['parameters']:12,} {row['input_size']:6}  "
            f"{row['cam_layer']:12} {row['paper']}"
        )
    return 0

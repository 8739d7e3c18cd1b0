"""List the detectors that can be trained, with what a user must know.

Example:
  dfd models --format json
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from dfd_tf.backend import start_keras


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    start_keras()
    from dfd_tf.models import list_detectors

    rows = [_row(name) for name in list_detectors()]
    if options.format == "json":
        print(json.dumps(rows, indent=2))
    else:
        _print_table(rows)
    return 0


def _row(name: str) -> dict[str, Any]:
    """One detector at its default arguments and input size."""
    from dfd_tf.models import architecture
    from dfd_tf.models.cost import default_cost

    entry = architecture(name)
    return {
        "name": name,
        "input_size": entry.input_size,
        "cam_layer": entry.cam_layer,
        "paper": entry.paper,
        **asdict(default_cost(name)),
    }


def _print_table(rows: list[dict[str, Any]]) -> None:
    print(
        f"{'name':15} {'trainable':>12} {'parameters':>12} {'M mult-adds':>11} {'input':>5}  "
        f"{'CAM layer':20} paper"
    )
    for row in rows:
        print(
            f"{row['name']:15} {row['trainable']:12,} {row['parameters']:12,} "
            f"{row['multiply_adds'] / 1e6:11,.0f} {row['input_size']:5}  "
            f"{row['cam_layer']:20} {row['paper']}"
        )

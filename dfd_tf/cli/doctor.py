"""Show what this machine has, and what a training on it would use.

Example:
  dfd doctor
"""

from __future__ import annotations

import argparse
import os
import platform

from dfd_tf.backend import start_keras


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    start_keras()
    from dfd_tf import environment, hardware
    from dfd_tf.detectors.locate import list_models

    facts = {
        "python": platform.python_version(),
        **environment.versions(),
        "processor": f"{environment.processor()}, {os.cpu_count()} cores",
        "bfloat16 on it": "yes" if hardware.cpu_has_bfloat16() else "no",
        "GPUs": len(hardware.gpus()) or "none",
        "TPUs": len(hardware.tpus()) or "none",
        "precision auto": hardware.choose_precision("auto"),
        "shipped detectors": ", ".join(list_models()) or "none",
    }
    for name, value in facts.items():
        print(f"{name:24} {value}")
    return 0

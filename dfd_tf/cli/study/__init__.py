"""Train or measure many detectors side by side: one table.

`dfd study STUDY --help` explains one of them.

Examples:
  dfd study architectures --data 140k --data dfdc_faces --out table
  dfd study one-class --data 140k --rows deep_svdd,deep_sad --out oc
  dfd study generators --data 140k --data dfdc_faces --data ciplab --out matrix
  dfd study engines --config sound_resnet --data fakes/table.csv --out engines
  dfd study baselines --model efficientnet_lite0 --data my_faces --out baselines
"""

from __future__ import annotations

import argparse
import importlib
from types import ModuleType

STUDIES = {
    "architectures": "train every architecture on the same photos and budget",
    "one-class": "train and compare the detectors that know only real photos",
    "generators": "leave one generator out of the training after the other",
    "engines": "leave one engine of speech out of the training after the other",
    "baselines": "measure classical one-class detectors on a detector's features",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the studies, each with its options."""
    studies = parser.add_subparsers(dest="study", required=True, metavar="STUDY")
    for name, purpose in STUDIES.items():
        module = _module(name)
        study = studies.add_parser(
            name,
            help=purpose,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(study)
        # Of the verb, before and after the study's name alike.
        for flag, words in (("--quiet", "no progress, only results"), ("--debug", "show traces")):
            study.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=words)


def run(options: argparse.Namespace) -> int:
    """Carry the study out."""
    return int(_module(options.study).run(options))


def _module(study: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{study.replace('-', '_')}")

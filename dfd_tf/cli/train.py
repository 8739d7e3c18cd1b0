"""Train a detector, calibrate it on validation, measure it on test, write a report.

Without --data it trains on the demo dataset, which is rendered on the spot. --data may be given
several times; each folder may be laid out as 140k, OpenForensics, CIPLab/HFM, DFDC faces, HFF,
SPLIT/{real,fake} or plain real/ and fake/, or be tfds:NAME or tfds:NAME@DATA_DIR for a set that
tensorflow-datasets has built; its images are then laid out as files once, under DFD_CACHE or else
~/.cache/dfd_tf.

Examples:
  dfd train --config configs/amtenet.yaml --data my_faces --out runs/mine
  dfd train --config amtenet --data 140k --data dfdc --set train.epochs=5
  dfd train --config amtenet --data my_faces --out runs/mine --resume
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from dfd_tf.cli.quiet import start_keras
from dfd_tf.config import RunConfig, load_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("--config", required=True, help="YAML file, or the name of one in configs/")
    parser.add_argument("--data", action="append", default=[], help="dataset folder; repeatable")
    parser.add_argument("--out", type=Path, help="run folder (default: runs/NAME-OF-CONFIG)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="A.B=V", help="change one key of the config"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    path = find_config(options.config)
    config = load_config(path, options.set)
    if options.data:
        config = _with_paths(config, options.data)
    if not config.data.paths:
        config = _with_paths(config, [_demo_data(options.quiet)])
    start_keras()
    from dfd_tf.training.run import train

    out = options.out or Path("runs") / path.stem
    metrics = train(config, out, resume=options.resume, quiet=options.quiet)
    print(summary("test", metrics))
    return 0


def find_config(name: str) -> Path:
    """The file itself, or the one of that name among the shipped."""
    candidates = [Path(name), *(path for path in shipped_configs() if path.stem == name)]
    return next((path for path in candidates if path.is_file()), Path(name))


def shipped_configs() -> list[Path]:
    """All configurations of the installed package or the checkout, by name."""
    package = Path(__file__).parent.parent
    return sorted(
        path
        for folder in (package / "configs", package.parent / "configs")
        for path in folder.glob("*.yaml")
    )


def _with_paths(config: RunConfig, paths: list[str]) -> RunConfig:
    data = config.data.model_copy(update={"paths": tuple(paths)})
    return config.model_copy(update={"data": data})


def _demo_data(quiet: bool) -> str:
    from dfd_tf.demo import demo_dataset

    if not quiet:
        print("No --data given: training on the demo dataset, which is rendered now if need be.")
    return str(demo_dataset(progress=not quiet))


def summary(split: str, metrics: dict[str, Any]) -> str:
    """The figures that a person reads first, a line each."""
    names = {
        "auc": "AUC",
        "accuracy": "accuracy",
        "fpr_at_threshold": "false-positive rate",
        "ece": "calibration error",
    }
    lines = [f"{split}, {metrics['n']} images:"]
    for key, words in names.items():
        metric = metrics[key]
        if metric["value"] is not None:
            lines.append(
                f"  {words:20} {metric['value']:.3f}  ({metric['low']:.3f} to {metric['high']:.3f})"
            )
    return "\n".join(lines)

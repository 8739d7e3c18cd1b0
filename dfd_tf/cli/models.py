"""List the detectors that ship, with what they have learned, and the architectures to train.

A shipped detector is what --model takes. Its AUC is that on test photos of each source that it was
trained on; on others it may be worse. Its MODEL_CARD.md says more. An architecture is what a
configuration names under `model`.

Examples:
  dfd models
  dfd models --format json
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dfd_tf.backend import start_keras

if TYPE_CHECKING:
    from dfd_tf.detectors.info import DetectorInfo


# Of a network that an argument names.
UNKNOWN = dict.fromkeys(("trainable", "parameters", "multiply_adds"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.detectors.locate import list_models

    shipped, architectures = [_shipped(name) for name in list_models()], _architectures()
    if options.format == "json":
        print(json.dumps({"shipped": shipped, "architectures": architectures}, indent=2))
        return 0
    _print_shipped(shipped)
    if architectures is None:
        print("\nThe architectures that can be trained need Keras, which is not installed here.")
    else:
        _print_architectures(architectures)
    return 0


def _shipped(name: str) -> dict[str, Any]:
    """What a shipped detector has learned and needs."""
    from dfd_tf.detectors.info import read_info
    from dfd_tf.detectors.locate import find_bundle

    folder = find_bundle(name)
    info = read_info(folder)
    measured = info.metrics["test"]["per_source"]
    return {
        "name": name,
        "megabytes": round(_size(folder) / 1e6, 1),
        "engine": _engine(info, folder),
        "real_means": info.real_means,
        "sources": [
            {
                "source": source,
                "training_reals": splits["train"].real,
                "training_fakes": splits["train"].fake if info.shown_fakes else 0,
                "auc": measured[source]["auc"]["value"] if source in measured else None,
                "false_alarms": _false_alarms(info, source),
            }
            for source, splits in info.data.counts.items()
            if "train" in splits
        ],
    }


def _false_alarms(info: DetectorInfo, source: str) -> dict[str, int] | None:
    """Real validation photos of a source, and how many of them the default threshold accuses."""
    from dfd_tf.calibration import DEFAULT_RATE

    found = info.calibration.at(DEFAULT_RATE).by_source.get(source)
    return asdict(found) if found else None


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _engine(info: DetectorInfo, folder: Path) -> str:
    """What runs it, and what it needs that is not in its folder."""
    from dfd_tf.detectors.bundle import has_light_engine

    engine = "LiteRT or Keras" if has_light_engine(info, folder) else "Keras"
    if info.members:
        return f"{engine}; its members: " + ", ".join(member.detector for member in info.members)
    return f"{engine}; weights of {info.backbone}" if info.backbone else engine


def _architectures() -> list[dict[str, Any]] | None:
    """Each at its default arguments and input size; None where Keras is not installed."""
    try:
        start_keras()
    except ModuleNotFoundError:
        return None
    from dfd_tf.models import architecture, list_detectors
    from dfd_tf.models.cost import default_cost

    entries = [architecture(name) for name in list_detectors()]
    return [
        {
            "name": entry.name,
            "input_size": entry.input_size,
            "cam_layer": entry.cam_layer,
            "paper": entry.paper,
            **(UNKNOWN if entry.settle else asdict(default_cost(entry.name))),
        }
        for entry in entries
    ]


def _print_shipped(rows: list[dict[str, Any]]) -> None:
    print(
        "Shipped, for --model; learned from so many fakes: AUC on test photos of that source, and "
        "how many\nof its real validation photos the default threshold accuses."
    )
    for row in rows:
        print(f"{row['name']:20} {row['megabytes']:5} MB  {row['engine']}")
        print("    " + "; ".join(_learned(source) for source in row["sources"]))
        print(f"    real means {row['real_means']}")


def _learned(source: dict[str, Any]) -> str:
    fakes = f"{source['training_fakes']:,} fakes" if source["training_fakes"] else "no fakes"
    auc = "not measured" if source["auc"] is None else f"{source['auc']:.3f}"
    alarms = source["false_alarms"]
    accused = f", {alarms['accused']} of {alarms['n']}" if alarms else ""
    return f"{source['source']}, {fakes}: {auc}{accused}"


def _print_architectures(rows: list[dict[str, Any]]) -> None:
    print("\nArchitectures that can be trained, for `model` in a configuration")
    print(
        f"{'name':20} {'trainable':>12} {'parameters':>12} {'M mult-adds':>11} {'input':>5}  "
        f"{'CAM layer':20} paper"
    )
    for row in rows:
        print(
            f"{row['name']:20} {_count(row['trainable']):>12} {_count(row['parameters']):>12} "
            f"{_count(row['multiply_adds'], 1e6):>11} {row['input_size']:5}  "
            f"{row['cam_layer']:20} {row['paper']}"
        )


def _count(number: int | None, unit: float = 1) -> str:
    return "-" if number is None else f"{number / unit:,.0f}"

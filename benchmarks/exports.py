"""Every shipped detector in every form of export: size, parity, latency, as a Markdown table.

Run from the repository root:
`python -m benchmarks.exports --data 140k --data openforensics --images 600`. A form that is beyond
its limit stands in the table too, and one that a detector cannot take says why.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dfd_tf.detectors.bundle import load_detector
from dfd_tf.detectors.locate import list_models
from dfd_tf.errors import UserError
from dfd_tf.exporting.artefact import Proof, export_saved_model, export_tflite
from dfd_tf.exporting.sample import parity_sample, training_squares
from dfd_tf.exporting.tflite import NEEDS_IMAGES, QUANTISATIONS

SAVED_MODEL = "SavedModel"
HEAD = (
    "| detector | export | size | images | largest, mean difference | verdicts changed | AUC lost "
    "| median ms of one image | |\n|---|---|---:|---:|---|---:|---:|---|---|"
)


def row(name: str, form: str, parity: dict[str, Any]) -> Iterator[str]:
    """Markdown rows of one export, a row for each signature."""
    latency = ", ".join(f"{ms:.1f} ({what})" for what, ms in parity["latency_ms"].items())
    for road, found in parity["roads"].items():
        label = road if form == SAVED_MODEL else f"LiteRT {form}"
        if parity.get("quantized_layers") == "dense":
            label += ", dense layers only"
        verdict = "passed" if found["passed"] else f"**beyond** {found['limit']:g}"
        yield (
            f"| {name} | {label} | {parity['size_bytes'] / 1e6:.2f} MB | {parity['n']} "
            f"| {found['max_difference']:.1e}, {found['mean_difference']:.1e} "
            f"| {found['decision_flips']} | {found['auc_drop']:.4f} | {latency} | {verdict} |"
        )


def export(form: str, folder: Path, proof: Proof, squares: Any) -> Any:
    """Export in one form, whatever it differs by, and return its parity."""
    if form == SAVED_MODEL:
        export_saved_model(folder, proof)
    else:
        export_tflite(folder, proof, form, squares if form in NEEDS_IMAGES else None)
    [report] = folder.rglob("*parity.json")
    return json.loads(report.read_text(encoding="utf-8"))


def rows(name: str, options: argparse.Namespace) -> Iterator[str]:
    """All rows of a detector; a form that it cannot take says why."""
    detector = load_detector(name)
    sample = parity_sample(detector, options.data, options.images)
    squares = training_squares(detector, options.data)
    proof = Proof(detector, sample, allow_difference=True, say=lambda line: None)
    for form in options.form or (SAVED_MODEL, *QUANTISATIONS):
        with tempfile.TemporaryDirectory() as folder:
            try:
                parity = export(form, Path(folder), proof, squares)
            except UserError as error:
                yield f"| {name} | {form} | cannot: {error} ||||||"
            else:
                yield from row(name, form, parity)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", action="append", required=True, help="dataset; repeatable")
    parser.add_argument("--images", type=int, default=600, help="test images (default: 600)")
    parser.add_argument("--model", action="append", help="shipped name; default: all of them")
    parser.add_argument("--form", action="append", choices=(SAVED_MODEL, *QUANTISATIONS))
    options = parser.parse_args()
    print(HEAD, flush=True)
    for name in options.model or list_models():
        for line in rows(name, options):
            print(line, flush=True)


if __name__ == "__main__":
    main()

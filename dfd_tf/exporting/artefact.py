"""Export and proof in one: an artefact stands in its place only once its parity was measured."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dfd_tf.detectors.bundle import add_lite_file
from dfd_tf.detectors.detector import Detector, Judgement
from dfd_tf.exporting.kernels import weight_types
from dfd_tf.exporting.parity import LIMITS, compare, table
from dfd_tf.exporting.roads import (
    judge_whole,
    lite_latency,
    lite_road,
    saved_model_latency,
    saved_model_roads,
)
from dfd_tf.exporting.sample import Sample
from dfd_tf.exporting.saved_model import save_saved_model
from dfd_tf.exporting.tflite import PHONE_BYTES, convert
from dfd_tf.lite import FILE as LITE_FILE

PARITY = "parity.json"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Proof:
    """What exports of a detector are judged by.

    Attributes:
        detector: the engine, with a Keras model.
        sample: images to compare on.
        allow_difference: keep the artefact also beyond the limits.
        progress: show progress bars.
        say: prints a line.
    """

    detector: Detector
    sample: Sample
    allow_difference: bool = False
    progress: bool = False
    say: Say = print

    @cached_property
    def reference(self) -> list[Judgement]:
        """What the engine says of the images."""
        return judge_whole(self.detector, self.sample.paths, progress=self.progress)


def export_saved_model(out: Path, proof: Proof) -> Path | None:
    """Write OUT/NAME/VERSION, the version being one above the highest that is there.

    The model is written under a name that TF Serving does not take for a version, and renamed once
    it has passed.

    Returns:
        What was written; if nothing, parity.json alone says by how much it differs.
    """
    detector = proof.detector
    home = out / detector.info.name
    home.mkdir(parents=True, exist_ok=True)
    unproved = home / "unproved"
    shutil.rmtree(unproved, ignore_errors=True)
    save_saved_model(detector, unproved)
    paths = proof.sample.paths
    roads = saved_model_roads(detector, unproved, paths, progress=proof.progress)
    parity = _prove(roads, "saved_model", proof) | {
        "format": "saved_model",
        "size_bytes": sum(p.stat().st_size for p in unproved.rglob("*") if p.is_file()),
        "latency_ms": saved_model_latency(unproved, paths[0]),
    }
    if not (parity["passed"] or proof.allow_difference):
        shutil.rmtree(unproved)
        _report(home / PARITY, parity, None, proof)
        return None
    versions = [int(p.name) for p in home.iterdir() if p.name.isdecimal()]
    final = unproved.rename(home / str(1 + max(versions, default=0)))
    _report(final / PARITY, parity, final, proof)
    return final


def export_tflite(
    out: Path,
    proof: Proof,
    quantize: str,
    squares: Any = None,
    max_bytes: int = PHONE_BYTES,
) -> Path | None:
    """Write OUT/NAME.tflite, or NAME-QUANTISATION.tflite.

    Where int8 in every layer is beyond the limit and int8 in the dense layers alone is nearer to
    the engine, it is the latter.

    Args:
        out: folder, made if absent.
        proof: how it is judged.
        quantize: see `dfd_tf.exporting.tflite.convert`.
        squares: for int8 and mixed, real training inputs.
        max_bytes: for mixed, the largest file allowed.

    Returns:
        What was written; if nothing, parity.json alone says by how much it differs.
    """
    content, parity = _convert_and_prove(proof, quantize, squares, max_bytes=max_bytes)
    if quantize == "int8" and not parity["passed"]:
        retried = _convert_and_prove(proof, quantize, squares, only_dense=True)
        if retried[1]["passed"] or _difference(retried[1]) < _difference(parity):
            proof.say("int8 in every layer is beyond the limit; only the dense layers are int8.")
            content, parity = retried
    suffix = "" if quantize == "none" else f"-{quantize}"
    path = out / f"{proof.detector.info.name}{suffix}.tflite"
    out.mkdir(parents=True, exist_ok=True)
    kept = parity["passed"] or proof.allow_difference
    if kept:
        path.write_bytes(content)
    _report(path.with_suffix(f".{PARITY}"), parity, path if kept else None, proof)
    return path if kept else None


def export_into_bundle(folder: Path, proof: Proof) -> Path | None:
    """Give a bundle its LiteRT file in float32, for the light predictor.

    Returns:
        The file; beyond the limit none is written, whatever is allowed: one detector has one score.
    """
    content, parity = _convert_and_prove(proof, "none", None)
    if parity["passed"]:
        add_lite_file(folder, content)
    _report(folder / PARITY, parity, folder if parity["passed"] else None, proof)
    return folder / LITE_FILE if parity["passed"] else None


def _convert_and_prove(
    proof: Proof,
    quantize: str,
    squares: Any,
    *,
    only_dense: bool = False,
    max_bytes: int = PHONE_BYTES,
) -> tuple[bytes, dict[str, Any]]:
    detector = proof.detector
    content = convert(
        detector,
        quantize,
        squares,
        only_dense=only_dense,
        max_bytes=max_bytes,
        progress=proof.progress,
    )
    roads = lite_road(detector, content, proof.sample.paths, progress=proof.progress)
    return content, _prove(roads, quantize, proof) | {
        "format": "tflite",
        "quantize": quantize,
        "quantized_layers": "dense" if only_dense else "all",
        "weight_types": weight_types(content),
        "size_bytes": len(content),
        "latency_ms": lite_latency(content, detector.info.preprocessing.input_shape),
    }


def _difference(parity: dict[str, Any]) -> float:
    return max(float(road["max_difference"]) for road in parity["roads"].values())


def _prove(roads: Any, kind: str, proof: Proof) -> dict[str, Any]:
    info = proof.detector.info
    return {
        "detector": info.name,
        "weights_sha256": info.weights_sha256,
        "images": proof.sample.source,
        **compare(proof.reference, roads, proof.sample.labels, LIMITS[kind]),
    }


def _report(path: Path, parity: dict[str, Any], artefact: Path | None, proof: Proof) -> None:
    path.write_text(json.dumps(parity, indent=2) + "\n", encoding="utf-8")
    proof.say(table(parity))
    latency = ", ".join(f"{name} {ms:.1f} ms" for name, ms in parity["latency_ms"].items())
    proof.say(f"size {parity['size_bytes'] / 1e6:.2f} MB; median latency: {latency}")
    if artefact:
        proof.say(f"Written: {artefact}   parity: {path}")
    else:
        proof.say(f"Not written: it differs from the engine by more than the limit, see {path}")

"""A detector written for other programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from dfd_tf import DEFAULT_MODEL
from dfd_tf.api.arguments import Data, roots_of
from dfd_tf.backend import start_tensorflow
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.detectors.locate import find_bundle
from dfd_tf.errors import UserError

Format = Literal["saved_model", "tflite"]
Quantize = Literal["none", "float16", "dynamic", "int8", "mixed"]

_BY_IMAGES = ("int8", "mixed")  # set by what real images do to the network


def export(
    out: str | Path | None = None,
    *,
    format: Format,
    model: str | Path = DEFAULT_MODEL,
    quantize: Quantize = "none",
    max_mb: float = 4.0,
    data: Data = (),
    images: int = 128,
    into_bundle: bool = False,
    allow_difference: bool = False,
    progress: bool = True,
    say: Callable[[str], None] = print,
) -> Path | None:
    """Export a detector, and prove that it says there what it says here.

    Args:
        out: folder to write to; None with `into_bundle`.
        format: "saved_model" for TF Serving, which takes image files; "tflite" for LiteRT.
        model: bundle folder, run folder or shipped name.
        quantize: of a tflite file; int8 and mixed need `data`.
        max_mb: largest file of mixed, in MB.
        data: dataset folder, or several; without any, parity is proved on rendered pictures.
        images: how many to prove parity on, 64 or more.
        into_bundle: put the tflite file into the detector's bundle, for the engine "lite".
        allow_difference: write it also where it differs from the engine by more than the limit.
        progress: show progress bars.
        say: takes the lines of the comparison.

    Returns:
        What was written; None where it differs too much, and then parity.json alone is there.

    Raises:
        UserError: arguments that do not go together, no such detector, too few images, or a layer
            that the format does not know.
    """
    roots = roots_of(data)
    _check(format, quantize, roots, out, into_bundle)
    folder = find_bundle(model)
    start_tensorflow()
    from dfd_tf.exporting import artefact
    from dfd_tf.exporting.sample import parity_sample, training_squares

    detector = load_detector(folder, engine="keras")
    sample = parity_sample(detector, roots, images, progress=progress)
    proof = artefact.Proof(detector, sample, allow_difference, progress=progress, say=say)
    if out is None:
        return artefact.export_into_bundle(folder, proof)
    if format == "saved_model":
        return artefact.export_saved_model(Path(out), proof)
    squares = training_squares(detector, roots) if quantize in _BY_IMAGES else None
    return artefact.export_tflite(Path(out), proof, quantize, squares, int(1e6 * max_mb))


def _check(
    format: Format,
    quantize: Quantize,
    roots: Sequence[str],
    out: str | Path | None,
    into_bundle: bool,
) -> None:
    if (out is None) != into_bundle:
        raise UserError("an export goes to a folder, --out, or --into-bundle: name one of them.")
    if format == "saved_model" and (quantize != "none" or into_bundle):
        raise UserError("--quantize and --into-bundle belong to --format tflite.")
    if into_bundle and quantize != "none":
        raise UserError(
            "--into-bundle takes no --quantize: the light predictor gives the engine's scores."
        )
    if quantize in _BY_IMAGES and not roots:
        raise UserError(
            f"--quantize {quantize} goes by real training images: give --data, best the "
            "dataset that the detector was trained on."
        )

"""Export a detector for other programs, and prove that it says there what it says here.

saved_model writes OUT/NAME/1/ (then 2, 3, ...), ready for TF Serving: the signature
serving_default takes whole image files, `pixels` takes squares. tflite writes OUT/NAME.tflite for
LiteRT; int8 sets its ranges by training images, so it needs --data. mixed makes the file for a
phone: each layer's weights get 8, 16 or 32 bits, so that --data's scores change least in --max-mb.
--into-bundle puts the tflite file into the bundle, where `dfd predict` uses it without TensorFlow.

Every export is compared with the engine on --images images (test images of --data, or rendered
pictures). Beyond the limits (score differences of 1e-5 for saved_model, 1e-4 for tflite, 1e-2 for
float16, dynamic and mixed, 3e-2 for int8; an AUC drop of 0.005 for mixed and int8) nothing is
written and the exit code is 1; with --allow-difference it is written nevertheless. parity.json
holds the figures.

Examples:
  dfd export --model amtenet --format saved_model --out served
  dfd export --model runs/mine --format tflite --quantize mixed --data my_faces --out phone
  dfd export --model runs/mine --format tflite --into-bundle
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dfd_tf.cli.options import add_model
from dfd_tf.cli.quiet import start_tensorflow
from dfd_tf.errors import UserError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_model(parser)
    parser.add_argument("--format", choices=("saved_model", "tflite"), required=True)
    parser.add_argument(
        "--quantize", choices=("none", "float16", "dynamic", "int8", "mixed"), default="none"
    )
    parser.add_argument(
        "--max-mb", type=float, default=4.0, help="largest file of mixed, in MB (default: 4)"
    )
    parser.add_argument("--data", action="append", default=[], help="dataset folder; repeatable")
    parser.add_argument(
        "--images", type=int, default=128, help="how many to prove parity on (default: 128)"
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, help="folder to write to")
    where.add_argument("--into-bundle", action="store_true", help="for the light predictor")
    parser.add_argument(
        "--allow-difference", action="store_true", help="keep it also beyond the limits"
    )


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.detectors.bundle import find_bundle, load_detector

    _check(options)
    folder = find_bundle(options.model)
    start_tensorflow()
    from dfd_tf.exporting.artefact import (
        Proof,
        export_into_bundle,
        export_saved_model,
        export_tflite,
    )
    from dfd_tf.exporting.sample import parity_sample, training_squares

    detector = load_detector(folder)
    show = not options.quiet
    sample = parity_sample(detector, options.data, options.images, progress=show)
    proof = Proof(detector, sample, options.allow_difference, progress=show)
    if options.format == "saved_model":
        return int(not export_saved_model(options.out, proof))
    if options.into_bundle:
        return int(not export_into_bundle(folder, proof))
    squares = training_squares(detector, options.data) if _needs_images(options) else None
    done = export_tflite(options.out, proof, options.quantize, squares, int(1e6 * options.max_mb))
    return int(not done)


def _check(options: argparse.Namespace) -> None:
    if options.format == "saved_model" and (options.quantize != "none" or options.into_bundle):
        raise UserError("--quantize and --into-bundle belong to --format tflite.")
    if options.into_bundle and options.quantize != "none":
        raise UserError(
            "--into-bundle takes no --quantize: the light predictor gives the engine's scores."
        )
    if _needs_images(options) and not options.data:
        raise UserError(
            f"--quantize {options.quantize} goes by real training images: give --data, best the "
            "dataset that the detector was trained on."
        )


def _needs_images(options: argparse.Namespace) -> bool:
    return options.quantize in ("int8", "mixed")

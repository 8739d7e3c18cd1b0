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
  dfd export --model efficientnet_lite0 --format saved_model --out served
  dfd export --model runs/mine --format tflite --quantize mixed --data my_faces --out phone
  dfd export --model runs/mine --format tflite --into-bundle
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dfd_tf.cli.options import add_datasets, add_model


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
    add_datasets(parser, required=False)
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
    from dfd_tf.api.export import export

    written = export(
        options.out,
        format=options.format,
        model=options.model,
        quantize=options.quantize,
        max_mb=options.max_mb,
        data=options.data,
        images=options.images,
        into_bundle=options.into_bundle,
        allow_difference=options.allow_difference,
        progress=not options.quiet,
    )
    return int(written is None)

"""Fit a detector's scores and thresholds to other photos; its weights stay.

A score is a probability, and a threshold keeps its rate of false alarms, on photos like those that
they were set on. This sets them anew on the split valid of --data and measures on the split test.
A set without splits is dealt to them as in the detector's training. The run folder --out gets the
bundle, metrics, plots and a report. A few hundred photos of each class are needed for thresholds
that mean something; the table of `dfd predict` and the model card say how many there were.

A threshold at 5 % wrongs at most 5 in 100 real photos of each source among --data: the source whose
photos look most fake sets it.

--video sets thresholds for `dfd video` on sets of videos: folders of real and fake,
FaceForensics++, Celeb-DF or DFDC. They are set on what decides on a video, its most suspicious
person; scores, and the thresholds for photos, stay.

Example:
  dfd calibrate --model efficientnet_lite0 --data my_faces --out my_detector
  dfd calibrate --model clip_vit --data 140k --data dfdc --map keep --out stricter
  dfd predict photo.jpg --model my_detector
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import get_args

from dfd_tf.cli.options import add_datasets, add_faces, add_model, add_split
from dfd_tf.config import CalibrationConfig

MAPS = (*get_args(CalibrationConfig.model_fields["map"].annotation), "keep")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_model(parser)
    add_faces(parser)
    add_datasets(parser)
    parser.add_argument("--video", action="store_true", help="--data are sets of videos")
    parser.add_argument("--out", type=Path, required=True, help="run folder")
    parser.add_argument(
        "--map",
        choices=MAPS,
        default="auto",
        help="from logits to probabilities (default: the best by cross-validation); keep: scores "
        "stay, only the thresholds are set anew",
    )
    add_split(parser)
    parser.add_argument(
        "--max-error",
        type=float,
        default=CalibrationConfig().max_error,
        help="share of the verdicts that may be wrong, and of any source's fakes that may be "
        "called real; the rest is inconclusive "
        f"(default: {CalibrationConfig().max_error})",
    )


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.api.calibrate import calibrate
    from dfd_tf.cli.train import summary

    metrics = calibrate(
        options.data,
        options.out,
        model=options.model,
        map=options.map,
        max_error=options.max_error,
        faces=options.faces,
        video=options.video,
        split=options.split,
        progress=not options.quiet,
    )
    print(summary("test", metrics))
    print(f"Report: {options.out / 'report.html'}   detector: {options.out / 'bundle'}")
    return 0

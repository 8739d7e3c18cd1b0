"""Photos rendered to clips that sway: what coding alone does to scores, and thresholds set on that.

Run from the repository root, with the extras lite and video:

    python -m benchmarks.coded_photos --data SET --data SET --real CLIPS --fake CLIPS

Each photo becomes a clip of three seconds that sways and zooms a little, in H.264 at one of four
rates, and is judged as `dfd video` judges. What this can show is the shift by coding, resampling
and the finding of faces. It cannot show motion, light, other cameras, or forgeries made for video.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from dfd_tf import DEFAULT_MODEL, load_detector, read_image
from dfd_tf.data.sets.examples import load_as_dealt
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.info import VideoLimits
from dfd_tf.progress import tracked
from dfd_tf.types import FAKE, REAL, Image
from dfd_tf.video.deciding.thresholds import VideoThresholds
from dfd_tf.video.files import videos_below
from dfd_tf.video.judge import judge_video, thresholds_of
from dfd_tf.video.measure import fit_on_videos
from dfd_tf.video.reading.samples import DEFAULT_RATE
from dfd_tf.video.writing.encode import Mp4

SECONDS, FPS = 3, 12
CRFS = (18, 23, 30, 37)  # from what cameras write to what messengers send on
MARGIN = 0.25  # of the side, on each side of the photo
SWAY, ZOOM = 0.04, 0.06


def swaying(photo: Image) -> Iterator[Image]:
    """Frames of a photo as a hand holds a camera before it; its edge is drawn out around it."""
    height, width = photo.shape[:2]
    size = tuple(round(side * (1 + 2 * MARGIN) / 2) * 2 for side in (width, height))
    for number in range(SECONDS * FPS):
        angle = 2 * np.pi * number / (SECONDS * FPS)
        zoom = 1 + ZOOM * np.sin(angle) ** 2
        across, down = SWAY * width * np.sin(angle), SWAY / 2 * height * np.sin(2 * angle)
        move = np.array(
            [
                [zoom, 0, size[0] / 2 - zoom * width / 2 + across],
                [0, zoom, size[1] / 2 - zoom * height / 2 + down],
            ]
        )
        frame = cv2.warpAffine(photo, move, size, flags=cv2.INTER_CUBIC, borderMode=1)
        yield np.asarray(frame, np.uint8)


def judged_as_clip(detector: Detector, path: str, crf: int, folder: Path) -> float:
    """The statistic that decides on a photo's clip, in log-odds; NaN where there is none."""
    clip = folder / "clip.mp4"
    with Mp4(clip, options={"crf": str(crf), "preset": "veryfast"}) as video:
        for number, frame in enumerate(swaying(read_image(path))):
            video.add(number / FPS, frame)
    result = judge_video(detector, clip)
    return result.estimate.value if result.estimate else np.nan


def drawn(options: argparse.Namespace, detector: Detector) -> pd.DataFrame:
    """As many photos of each source and class, each with the rate of its clip."""
    examples = load_as_dealt(options.data, detector.info.data)
    chosen = examples[examples.split == options.split]
    parts = [
        part.sample(min(len(part), options.photos), random_state=options.seed)
        for _, part in chosen.groupby(["source", "label"])
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(crf=[CRFS[i % len(CRFS)] for i in range(len(table))])


def measured(options: argparse.Namespace, detector: Detector) -> pd.DataFrame:
    """The photos with their own log-odds and those of their clips."""
    table = drawn(options, detector)
    paths = tracked(list(table.path), len(table), "photos")
    logits = [rows[0].logit for rows in detector.judgements(paths)]
    table["photo"] = np.asarray(detector.calibration.log_odds(np.array(logits)), float)
    with tempfile.TemporaryDirectory() as name:
        pairs = tracked(zip(table.path, table.crf, strict=True), len(table), "clips")
        table["logit"] = [judged_as_clip(detector, *pair, Path(name)) for pair in pairs]
    return table


def tell_shift(table: pd.DataFrame) -> None:
    """Print by rate what coding does to scores."""
    for crf, part in (*table.groupby("crf"), ("all", table)):
        if part.label.nunique() == 1:
            continue
        moved = (part.logit - part.photo).groupby(part.label).median()
        aucs = [roc_auc_score(part.label, part[column]) for column in ("photo", "logit")]
        print(
            f"CRF {crf}: n {len(part)}, log-odds move by {moved[REAL]:+.2f} (real) and "
            f"{moved[FAKE]:+.2f} (fake), AUC {aucs[0]:.3f} as photos, {aucs[1]:.3f} as clips"
        )


def tell_bands(table: pd.DataFrame, max_error: float, detector: Detector) -> None:
    """Print by source what the band as shipped does, and one that was set on all other sources."""
    for source, part in table.groupby("source"):
        others = limited(detector, table[table.source != source], max_error)
        for words, judge in (("as shipped", detector), ("set on the other sources", others)):
            limits = thresholds_of(judge)
            sides = "; ".join(sides_of(part, limits))
            print(f"{source}, band {words} ({limits.low:.2f}, {limits.high:.2f}): {sides}")


def sides_of(part: pd.DataFrame, limits: VideoThresholds) -> Iterator[str]:
    """How many clips of each class lie above and below a band."""
    for label, name in ((REAL, "real"), (FAKE, "fake")):
        values = part.logit[part.label == label]
        above, below = (values >= limits.high).sum(), (values < limits.low).sum()
        yield f"of {len(values)} {name} {above} above, {below} below"


def limited(detector: Detector, table: pd.DataFrame, max_error: float) -> Detector:
    """The detector with thresholds for videos that were set on judged clips."""
    calibration, level = fit_on_videos(table, max_error), thresholds_of(detector).level
    limits = VideoLimits(calibration=calibration, level=level, rate=DEFAULT_RATE, counts={})
    return replace(detector, info=detector.info.replace(video=limits))


def tell_clips(detectors: dict[str, Detector], folders: list[tuple[str, str]]) -> None:
    """Print what is said of real videos, by each detector's thresholds."""
    for truth, folder in folders:
        for path in videos_below(Path(folder)):
            for name, detector in detectors.items():
                result = judge_video(detector, path)
                value = result.estimate and [round(x, 2) for x in result.estimate]
                print(f"{path.name} ({truth}), {name}: {result.verdict} {value} {result.reason}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", action="append", required=True, help="folder of a set of photos")
    parser.add_argument("--real", action="append", default=[], help="folder of real videos")
    parser.add_argument("--fake", action="append", default=[], help="folder of forged videos")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--split", default="valid_own")
    parser.add_argument("--photos", type=int, default=60, help="of each source and class")
    parser.add_argument("--max-error", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", help="CSV to write, of what was measured")
    options = parser.parse_args()
    detector = load_detector(options.model)
    table = measured(options, detector)
    if options.table:
        table.to_csv(options.table, index=False)
    table = table.dropna(subset=["photo", "logit"])
    tell_shift(table)
    if table.source.nunique() > 1:
        tell_bands(table, options.max_error, detector)
    fitted = limited(detector, table, options.max_error)
    print("thresholds for videos:", thresholds_of(fitted), "for photos:", thresholds_of(detector))
    folders = [("real", f) for f in options.real] + [("fake", f) for f in options.fake]
    tell_clips({"as shipped": detector, "set on coded photos": fitted}, folders)


if __name__ == "__main__":
    main()

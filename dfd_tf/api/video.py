"""Videos judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dfd_tf import DEFAULT_MODEL
from dfd_tf.api.arguments import Model
from dfd_tf.api.detectors import load_detector
from dfd_tf.api.sound import SoundModel, sound_detector
from dfd_tf.detectors.bundle import Engine
from dfd_tf.detectors.detector import Detector
from dfd_tf.errors import UserError
from dfd_tf.reporter import Reporter

if TYPE_CHECKING:
    from dfd_tf.video.live import LiveJudge

DEFAULT_RATE = 4.0
HIGHEST_RATE = 120.0


def judge_video(
    path: str | Path,
    out: str | Path | None = None,
    *,
    model: Model = DEFAULT_MODEL,
    rate: float = DEFAULT_RATE,
    annotate: bool = False,
    frames: bool = False,
    lips: bool = False,
    sound: SoundModel = None,
    engine: Engine = "auto",
    progress: bool = False,
) -> dict[str, Any]:
    """Judge a video: who is in it, when a face looks forged, and how sure that is.

    Args:
        path: of the video.
        out: folder for verdict.json, tracks.csv, frames.csv, segments.csv and the page video.html;
            None writes nothing.
        model: the detector.
        rate: frames a second to look at.
        annotate: write annotated.mp4, a copy with boxes, verdicts and the sound, too.
        frames: write the faces as they were judged into the folder faces, too.
        lips: measure how far the sound comes after the lips, see `dfd_tf.audio.offset`; a figure
            of its own, which decides nothing.
        sound: judge its sound as well, by this detector of speech, or by the shipped one if True;
            a verdict of its own, experimental, which does not change that of the video.
        engine: see `load_detector`.
        progress: show a progress bar.

    Returns:
        Content of verdict.json: the verdict (real, fake, inconclusive, not applicable or error)
        with its reason, P(fake) with a 95 % interval, the thresholds that were used and what they
        were set on, and the same for each person with the stretches that look forged. With `sound`
        the row of `dfd audio` and what both tell together, see docs/video.md.

    Raises:
        UserError: no such file or detector, or a detector that does not know faces in photos, or
            one of `sound` that judges images; or something is to be written and there is no folder
            for it.
    """
    detector = model if isinstance(model, Detector) else load_detector(model, engine=engine)
    judged = judge_videos(
        [path],
        out,
        detector=detector,
        rate=rate,
        annotate=annotate,
        frames=frames,
        lips=lips,
        sound=sound_detector(sound, engine),
        reporter=Reporter(quiet=not progress),
    )
    return next(judged)


@contextmanager
def live_judge(
    source: str, *, detector: Detector, paced: bool = False, record: bool = False
) -> Iterator[LiveJudge]:
    """A camera or a stream that is open while the block runs; its `moments` are to be taken.

    Args:
        source: number of a camera, its device, or the address of a stream.
        detector: that scores faces.
        paced: `source` is a file, to be read as if it were a camera.
        record: remember everything, not only the last two minutes.

    Raises:
        UserError: nothing answers there.
    """
    from dfd_tf.video.live import LiveJudge, Paced, open_live
    from dfd_tf.video.reading.stream import Video
    from dfd_tf.video.reading.unusable import UnusableVideo

    try:
        video = Video(source) if paced else open_live(source)
    except UnusableVideo as error:
        raise UserError(f"{source} {error.reason}.") from None
    with video:
        read = Paced(video) if paced else video
        yield LiveJudge(detector, source, read, record=record)


def judge_videos(
    paths: Sequence[str | Path],
    out: str | Path | None,
    *,
    detector: Detector,
    rate: float = DEFAULT_RATE,
    annotate: bool = False,
    frames: bool = False,
    lips: bool = False,
    sound: Detector | None = None,
    resume: bool = False,
    reporter: Reporter,
) -> Iterator[dict[str, Any]]:
    """Judge videos and folders of them one after the other: the content of each verdict.json.

    Args:
        paths: files and folders.
        out: folder for the results: of several videos, each in a folder of its own.
        detector: that scores faces.
        rate: frames a second to look at.
        annotate: see `judge_video`.
        frames: see `judge_video`.
        lips: see `judge_video`.
        sound: the detector of speech that judges the sound, see `sound_detector`; None lets it be.
        resume: take over the verdicts that are in `out` already.
        reporter: what shows how far each video has come.

    Raises:
        UserError: see `judge_video`; no videos, or a rate that is none.
    """
    if not 0 < rate <= HIGHEST_RATE:
        raise UserError(f"the rate is {rate}: expected more than 0 and at most {HIGHEST_RATE:.0f}.")
    if out is None and (annotate or frames):
        raise UserError("a copy with boxes and faces as files need a folder: name one with --out.")
    from dfd_tf.video.files import judged_by, read_verdict, tasks_of, write_results
    from dfd_tf.video.judge import judge_video as judge
    from dfd_tf.video.judge import nothing
    from dfd_tf.video.lips import offset_in
    from dfd_tf.video.reading.progress import progress_through
    from dfd_tf.video.sound import judge_sound, with_sound
    from dfd_tf.video.writing.crops import CropWriter

    for task in tasks_of(paths):
        folder = None if out is None else Path(out) / task.name
        kept = read_verdict(folder, task.path, detector, rate, sound) if resume and folder else None
        if kept:
            yield kept
            continue
        heard = judge_sound(sound, task.path) if sound else None
        with progress_through(task.path, reporter) as progress:
            seen = CropWriter(folder) if folder and frames else nothing
            result = judge(detector, task.path, rate=rate, seen=seen, progress=progress)
        if lips:
            result = replace(result, lips=offset_in(task.path))
        if sound and heard:
            result = with_sound(result, heard, sound, detector)
        if folder:
            write_results(folder, result, detector, annotate=annotate)
        yield result.as_dict() | {"detector": judged_by(detector)}

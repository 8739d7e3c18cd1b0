"""Judge videos: who is in them, when a face looks forged, and how sure that is.

A PATH is a video file or a folder (all videos below it). Four frames a second are looked at
(--rate). Faces are followed through each shot, scored as `dfd predict` scores photos, and each
person is judged by all of their frames together, or by the stretch that looks most forged, with a
95 % interval. The video's verdict is that of its most suspicious person: real, fake, inconclusive,
or not applicable (no face, too small, too short). A file that cannot be judged keeps its row, with
the reason; the exit code is then 1.

--out gets verdict.json, tracks.csv (persons), frames.csv, segments.csv and video.html, a page with
a timeline for each person; of several videos each has a folder of its own there. --resume leaves
out those that have their verdict already.

--annotate adds annotated.mp4, a copy with boxes, verdicts and the sound; --frames the faces as they
were judged. --demo renders a clip of two sitters, one of whom a generator replaces for three
seconds, and judges it by the shipped detector that knows such pictures: nothing is downloaded.

--sound judges what is said in it, too, as `dfd audio` does, by the shipped detector of speech
(--sound-model names another). EXPERIMENTAL: the sound has a verdict of its own, on a line of its
own, and never changes that of the video. verdict.json and the page also tell what both say
together: the probability from the sum of their log-likelihood ratios, in which a modality without a
score counts for nothing.

A camera (0, /dev/video0) or the address of a stream (rtsp://...) is watched until Ctrl-C: the
newest frame is judged, older ones that were not reached are dropped. A line tells how it stands for
each person, how many frames a second were analysed, how many dropped, and how old the verdict is.
--record writes at the end what --out gets of a file.

Thresholds of a detector that was calibrated on photos are widened for videos, whose compression
shifts scores; verdict.json, the page and this command say so.

Examples:
  dfd video --demo
  dfd video clip.mp4 --out clip
  dfd video clip.mp4 --sound --out clip
  dfd video interviews/ --out verdicts --format csv
  dfd video interviews/ --out verdicts --resume
  dfd video 0 --record --out meeting
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dfd_tf import SPEECH_MODEL
from dfd_tf.cli.judgements import WRITERS, Row, as_screen
from dfd_tf.cli.options import add_engine, add_model
from dfd_tf.cli.sound_of_video import EXPERIMENTAL, sound_row
from dfd_tf.errors import UserError

if TYPE_CHECKING:
    from dfd_tf.detectors.detector import Judgement

DEMO_OUT = Path("dfd_video_demo")
UNJUDGED = ("error", "not applicable")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="video, folder, camera, address")
    parser.add_argument("--demo", action="store_true", help=f"without a PATH; --out: {DEMO_OUT}")
    add_model(parser)
    add_engine(parser)
    parser.add_argument(
        "--rate", type=float, default=4.0, help="frames a second to look at (default: 4)"
    )
    parser.add_argument("--format", choices=tuple(WRITERS), default="table")
    parser.add_argument("--out", type=Path, help="folder for verdict, tables and page")
    parser.add_argument("--annotate", action="store_true", help="write a copy with boxes")
    parser.add_argument("--frames", action="store_true", help="write the faces as they were judged")
    parser.add_argument(
        "--lips", action="store_true", help="tell how far the sound comes after the lips"
    )
    parser.add_argument(
        "--sound", action="store_true", help="judge the sound, too, on its own (experimental)"
    )
    parser.add_argument(
        "--sound-model",
        metavar="MODEL",
        help=f"the detector of speech for it (default: {SPEECH_MODEL}); implies --sound",
    )
    parser.add_argument("--live", action="store_true", help="read a file as if it were a camera")
    parser.add_argument(
        "--seconds", type=float, help="stop watching a camera or stream after so many"
    )
    parser.add_argument(
        "--record", action="store_true", help="write what a camera or stream showed to --out"
    )
    parser.add_argument(
        "--resume", action="store_true", help="leave out videos that --out has the verdict of"
    )


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.api.detectors import load_detector
    from dfd_tf.api.sound import sound_detector
    from dfd_tf.api.video import judge_videos
    from dfd_tf.cli.live import watch_live
    from dfd_tf.reporter import Reporter
    from dfd_tf.video.live import is_live

    if options.resume and options.out is None:
        raise UserError("--resume goes on with the folder of an --out.")
    if len(options.paths) == 1 and (options.live or is_live(options.paths[0])):
        _refuse_sound(options)
        return watch_live(options, load_detector(options.model, engine=options.engine))
    if options.demo:
        _prepare_demo(options)
    elif not options.paths:
        raise UserError("name a video or a folder of videos, or try --demo.")
    sound = sound_detector(options.sound_model or options.sound, options.engine)
    verdicts = _Counted(
        judge_videos(
            options.paths,
            options.out,
            detector=load_detector(options.model, engine=options.engine),
            rate=options.rate,
            annotate=options.annotate,
            frames=options.frames,
            lips=options.lips,
            sound=sound,
            resume=options.resume,
            reporter=Reporter(quiet=options.quiet, to_stderr=True),
        )
    )
    for text in _writer(options.format)(verdicts):
        sys.stdout.write(text)
        sys.stdout.flush()
    if not options.quiet:
        _tell(verdicts, options.out)
    return int(any(verdicts.counts[verdict] for verdict in UNJUDGED))


def _refuse_sound(options: argparse.Namespace) -> None:
    if options.sound or options.sound_model:
        raise UserError("a camera or stream is watched without its sound: leave --sound out.")


def _prepare_demo(options: argparse.Namespace) -> None:
    """Render the clip, and judge it as if it had been named.

    Raises:
        UserError: a video is named, too.
    """
    from dfd_tf.video.demo import render_demo

    if options.paths:
        raise UserError("--demo judges its own clip: leave the PATH out.")
    options.out = options.out or DEMO_OUT
    options.paths, options.model = [render_demo(options.out)], "demo"


class _Counted:
    """Verdicts as rows of the one schema of judgements, and counted."""

    def __init__(self, verdicts: Iterable[dict[str, Any]]) -> None:
        self.verdicts = verdicts
        self.counts: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Sequence[Row]]:
        for verdict in self.verdicts:
            self.counts[verdict["verdict"]] += 1
            self.notes.update(verdict["notes"])
            if "sound" in verdict:
                self.notes[EXPERIMENTAL] += 1
                yield [_row(verdict), sound_row(verdict["sound"])]
            else:
                yield [_row(verdict)]


def _row(verdict: dict[str, Any]) -> Judgement:
    from dfd_tf.detectors.detector import Judgement

    score = math.nan if verdict["score"] is None else verdict["score"]
    reason = verdict["reason"] or _forged_when(verdict)
    return Judgement(verdict["path"], score, verdict["verdict"], reason, math.nan)


def _forged_when(verdict: dict[str, Any]) -> str:
    """Who looks forged, and when, in words."""
    return "; ".join(
        f"person {person['person']} from {part['start']:.1f} to {part['end']:.1f} s"
        for person in verdict["persons"]
        for part in person["segments"]
    )


def _writer(form: str) -> Any:
    return as_screen if form == "table" and sys.stdout.isatty() else WRITERS[form]


def _tell(verdicts: _Counted, out: Path | None) -> None:
    counts = ", ".join(f"{n:,} {verdict}" for verdict, n in verdicts.counts.most_common())
    print(counts, file=sys.stderr)
    for note in verdicts.notes:
        print(note, file=sys.stderr)
    if out is not None:
        print(f"Verdicts, tables and pages: {out}", file=sys.stderr)

"""`dfd video` on a camera or a stream: a line that tells how it stands, until one has enough."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dfd_tf.errors import UserError

if TYPE_CHECKING:
    from dfd_tf.detectors.detector import Detector
    from dfd_tf.video.live import LiveJudge, Moment
    from dfd_tf.video.result import Person, VideoResult

LINE_EVERY = 0.2  # seconds, on a terminal
LINE_IN_LOG_EVERY = 5.0
MOST_PERSONS = 4  # on the line, those who were seen last


def watch_live(options: argparse.Namespace, detector: Detector) -> int:
    """Judge a source until it ends, --seconds have passed, or Ctrl-C is pressed.

    Raises:
        UserError: nothing answers there, or there is no folder to record into.
    """
    from dfd_tf.api.video import live_judge

    if options.record and options.out is None:
        raise UserError("--record needs a folder: name one with --out.")
    (source,) = options.paths
    with live_judge(
        str(source), detector=detector, paced=options.live, record=options.record
    ) as judge:
        _show(judge, options.seconds, quiet=options.quiet)
    print(f"{judge.result.verdict}  {_persons(judge.result)}".rstrip())
    if options.record:
        _record(options.out, judge.result, detector)
    return 0


def _show(judge: LiveJudge, seconds: float | None, *, quiet: bool) -> None:
    on_terminal = sys.stderr.isatty()
    every = LINE_EVERY if on_terminal else LINE_IN_LOG_EVERY
    told = float("-inf")
    try:
        for moment in _until(judge.moments(), seconds):
            if not quiet and time.monotonic() - told >= every:
                told = time.monotonic()
                before, after = ("\r\033[K", "") if on_terminal else ("", "\n")
                print(f"{before}{_line(moment)}", end=after, file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        if on_terminal and not quiet:
            print(file=sys.stderr)
    judge.conclude()


def _until(moments: Iterator[Moment], seconds: float | None) -> Iterator[Moment]:
    begun = time.monotonic()
    for moment in moments:
        yield moment
        if seconds is not None and time.monotonic() - begun >= seconds:
            return


def _line(moment: Moment) -> str:
    figures = f"{moment.fps:.1f} frames/s, {moment.dropped} dropped, {moment.age * 1000:.0f} ms old"
    persons = _persons(moment.result) or "nobody yet"
    return f"{moment.result.verdict}  {persons}  [{figures}]"


def _persons(result: VideoResult) -> str:
    lately = sorted(result.persons, key=lambda person: person.sights[-1].time)[-MOST_PERSONS:]
    return ", ".join(map(_person, lately))


def _person(person: Person) -> str:
    from dfd_tf.video.deciding.verdict import as_score

    told, found = f"{person.number}: {person.ruling.verdict}", person.ruling.estimate
    if found is None:
        return told
    score, low, high = map(as_score, found)
    return f"{told} {score:.2f} ({low:.2f} to {high:.2f})"


def _record(out: Path, result: VideoResult, detector: Detector) -> None:
    from dfd_tf.video.files import write_results

    write_results(out, result, detector)
    print(f"Verdict, tables and page: {out}", file=sys.stderr)

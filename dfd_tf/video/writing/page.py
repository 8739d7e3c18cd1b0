"""One page a video: the verdict, a timeline for each person, and one for the sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from dfd_tf.audio.reading import NO_SOUND
from dfd_tf.detectors.recordings import RecordingJudgement
from dfd_tf.reporting.page import write_page
from dfd_tf.reporting.style import inline_svg
from dfd_tf.reporting.tables import flat
from dfd_tf.video.deciding.verdict import GRADES
from dfd_tf.video.people.pictures import Picture
from dfd_tf.video.result import Person, SoundJudge, VideoResult, scores_of
from dfd_tf.video.writing.sound_track import sound_track
from dfd_tf.video.writing.timeline import timeline
from dfd_tf.video.writing.waveform import Waveform, waveform_of

PAGE = "video.html"


class _Stretch(NamedTuple):
    """A segment as the page shows it, with the pictures out of it."""

    anchor: str
    start: float
    end: float
    score: dict[str, float | None]
    pictures: list[Picture]


class _Section(NamedTuple):
    """A person as the page shows them."""

    person: Person
    score: dict[str, float | None]
    figure: Markup
    stretches: list[_Stretch]


class _Sound(NamedTuple):
    """The sound as the page shows it."""

    judgement: RecordingJudgement
    judge: SoundJudge
    tag: str
    score: dict[str, float | None]
    figure: Markup | None


def write_video_page(path: Path, result: VideoResult, judge: dict[str, Any]) -> None:
    """Write the page of a judged video.

    Args:
        path: of the HTML file.
        result: the judged video.
        judge: which detector judged.
    """
    shown = result.most_suspicious
    write_page(
        path,
        "video/writing/video.html.j2",
        title=Path(result.path).name or result.path,
        result=result,
        score=scores_of(result.estimate),
        grade=GRADES[result.verdict],
        thresholds=result.thresholds.as_scores(result.judged),
        sections=[_section(person, result) for person in shown],
        left_out=len(result.persons) - len(shown),
        sound=_sound(result),
        together=_of_both(result),
        provenance=flat({"video": _facts(result), "detector": judge} | _heard_by(result)),
    )


def _section(person: Person, result: VideoResult) -> _Section:
    figure = timeline(person, result.thresholds, result.judged, result.seconds)
    stretches = [
        _Stretch(
            f"person-{person.number}-{number}",
            segment.start,
            segment.end,
            scores_of(estimate),
            [p for p in person.suspicious if segment.start <= p.time <= segment.end],
        )
        for number, (segment, estimate) in enumerate(person.segments, start=1)
    ]
    svg = Markup(inline_svg(figure, f"person{person.number}"))
    return _Section(person, scores_of(person.ruling.estimate), svg, stretches)


def _sound(result: VideoResult) -> _Sound | None:
    said, judge = result.sound, result.sound_by
    if said is None or judge is None:
        return None
    tag = "no sound" if said.reason.startswith(NO_SOUND) else said.verdict
    low, high = said.interval or (None, None)
    score = {"score": said.rounded, "low": low, "high": high}
    wave = waveform_of(result.path)
    return _Sound(said, judge, tag, score, wave and _track(result, said, judge, wave))


def _of_both(result: VideoResult) -> float | None:
    """What picture and sound say together, where both say something."""
    found = result.together
    return found.score if found and None not in found else None


def _track(
    result: VideoResult, said: RecordingJudgement, judge: SoundJudge, wave: Waveform
) -> Markup:
    """The figure: as long as the persons' timelines or, where there are none, as the sound."""
    seconds = result.seconds if result.persons else max(result.seconds, wave.ends)
    return Markup(inline_svg(sound_track(said, judge, wave, seconds), "sound"))


def _heard_by(result: VideoResult) -> dict[str, Any]:
    return {"sound detector": result.sound_by.as_dict()} if result.sound_by else {}


def _facts(result: VideoResult) -> dict[str, Any]:
    said = vars(result.facts) if result.facts else {}
    looked = {"frames looked at": result.frames, "a second": result.rate, "shots": result.shots}
    return {"file": result.path} | {k: v for k, v in said.items() if v is not None} | looked

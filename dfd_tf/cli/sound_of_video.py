"""The row that `dfd video --sound` writes of a video's sound, below that of the video."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dfd_tf.detectors.recordings import RecordingJudgement

MARK = "sound, experimental"
EXPERIMENTAL = "The verdict on the sound is experimental and changes no other (docs/audio.md)."


def sound_row(row: dict[str, Any]) -> RecordingJudgement:
    """The sound's row of verdict.json as a judgement, whose reason says that it is of the sound."""
    from dfd_tf.detectors.recordings import RecordingJudgement, WindowScore

    return RecordingJudgement(
        row["path"],
        math.nan if row["score"] is None else row["score"],
        row["verdict"],
        f"{MARK}: {row['reason']}" if row["reason"] else MARK,
        row["interval"] and tuple(row["interval"]),
        tuple(WindowScore(**window) for window in row["windows"]),
    )

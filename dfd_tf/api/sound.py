"""The detector of a video's sound."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from dfd_tf import SPEECH_MODEL
from dfd_tf.api.arguments import Model
from dfd_tf.api.detectors import load_detector
from dfd_tf.detectors.bundle import Engine
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.locate import find_bundle
from dfd_tf.errors import UserError

SoundModel = Model | bool | None  # True: the shipped detector of speech; None or False: no sound


def sound_detector(model: SoundModel, engine: Engine = "auto") -> Detector | None:
    """The detector that judges the sound of videos; None where it is not to be judged.

    Raises:
        UserError: there is no such detector, or it judges images.
    """
    if model is None or model is False:
        return None
    detector = model if isinstance(model, Detector) else _loaded(model, engine)
    _ = detector.hearing  # refuses one of images
    return detector


def _loaded(model: str | Path | Literal[True], engine: Engine) -> Detector:
    name = SPEECH_MODEL if model is True else model
    try:
        find_bundle(name)
    except UserError:
        raise UserError(
            f"No detector of speech at {str(name)!r}: name a bundle or run folder of one with "
            "--sound-model, see docs/audio.md."
        ) from None
    return load_detector(name, engine=engine)

"""Tell whether a face image is real or fake, how surely, and where it shows.

Importing this package imports nothing else: each name below is fetched when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from dfd_tf.api.audit import audit
    from dfd_tf.api.calibrate import calibrate
    from dfd_tf.api.detectors import list_detectors, load_detector, register
    from dfd_tf.api.evaluate import evaluate
    from dfd_tf.api.explain import explain
    from dfd_tf.api.export import export
    from dfd_tf.api.predict import predict
    from dfd_tf.api.robustness import robustness
    from dfd_tf.api.train import train
    from dfd_tf.api.video import judge_video
    from dfd_tf.data.images.decode import read_image
    from dfd_tf.data.sets.choices import Choices, Datasets
    from dfd_tf.detectors.detector import Detector
    from dfd_tf.detectors.locate import list_models

__version__ = "0.1.0"

DEFAULT_MODEL = "efficientnet_lite0"  # the shipped detector that is used where none is named
SPEECH_MODEL = "speech"  # likewise, of sound

__all__ = [
    "DEFAULT_MODEL",
    "Choices",
    "Datasets",
    "Detector",
    "__version__",
    "audit",
    "calibrate",
    "evaluate",
    "explain",
    "export",
    "judge_video",
    "list_detectors",
    "list_models",
    "load_detector",
    "predict",
    "read_image",
    "register",
    "robustness",
    "train",
]

_HOMES = {
    "Choices": "dfd_tf.data.sets.choices",
    "Datasets": "dfd_tf.data.sets.choices",
    "Detector": "dfd_tf.detectors.detector",
    "audit": "dfd_tf.api.audit",
    "calibrate": "dfd_tf.api.calibrate",
    "evaluate": "dfd_tf.api.evaluate",
    "explain": "dfd_tf.api.explain",
    "export": "dfd_tf.api.export",
    "judge_video": "dfd_tf.api.video",
    "list_detectors": "dfd_tf.api.detectors",
    "list_models": "dfd_tf.detectors.locate",
    "load_detector": "dfd_tf.api.detectors",
    "predict": "dfd_tf.api.predict",
    "read_image": "dfd_tf.data.images.decode",
    "register": "dfd_tf.api.detectors",
    "robustness": "dfd_tf.api.robustness",
    "train": "dfd_tf.api.train",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__

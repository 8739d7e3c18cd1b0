"""Detectors by name: loaded, listed, entered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dfd_tf import DEFAULT_MODEL
from dfd_tf.backend import start_keras
from dfd_tf.detectors import bundle
from dfd_tf.detectors.bundle import Engine
from dfd_tf.detectors.detector import Detector


def load_detector(where: str | Path = DEFAULT_MODEL, *, engine: Engine = "auto") -> Detector:
    """Load a detector, on the engine that the machine has.

    Args:
        where: bundle folder, run folder or the name of a shipped detector, see `list_models`.
        engine: "lite" for the bundle's LiteRT file, which needs no TensorFlow and whose scores
            differ by 1e-4 at most; "keras"; "auto" for "lite" where the bundle has that file and
            the machine its runtime, else "keras".

    Returns:
        Its `score` takes RGB arrays, its `judge` takes files.

    Raises:
        UserError: no detector is there, it was written by a newer version, its files are not those
            that it names, or what it needs is not installed.
    """
    chosen = bundle.choose_engine(where, engine)
    if chosen == "keras":
        start_keras()
    return bundle.load_detector(where, engine=chosen)


def list_detectors() -> list[str]:
    """Names of the architectures that can be trained, sorted; `dfd models` says more of them."""
    start_keras()
    from dfd_tf.models import list_detectors as names

    return names()


def register(name: str, **record: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter the decorated function, which builds a network, among the architectures.

    Args:
        name: what a configuration calls it.
        record: what a user must know of it, see `dfd_tf.models.registry.register`.

    Raises:
        ValueError: the name is taken.
    """
    start_keras()
    from dfd_tf.models import register as enter

    return enter(name, **record)

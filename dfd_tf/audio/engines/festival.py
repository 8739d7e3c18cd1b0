"""Festival with a voice of hidden Markov models."""

from __future__ import annotations

from pathlib import Path

from dfd_tf.audio.engines.programs import program, spoken
from dfd_tf.audio.engines.record import Engine, Order
from dfd_tf.audio.reading import Samples

_INSTALL = "apt-get install festival festvox-us-slt-hts"
_VOICE = "cmu_us_slt_arctic_hts"


def _missing() -> str:
    has_voice = any(Path("/usr/share/festival/voices").glob(f"*/{_VOICE}"))
    return "" if program("text2wave") and has_voice else _INSTALL


def _speak(order: Order) -> Samples:
    speed = order.rng.uniform(0.8, 1.15)
    scheme = (
        f"(begin (voice_{order.voice}) "
        f'(set! hts_engine_params (cons (list "-r" {speed:.3f}) hts_engine_params)))'
    )
    return spoken(lambda wav: ("text2wave", "-eval", scheme, "-o", wav), order.text)


RECORDS = (
    Engine(
        "festival",
        "hidden Markov models",
        _speak,
        _missing,
        voices=(_VOICE,),
    ),
)

"""espeak-ng: formants by rule. A program under the GPL, which is run and not linked."""

from __future__ import annotations

from dfd_tf.audio.engines.programs import needs_programs, spoken
from dfd_tf.audio.engines.record import Engine, Order
from dfd_tf.audio.reading import Samples


def _speak(order: Order) -> Samples:
    words_a_minute = order.rng.integers(130, 190)
    pitch = order.rng.integers(25, 75)
    return spoken(
        lambda wav: (
            *("espeak-ng", "-v", order.voice, "-s", str(words_a_minute), "-p", str(pitch)),
            *("-w", wav, order.text),
        )
    )


RECORDS = (
    Engine(
        "espeak-ng",
        "formants by rule",
        _speak,
        needs_programs("apt-get install espeak-ng", "espeak-ng"),
        voices=("en-us", "en-us+f2", "en-us+f4", "en-us+m3", "en-gb", "en-gb+f3", "en-gb+m7"),
    ),
)

"""Flite: speech from statistical parameters, and of one voice from joined diphones."""

from __future__ import annotations

from dfd_tf.audio.engines.programs import needs_programs, spoken
from dfd_tf.audio.engines.record import Engine, Order
from dfd_tf.audio.reading import Samples


def _speak(order: Order) -> Samples:
    slower = order.rng.uniform(0.85, 1.25)
    return spoken(
        lambda wav: (
            *("flite", "-voice", order.voice, "--setf", f"duration_stretch={slower:.3f}"),
            *("-t", order.text, "-o", wav),
        )
    )


RECORDS = (
    Engine(
        "flite",
        "statistical parameters, and diphones",
        _speak,
        needs_programs("apt-get install flite", "flite"),
        voices=("slt", "rms", "awb", "kal16"),  # those that speak at 16 kHz
    ),
)

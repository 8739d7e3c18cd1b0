"""All degradations of sound there are; the record is that of images."""

from __future__ import annotations

from dfd_tf.audio.reading import Samples
from dfd_tf.data.batches.degradations.record import Degradation
from dfd_tf.records import Registry

SOUND_DEGRADATIONS: Registry[Degradation[Samples]] = Registry(
    Degradation,
    package="dfd_tf.audio.degradations",
    group="dfd_tf.sound_degradations",
    first=("codecs", "noise", "reverberation", "band", "gain"),
)

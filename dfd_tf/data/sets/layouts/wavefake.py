"""WaveFake: sentences of LJSpeech and JSUT through vocoders, beside the recordings themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.folders.class_folders import ClassFolder
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.layouts.record import Layout, Recognised
from dfd_tf.types import FAKE, REAL

_VOCODER = re.compile(
    r"(?:ljspeech|jsut)_((?:full_band_|multi_band_)?melgan(?:_large)?|parallel_wavegan|hifiGAN"
    r"|waveglow)|(common_voices_prompts_from_conformer_fastspeech2_pwg_ljspeech)",
    re.IGNORECASE,
)
_REAL = re.compile(r"LJSpeech-1\.1|jsut_ver1\.1", re.IGNORECASE)
_SENTENCE = re.compile(r"(.+?)(?:_gen(?:erated)?)?")


def _recognise(folder: Folder) -> Recognised | None:
    parts = list(_parts(folder))
    if {part.label for part in parts} != {REAL, FAKE}:
        return None
    return Recognised(parts, annotate=_annotated)


def _parts(folder: Folder) -> Iterator[ClassFolder]:
    """What stands directly in a folder, or in generated_audio/ and another one of reals in it."""
    for child in [*folder.folders, *(inner for each in folder.folders for inner in each.folders)]:
        if _VOCODER.fullmatch(child.name):
            yield ClassFolder(child, FAKE, "")
        elif _REAL.fullmatch(child.name):
            yield ClassFolder(child, REAL, "")


def _annotated(table: pd.DataFrame) -> pd.DataFrame:
    """A sentence and all its copies belong together; each vocoder is a source."""
    vocoders = [_VOCODER.fullmatch(Path(folder).name) for folder in table["folder"]]
    sentences = [_SENTENCE.fullmatch(Path(path).stem) for path in table["path"]]
    return table.assign(
        group=[found[1] if found else "" for found in sentences],
        own_source=[found[1] or found[2] if found else "wavefake" for found in vocoders],
    )


RECORDS = (
    Layout(
        "wavefake",
        "generated_audio/{ljspeech,jsut}_{melgan,waveglow,...} beside LJSpeech-1.1/ or "
        "jsut_ver1.1/ (WaveFake)",
        _recognise,
        terms="WaveFake: CC BY-SA 4.0; JSUT and LJSpeech under terms of their own.",
        rank=20,
        takes="sound",
    ),
)

"""ASVspoof 2019, 2021 and 5: folders of FLAC files, and protocols that say what each of them is.

Lines of a protocol are words: who speaks, which file, what made it, whether it is bona fide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dfd_tf.data.sets.folders.class_folders import ClassFolder
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.data.sets.layouts.record import Layout, Recognised
from dfd_tf.types import FAKE, REAL

_KEYS = {"bonafide": REAL, "spoof": FAKE}
_SPLITS = {"train": "train", "dev": "valid", "eval": "test"}


@dataclass(frozen=True)
class _Edition:
    """One of the challenges.

    Attributes:
        name: of the layout.
        beside: what the folder of the set holds, by name, directly inside.
        protocols: where in it they lie, as patterns.
        file: the name of a protocol, with the split in its first group where it says one.
        attack: which word of a line names what made the file.
        key: which word says whether it is bona fide.
    """

    name: str
    beside: re.Pattern[str]
    protocols: tuple[str, ...]
    file: re.Pattern[str]
    attack: int
    key: int


_2019 = _Edition(
    "asvspoof2019",
    re.compile(r"ASVspoof2019_(LA|PA)_cm_protocols"),
    ("ASVspoof2019_??_cm_protocols/*.txt",),
    re.compile(r"ASVspoof2019\.(?:LA|PA)\.cm\.(train|dev|eval)\.tr[nl]\.txt"),
    attack=3,
    key=4,
)
_2021 = _Edition(
    "asvspoof2021",
    re.compile(r"ASVspoof2021_(LA|DF|PA)_eval(_part\d\d)?"),
    ("keys/CM/*", "keys/*/CM/*", "*/keys/CM/*", "*/keys/*/CM/*"),
    re.compile(r"trial_metadata\.txt"),
    attack=4,
    key=5,
)
_5 = _Edition(
    "asvspoof5",
    re.compile(r"flac_(T|D|E_eval)"),
    ("*.tsv", "*/*.tsv"),
    re.compile(r"ASVspoof5\.(train|dev|eval)(?:\.track_1)?\.tsv"),
    attack=7,
    key=8,
)


def _reader(edition: _Edition) -> Callable[[Folder], Recognised | None]:
    def recognise(folder: Folder) -> Recognised | None:
        if not any(edition.beside.fullmatch(child.name) for child in folder.folders):
            return None
        paths = [path for where in edition.protocols for path in sorted(folder.path.glob(where))]
        used = [path for path in paths if edition.file.fullmatch(path.name)]
        trials = pd.concat([pd.DataFrame(columns=_COLUMNS), *(_trials(p, edition) for p in used)])
        parts = list(_parts(folder, trials))
        if {part.label for part in parts} != {REAL, FAKE}:
            return None
        return Recognised(
            parts,
            annotate=lambda table: _annotated(table, trials, edition.name),
            used=frozenset(used),
        )

    return recognise


_COLUMNS = ("name", "speaker", "attack", "label", "split")


def _trials(path: Path, edition: _Edition) -> pd.DataFrame:
    """The lines of a protocol that say of a file whether it is bona fide."""
    named = edition.file.fullmatch(path.name)
    split = _SPLITS[named[1]] if named and named.groups() else "test"
    rows = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        words = line.split()
        if len(words) > edition.key and words[edition.key] in _KEYS:
            label = _KEYS[words[edition.key]]
            rows.append((words[1], words[0], words[edition.attack], label, split))
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _parts(folder: Folder, trials: pd.DataFrame) -> Iterator[ClassFolder]:
    """The files of each class and split in each folder that holds some."""
    named = {
        (label, split): frozenset(
            trials["name"][(trials["label"] == label) & (trials["split"] == split)]
        )
        for label in (REAL, FAKE)
        for split in _SPLITS.values()
    }
    for place in folder.walk():
        here = {image.path.stem for image in place.images}
        for (label, split), names in named.items():
            if found := here & names:
                yield ClassFolder(place, label, split, only_loose=True, names=frozenset(found))


def _annotated(table: pd.DataFrame, trials: pd.DataFrame, name: str) -> pd.DataFrame:
    by_name = trials.drop_duplicates("name").set_index("name")
    names = table["path"].map(lambda path: Path(path).stem)
    attack = names.map(by_name["attack"])
    return table.assign(
        group=names.map(by_name["speaker"]),
        own_source=attack.where(table["label"] == FAKE, name),
    )


def _layout(edition: _Edition, looked_for: str, terms: str) -> Layout:
    return Layout(edition.name, looked_for, _reader(edition), terms=terms, rank=20, takes="sound")


RECORDS = (
    _layout(
        _2019,
        "ASVspoof2019_LA_cm_protocols/ beside ASVspoof2019_LA_{train,dev,eval}/ (ASVspoof 2019)",
        "ASVspoof 2019: Open Data Commons Attribution.",
    ),
    _layout(
        _2021,
        "ASVspoof2021_{LA,DF}_eval/ and keys/{LA,DF}/CM/trial_metadata.txt (ASVspoof 2021)",
        "ASVspoof 2021: Open Data Commons Attribution.",
    ),
    _layout(
        _5,
        "flac_T/, flac_D/, flac_E_eval/ and ASVspoof5.{train,dev.track_1,eval.track_1}.tsv "
        "(ASVspoof 5)",
        "ASVspoof 5: Open Data Commons Attribution; parts under the terms of their sources.",
    ),
)

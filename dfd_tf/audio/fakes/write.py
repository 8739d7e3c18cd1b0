"""Write a set of real speech and fakes of it, engine by engine; it goes on after a kill."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dfd_tf.audio.encoding import flac
from dfd_tf.audio.engines.record import ENGINES, Engine
from dfd_tf.audio.fakes.make import Maker
from dfd_tf.audio.fakes.reals import read_reals
from dfd_tf.audio.fakes.sentences import read_sentences
from dfd_tf.audio.reading import Samples, UnusableSound
from dfd_tf.errors import UserError
from dfd_tf.progress import tracked
from dfd_tf.types import CLASS_NAMES, FAKE, REAL

TABLE, SETTINGS = "table.csv", "made_with.json"
REALS = CLASS_NAMES[REAL]


@dataclass(frozen=True)
class Written:
    """What became of an order for fakes.

    Attributes:
        n: how many recordings of each folder were written, this time or before.
        absent: engines that are not installed, each with the command that installs it.
        left_out: what could not be made: the file that it would have been, and why.
    """

    n: dict[str, int]
    absent: dict[str, str]
    left_out: list[tuple[str, str]] = field(default_factory=list)


def write_fakes(
    root: str | Path,
    out: Path,
    *,
    engines: Sequence[str] = (),
    sentences: str | Path | None = None,
    limit: int | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Written:
    """Make a fake of each real recording with each engine, both alike but for that.

    Files are FLAC, mono, 16 kHz, in OUT/real and OUT/ENGINE, under the same name; see
    `dfd_tf.audio.fakes.alike` for what makes them alike. A fake belongs to the group and the split
    of the person beside whose recording it stands, whoever's voice it has. What an interrupted call
    has written, the next one keeps, and a later call may add engines.

    Args:
        root: folder of real speech, see `read_reals`.
        out: the folder to write; `TABLE` in it is the new dataset.
        engines: by name; by default all that are installed.
        sentences: what is said, see `read_sentences`.
        limit: so many recordings of each person; None for all.
        seed: of the splits and of everything that is drawn.
        progress: whether to say how far it has come.

    Raises:
        UserError: no speech; an engine that there is not, or that is named and not installed; or
            `out` was begun with other settings.
    """
    chosen, absent = _installed(engines)
    said = read_sentences(sentences)
    reals = _reals(root, limit, seed)
    _require_same(out, {"seed": seed, "sentences": [sentence.text for sentence in said]})
    maker = Maker(reals, said, seed)
    left_out: list[tuple[str, str]] = []

    def write(folder: str, files: Sequence[str], make: Callable[[str], Samples]) -> None:
        for file in tracked(files, len(files), folder, unit="clips", shown=progress):
            path = out / folder / file
            try:
                if not path.is_file():
                    _put(path, flac(make(file)))
            except UnusableSound as error:
                left_out.append((f"{folder}/{file}", error.reason))

    write(REALS, list(reals["file"]), lambda file: maker.real(file)[1])
    usable = [file for file in reals["file"] if (out / REALS / file).is_file()]
    for engine in chosen:
        write(engine.name, usable, lambda file, by=engine: maker.fake(file, by))  # type: ignore[misc]
        _write_table(out, reals)
    return Written(_counts(out), absent, left_out)


def _installed(names: Sequence[str]) -> tuple[list[Engine], dict[str, str]]:
    asked = [ENGINES[name] for name in names] or list(ENGINES)
    absent = {engine.name: how for engine in asked if (how := engine.missing())}
    if names and absent:
        name, how = next(iter(absent.items()))
        raise UserError(f"{name} is not installed. Install it ({how}), or leave it out")
    return [engine for engine in asked if engine.name not in absent], absent


def _reals(root: str | Path, limit: int | None, seed: int) -> pd.DataFrame:
    """The table of `read_reals` with ``file``, the name that a recording gets here."""
    reals = read_reals(root, seed=seed)
    below = [Path(path).relative_to(Path(root).expanduser().resolve()) for path in reals["path"]]
    reals["file"] = [
        f"{path.stem}_{hashlib.sha256(path.as_posix().encode()).hexdigest()[:8]}.flac"
        for path in below
    ]
    return reals.groupby("group").head(limit) if limit else reals


def _require_same(out: Path, settings: dict[str, object]) -> None:
    """Refuse to go on with a folder that was begun otherwise; note how this one was begun."""
    path = out / SETTINGS
    if not path.is_file():
        _put(path, json.dumps(settings, indent=1, ensure_ascii=False).encode())
    elif json.loads(path.read_text(encoding="utf-8")) != settings:
        raise UserError(
            f"{out} was begun with another seed or other sentences: go on with those, or name "
            "another folder"
        )


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _write_table(out: Path, reals: pd.DataFrame) -> None:
    """A row for each recording that is there, of the reals first."""
    folders = [REALS, *(engine.name for engine in ENGINES)]
    tables = []
    for folder in folders:
        rows = reals[[(out / folder / file).is_file() for file in reals["file"]]]
        tables.append(
            pd.DataFrame(
                {
                    "path": folder + "/" + rows["file"],
                    "label": CLASS_NAMES[REAL if folder == REALS else FAKE],
                    "split": rows["split"],
                    "group": rows["group"],
                    "source": rows["source"] if folder == REALS else folder,
                }
            )
        )
    table = pd.concat(tables, ignore_index=True)
    _put(out / TABLE, table.to_csv(index=False).encode())


def _counts(out: Path) -> dict[str, int]:
    if not (out / TABLE).is_file():
        return {}
    folders = pd.read_csv(out / TABLE)["path"].str.partition("/")[0]
    return {str(name): int(n) for name, n in folders.value_counts(sort=False).items()}

"""A training's whole state in one file, written so that a kill at any moment leaves a good one."""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dfd_tf.errors import UserError

GENERATIONS = 2
Arrays = list[NDArray[Any]]


@dataclass
class TrainingState:
    """All that the rest of a training depends on, at the end of an epoch.

    Attributes:
        epoch: number of finished epochs.
        model: values of all variables of the model, random states included.
        optimizer: values of all variables of the optimizer.
        average: moving average of the trainable weights; empty before its first update.
        average_step: steps that the average has seen.
        best: values of all variables of the model at the best epoch so far.
        best_epoch: its number, counted from 1; 0 before the first.
        history: one row of figures an epoch.
    """

    epoch: int = 0
    model: Arrays = field(default_factory=list)
    optimizer: Arrays = field(default_factory=list)
    average: Arrays = field(default_factory=list)
    average_step: int = 0
    best: Arrays = field(default_factory=list)
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


ARRAY_FIELDS = ("model", "optimizer", "average", "best")
PLAIN_FIELDS = ("epoch", "average_step", "best_epoch", "history")


def save_state(folder: Path, state: TrainingState) -> None:
    """Write the state beside the previous one, then remove older ones."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {
        f"{name}/{i:04d}": array
        for name in ARRAY_FIELDS
        for i, array in enumerate(getattr(state, name))
    }
    plain = json.dumps({name: getattr(state, name) for name in PLAIN_FIELDS})
    temporary = folder / "writing.tmp"
    with temporary.open("wb") as file:
        np.savez(file, plain=np.array(plain), **arrays)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / f"epoch-{state.epoch:05d}.npz")
    for old in _generations(folder)[GENERATIONS:]:
        old.unlink()


def load_state(folder: Path) -> TrainingState | None:
    """Read the newest undamaged state, or None where there is none at all.

    Raises:
        UserError: states exist, but all are damaged.
    """
    files = _generations(folder)
    for file in files:
        try:
            return _read(file)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError):
            continue
    if files:
        raise UserError(
            f"No checkpoint in {folder} can be read; all are damaged. "
            "Remove the run folder and train anew."
        )
    return None


def _generations(folder: Path) -> list[Path]:
    return sorted(folder.glob("epoch-*.npz"), reverse=True)


def _read(file: Path) -> TrainingState:
    # Without pickles a checkpoint from a stranger can hold numbers only.
    with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
        arrays: dict[str, Any] = {
            name: [stored[key] for key in sorted(stored.files) if key.startswith(f"{name}/")]
            for name in ARRAY_FIELDS
        }
        return TrainingState(**arrays, **json.loads(str(stored["plain"])))

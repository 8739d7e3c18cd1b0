"""The folder of a run: one configuration and one set of images, or nothing at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dfd_tf.config import RunConfig, load_config
from dfd_tf.data.sets.examples import write_splits
from dfd_tf.data.sets.inventory import FILE as INVENTORY
from dfd_tf.errors import UserError
from dfd_tf.training.dataset import RunData

CONFIG, FACTS, HISTORY = "config.yaml", "environment.json", "history.csv"


def check_folder(folder: Path, config: RunConfig, resume: bool) -> None:
    """Refuse a folder that does not fit what was asked for.

    Raises:
        UserError: it holds a run that is not to be resumed, or one of another configuration; or
            a run is to be resumed and there is none.
    """
    stored = folder / CONFIG
    if not stored.exists():
        if resume:
            raise UserError(
                f"There is no run to resume in {folder}{_runs_beside(folder)}. Correct --out, or "
                "begin a run there without --resume."
            )
        return
    if not resume:
        raise UserError(
            f"{folder} holds a run already. Go on with it by --resume, or name another "
            "folder with --out."
        )
    # Compared as read, so that a key that was added since stands at its default.
    if _located(load_config(stored)) != _located(config):
        raise UserError(
            f"{folder} holds a run of another configuration (see {stored}). Resume it with "
            "its own, or name another folder with --out."
        )


def check_data(folder: Path, data: RunData) -> None:
    """Refuse to go on with other images than those a run began with.

    Raises:
        UserError: they are others.
    """
    path = folder / FACTS
    begun = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if begun and begun["data_fingerprint"] != data.fingerprint:
        raise UserError(
            f"The data are not those with which the run in {folder} began. Train anew with "
            "another --out."
        )


def begin(folder: Path, config: RunConfig, data: RunData, facts: dict[str, Any]) -> None:
    """Write down what a run is, now that its images were read."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_text(config.to_yaml(), encoding="utf-8")
    write_splits(data.examples, folder / "splits.csv")
    data.inventory.write(folder / INVENTORY)
    (folder / FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


@contextmanager
def gone_if_it_fails_at_once(folder: Path) -> Iterator[None]:
    """Remove what the block wrote if it fails before the first epoch is done.

    So the command, corrected, is not refused because of what it left behind. An interruption from
    the keyboard leaves all in place, for --resume.
    """
    existed = folder.exists()
    before = set(folder.iterdir()) if existed else set()
    try:
        yield
    except Exception:
        if folder.exists() and not (folder / HISTORY).exists():
            for path in set(folder.iterdir()) - before:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            if not existed:
                folder.rmdir()
        raise


def _located(config: RunConfig) -> RunConfig:
    """The configuration with each folder written in one way."""
    paths = config.data.paths
    places = [str(Path(path).resolve()) if Path(path).exists() else path for path in paths]
    return config.replace({"data.paths": places})


def _runs_beside(folder: Path) -> str:
    runs = sorted(path.parent.name for path in folder.parent.glob(f"*/{CONFIG}"))
    return f"; runs beside it: {', '.join(runs)}" if runs else ""

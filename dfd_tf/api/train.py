"""A detector trained, calibrated and measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from dfd_tf.api.arguments import Data, roots_of
from dfd_tf.backend import start_keras
from dfd_tf.config import RunConfig, load_config
from dfd_tf.data.sets.choices import choices_of
from dfd_tf.reporter import Reporter
from dfd_tf.training.processes.group import Group, choose_jax
from dfd_tf.training.processes.launch import launch


def train(
    config: str | Path,
    data: Data = (),
    out: str | Path | None = None,
    *,
    settings: Mapping[str, Any] | Sequence[str] = (),
    resume: bool = False,
    progress: bool = True,
    processes: int = 1,
    coordinator: str | None = None,
    process: int = 0,
) -> dict[str, Any]:
    """Train a detector, calibrate it on validation, measure it on test, write a report.

    Args:
        config: YAML file, or the name of one that ships, such as "amtenet".
        data: dataset folder, or several; without any the demo dataset is rendered.
        out: run folder; by default runs/NAME-OF-CONFIG.
        settings: keys of the configuration to change: `{"train.epochs": 2}`, or as the command
            line gives them, `["train.epochs=2"]`.
        resume: go on with the run in `out`.
        progress: show progress bars.
        processes: how many train together, each on its part of every batch, on Keras' JAX
            backend.
        coordinator: HOST:PORT of process 0, where each process calls this function itself;
            without it all are started on this machine.
        process: the number of this one among them, from 0.

    Returns:
        Content of metrics.json, empty in a process that is not the first; the detector is in
        `out`, which is what others take for `model`.

    Raises:
        UserError: an unknown key or value, data that cannot be trained on, or a folder that holds
            another run.
    """
    path = find_config(str(config))
    wanted = _changed(path, settings)
    roots = roots_of(data) or wanted.data.paths or [_demo_data(progress)]
    chosen = {k: v for k, v in choices_of(data).as_settings().items() if v is not None}
    wanted = wanted.replace({"data.paths": [str(root) for root in roots], **chosen})
    folder = Path(out) if out is not None else Path("runs") / path.stem
    if processes == 1:
        return _train(wanted, folder, resume, progress, Group())
    if coordinator:
        return _train(wanted, folder, resume, progress, Group(processes, process, coordinator))
    launch(processes, partial(_train, wanted, folder, resume, progress))
    return dict(json.loads((folder / "metrics.json").read_text(encoding="utf-8")))


def _train(
    config: RunConfig, folder: Path, resume: bool, progress: bool, group: Group
) -> dict[str, Any]:
    if not group.alone:
        choose_jax()
    start_keras()
    group.join()
    from dfd_tf.training.run import train as run

    reporter = Reporter(quiet=not (progress and group.leads))
    return run(config, folder, resume=resume, reporter=reporter, group=group)


def find_config(name: str) -> Path:
    """The file itself, or the one of that name among the shipped."""
    candidates = [Path(name), *(path for path in shipped_configs() if path.stem == name)]
    return next((path for path in candidates if path.is_file()), Path(name))


def shipped_configs() -> list[Path]:
    """All configurations of the installed package or the checkout, by name."""
    package = Path(__file__).parent.parent
    return sorted(
        path
        for folder in (package / "configs", package.parent / "configs")
        for path in folder.glob("*.yaml")
    )


def _changed(path: Path, settings: Mapping[str, Any] | Sequence[str]) -> RunConfig:
    if isinstance(settings, Mapping):
        return load_config(path).replace(settings)
    return load_config(path, settings)


def _demo_data(progress: bool) -> str:
    from dfd_tf.demo import demo_dataset

    if progress:
        print("No data given: training on the demo dataset, which is rendered now if need be.")
    return str(demo_dataset(progress=progress))

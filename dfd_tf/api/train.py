"""A detector trained, calibrated and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dfd_tf.api.arguments import Data, roots_of
from dfd_tf.backend import start_keras
from dfd_tf.config import RunConfig, load_config
from dfd_tf.data.sets.choices import choices_of
from dfd_tf.reporter import Reporter


def train(
    config: str | Path,
    data: Data = (),
    out: str | Path | None = None,
    *,
    settings: Mapping[str, Any] | Sequence[str] = (),
    resume: bool = False,
    progress: bool = True,
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

    Returns:
        Content of metrics.json; the detector is in `out`, which is what others take for `model`.

    Raises:
        UserError: an unknown key or value, data that cannot be trained on, or a folder that holds
            another run.
    """
    path = find_config(str(config))
    wanted = _changed(path, settings)
    roots = roots_of(data) or wanted.data.paths or [_demo_data(progress)]
    chosen = {f"data.{name}": v for name, v in asdict(choices_of(data)).items() if v is not None}
    wanted = wanted.replace({"data.paths": [str(root) for root in roots], **chosen})
    start_keras()
    from dfd_tf.training.run import train as run

    folder = Path(out) if out is not None else Path("runs") / path.stem
    return run(wanted, folder, resume=resume, reporter=Reporter(quiet=not progress))


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

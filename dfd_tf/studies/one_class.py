"""Families of one-class trainings: sides of the usual, shares of the fakes, sources left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dfd_tf.config import RunConfig
from dfd_tf.data.sets.reading import read_layout
from dfd_tf.studies.one_class_table import SWEPT, Row
from dfd_tf.studies.study import Study

SIDES = {
    "near": "typicality, too usual",
    "far": "typicality, too unusual",
    "both": "typicality, either",
}


def sides(study: Study, config: RunConfig, name: str, without: str | None = None) -> list[Row]:
    """Typicality looked at from each side: too usual, too unusual, either.

    Args:
        study: the data and where the runs go.
        config: of the typicality; its side is set here.
        name: of the runs' folders.
        without: one of the dataset folders, which is not trained on.
    """
    suffix, left_out = _left_out(without)
    rows = []
    for side, words in SIDES.items():
        one_sided = config.replace({"model.args.side": side})
        folder = study.trained(one_sided, f"{name}-{side}{suffix}", without)
        rows.append(study.row(folder, words, left_out))
    return rows


def sweep(
    study: Study,
    config: RunConfig,
    fractions: Sequence[float],
    without: str | None = None,
) -> list[Row]:
    """Fine-tune a detector that knows no fakes with growing shares of the training fakes.

    Args:
        study: the data and where the runs go.
        config: of DeepSAD; its fake_fraction is set here.
        fractions: of the training fakes, in [0, 1].
        without: one of the dataset folders, of which neither photos nor fakes are trained on.
    """
    suffix, left_out = _left_out(without)
    first = without_fakes(study, config, without)
    rows = []
    for fraction in fractions:
        folder = first
        if fraction:
            fine_tuned = _going_on(config, first, fake_fraction=fraction)
            folder = study.trained(fine_tuned, f"deep_sad-{fraction:g}{suffix}", without)
        rows.append(study.row(folder, SWEPT, left_out))
    return rows


def supervised(study: Study, config: RunConfig, without: str | None = None) -> Row:
    """The same network with the same start, taught by labels and shown all training fakes.

    Above frozen layers it is their classifier from random weights: a sphere that has shrunk onto
    its centre is a start from which labels teach slowly. The arguments are those of `sweep`.
    """
    suffix, left_out = _left_out(without)
    if config.train.only_head:
        taught = config.replace({"model.args.head": "classifier"})
    else:
        taught = _going_on(config, without_fakes(study, config, without))
    taught = taught.replace({"one_class": None, "data.fake_share": 0.5})
    folder = study.trained(taught, f"supervised{suffix}", without)
    return study.row(folder, "same network, supervised", left_out)


def without_fakes(study: Study, config: RunConfig, without: str | None = None) -> Path:
    """DeepSAD before it is shown a fake: hard-boundary Deep SVDD."""
    blind = config.replace({"one_class.fake_fraction": 0.0})
    return study.trained(blind, f"deep_sad-0{_left_out(without)[0]}", without)


def _going_on(config: RunConfig, start: Path, **one_class: float) -> RunConfig:
    """The configuration, from a trained detector in place of pre-training."""
    changes = {f"one_class.{key}": value for key, value in one_class.items()}
    return config.replace({"train.init": str(start), "one_class.pretrain_epochs": 0} | changes)


def _left_out(without: str | None) -> tuple[str, str]:
    """Suffix of the runs' folders, and name of the source in the table."""
    if without is None:
        return "", ""
    name = str(read_layout(without)["source"].iloc[0])
    return f"-without-{name}", name

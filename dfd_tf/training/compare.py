"""Train the one-class detectors of a comparison and measure them beside others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dfd_tf.bundle import Detector, load_detector
from dfd_tf.config import RunConfig
from dfd_tf.data.examples import load_as_dealt
from dfd_tf.data.layouts import read_layout
from dfd_tf.evaluation.baselines import baseline_scores
from dfd_tf.evaluation.one_class_table import SWEPT, Row
from dfd_tf.evaluation.ranking import auc_by_cell, held_out
from dfd_tf.features import feature_model, features_of_files
from dfd_tf.pretrained import parted
from dfd_tf.scoring import score_files
from dfd_tf.training.dataset import Found, find, limited
from dfd_tf.training.memory import FeatureMemory
from dfd_tf.training.run import train

Say = Callable[[str], None]

SIDES = {
    "near": "typicality, too usual",
    "far": "typicality, too unusual",
    "both": "typicality, either",
}


@dataclass(frozen=True)
class Comparison:
    """What is to be compared.

    Attributes:
        data: dataset folders.
        out: folder of the runs.
        quiet: no progress bars.
        say: prints a line.
        found: the images by what decides on them, so that they are checked once for all runs.
    """

    data: tuple[str, ...]
    out: Path
    quiet: bool = False
    say: Say = print
    found: dict[str, Found] = field(default_factory=dict)

    @cached_property
    def memory(self) -> FeatureMemory:
        """Features of frozen layers, so that they are computed once for all runs."""
        return FeatureMemory(self.out.parent / "features")

    def trained(self, config: RunConfig, name: str, without: str | None = None) -> Path:
        """Folder of a run: trained now, gone on with, or found finished.

        Args:
            config: without data paths.
            name: of the folder.
            without: one of the dataset folders that is not trained on.
        """
        paths = tuple(path for path in self.data if path != without)
        data = config.data.model_copy(update={"paths": paths})
        folder = self.out / name
        if (folder / "metrics.json").exists():
            return folder
        config = config.model_copy(update={"data": data})
        found = self._images_of(config)
        resume = (folder / "config.yaml").exists()
        train(
            config,
            folder,
            resume=resume,
            quiet=self.quiet,
            say=self.say,
            found=found,
            memory=self.memory,
        )
        return folder

    def _images_of(self, config: RunConfig) -> Found:
        dealing = config.data.paths, config.data.valid_from_train, config.data.fold, config.seed
        key = repr(dealing)
        if key not in self.found:
            self.found[key] = find(config, progress=not self.quiet)
        return self.found[key]

    def row(self, where: str | Path, name: str, left_out: str = "") -> Row:
        """Measure a detector on the held-out images of all datasets."""
        detector = load_detector(where)
        model = detector.model
        if "backbone" in detector.info:
            model = self.memory.detector(model, detector.info["architecture"])
        fakes = fakes_shown(detector)
        examples = held_out(load_as_dealt(self.data, detector.info["data"]))
        logits, _ = score_files(
            model,
            detector.preprocessing,
            examples.path,
            progress=not self.quiet,
            description=name,
        )
        return Row(name, fakes, auc_by_cell(examples, logits), left_out)

    def baseline_rows(self, where: str | Path, features_of: str) -> list[Row]:
        """Fit the classical detectors to real training photos' features and measure them."""
        detector = load_detector(where)
        return baseline_rows(detector, self.data, features_of, self.quiet, self.memory)


def baseline_rows(
    detector: Detector,
    data: Sequence[str],
    features_of: str,
    quiet: bool,
    memory: FeatureMemory | None = None,
) -> list[Row]:
    """A row for each classical detector on a detector's features, or on its frozen backbone's.

    Args:
        detector: whose features are taken.
        data: dataset folders, dealt to splits as in its training.
        features_of: its name in the rows.
        quiet: no progress bars.
        memory: of frozen backbones.
    """
    examples = load_as_dealt(data, detector.info["data"])
    shown = limited(
        examples, detector.info["data"].get("train_limit"), detector.info["data"]["seed"]
    )
    reals = shown[(shown.split == "train") & (shown.label == 0)]
    tests = held_out(examples)
    network = _features_of(detector, memory)
    fitted, scored = (
        features_of_files(network, detector.preprocessing, list(table.path), progress=not quiet)
        for table in (reals, tests)
    )
    good = np.flatnonzero(np.isfinite(scored).all(axis=1))
    tests = tests.iloc[good]
    found = baseline_scores(fitted[np.isfinite(fitted).all(axis=1)], scored[good])
    return [
        Row(f"{name} on {features_of}", fakes_known(detector), auc_by_cell(tests, scores))
        for name, scores in found.items()
    ]


def _features_of(detector: Detector, memory: FeatureMemory | None) -> Any:
    if "backbone" not in detector.info:
        return feature_model(detector.model)
    backbone, _ = parted(detector.model, detector.info["architecture"])
    return memory.of(backbone) if memory else backbone


def fakes_known(detector: Detector) -> float:
    """Share of the training fakes that a detector's features have learned from."""
    return 0.0 if "backbone" in detector.info else fakes_shown(detector)


def fakes_shown(detector: Detector) -> float:
    """Share of the training fakes that a detector has learned from."""
    return float(detector.info.get("one_class", {}).get("fake_fraction", 1.0))


def sides(
    comparison: Comparison, config: RunConfig, name: str, without: str | None = None
) -> list[Row]:
    """Typicality looked at from each side: too usual, too unusual, either.

    Args:
        comparison: the data and where the runs go.
        config: of the typicality; its side is set here.
        name: of the runs' folders.
        without: one of the dataset folders, which is not trained on.
    """
    suffix, left_out = _left_out(without)
    rows = []
    for side, words in SIDES.items():
        model = config.model.model_copy(update={"args": config.model.args | {"side": side}})
        one_sided = config.model_copy(update={"model": model})
        folder = comparison.trained(one_sided, f"{name}-{side}{suffix}", without)
        rows.append(comparison.row(folder, words, left_out))
    return rows


def sweep(
    comparison: Comparison,
    config: RunConfig,
    fractions: Sequence[float],
    without: str | None = None,
) -> list[Row]:
    """Fine-tune a detector that knows no fakes with growing shares of the training fakes.

    Args:
        comparison: the data and where the runs go.
        config: of DeepSAD; its fake_fraction is set here.
        fractions: of the training fakes, in [0, 1].
        without: one of the dataset folders, of which neither photos nor fakes are trained on.
    """
    suffix, left_out = _left_out(without)
    first = without_fakes(comparison, config, without)
    rows = []
    for fraction in fractions:
        folder = first
        if fraction:
            fine_tuned = _going_on(config, first, fake_fraction=fraction)
            folder = comparison.trained(fine_tuned, f"deep_sad-{fraction:g}{suffix}", without)
        rows.append(comparison.row(folder, SWEPT, left_out))
    return rows


def supervised(comparison: Comparison, config: RunConfig, without: str | None = None) -> Row:
    """The same network with the same start, taught by labels and shown all training fakes.

    The arguments are those of `sweep`.
    """
    suffix, left_out = _left_out(without)
    start = without_fakes(comparison, config, without)
    balanced = config.data.model_copy(update={"fake_share": 0.5})
    taught = _going_on(config, start).model_copy(update={"one_class": None, "data": balanced})
    folder = comparison.trained(taught, f"supervised{suffix}", without)
    return comparison.row(folder, "same network, supervised", left_out)


def without_fakes(comparison: Comparison, config: RunConfig, without: str | None = None) -> Path:
    """DeepSAD before it is shown a fake: hard-boundary Deep SVDD."""
    assert config.one_class is not None
    blind = config.one_class.model_copy(update={"fake_fraction": 0.0})
    config = config.model_copy(update={"one_class": blind})
    return comparison.trained(config, f"deep_sad-0{_left_out(without)[0]}", without)


def _going_on(config: RunConfig, start: Path, **one_class: float) -> RunConfig:
    """The configuration, from a trained detector in place of pre-training."""
    assert config.one_class is not None
    options = config.one_class.model_copy(update={"pretrain_epochs": 0, **one_class})
    begun = config.train.model_copy(update={"init": str(start)})
    return config.model_copy(update={"one_class": options, "train": begun})


def _left_out(without: str | None) -> tuple[str, str]:
    """Suffix of the runs' folders, and name of the source in the table."""
    if without is None:
        return "", ""
    name = str(read_layout(without)["source"].iloc[0])
    return f"-without-{name}", name

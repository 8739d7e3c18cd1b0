"""Train the one-class detectors of a comparison and measure them beside others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dfd_tf.bundle import Detector, load_detector
from dfd_tf.config import RunConfig
from dfd_tf.data.examples import load_as_dealt
from dfd_tf.evaluation.baselines import baseline_scores
from dfd_tf.evaluation.one_class_table import SWEPT, Row
from dfd_tf.evaluation.ranking import auc_by_cell, held_out
from dfd_tf.features import feature_model, features_of_files
from dfd_tf.scoring import score_files
from dfd_tf.training.run import train

Say = Callable[[str], None]


@dataclass(frozen=True)
class Comparison:
    """What is to be compared.

    Attributes:
        data: dataset folders.
        out: folder of the runs.
        quiet: no progress bars.
        say: prints a line.
    """

    data: tuple[str, ...]
    out: Path
    quiet: bool = False
    say: Say = print

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
        resume = (folder / "config.yaml").exists()
        run_config = config.model_copy(update={"data": data})
        train(run_config, folder, resume=resume, quiet=self.quiet, say=self.say)
        return folder

    def row(self, where: str | Path, name: str, left_out: str = "") -> Row:
        """Measure a detector on the held-out images of all datasets."""
        detector = load_detector(where)
        fakes = fakes_shown(detector)
        examples = held_out(load_as_dealt(self.data, detector.info["data"]))
        logits, _ = score_files(
            detector.model,
            detector.preprocessing,
            examples.path,
            progress=not self.quiet,
            description=name,
        )
        return Row(name, fakes, auc_by_cell(examples, logits), left_out)

    def baseline_rows(self, where: str | Path, features_of: str) -> list[Row]:
        """Fit the classical detectors to real training photos' features and measure them."""
        return baseline_rows(load_detector(where), self.data, features_of, self.quiet)


def baseline_rows(
    detector: Detector, data: Sequence[str], features_of: str, quiet: bool
) -> list[Row]:
    """A row for each classical detector on a detector's features.

    Args:
        detector: whose features are taken.
        data: dataset folders, dealt to splits as in its training.
        features_of: its name in the rows.
        quiet: no progress bars.
    """
    examples = load_as_dealt(data, detector.info["data"])
    reals = examples[(examples.split == "train") & (examples.label == 0)]
    tests = held_out(examples)
    network = feature_model(detector.model)
    fitted, scored = (
        features_of_files(network, detector.preprocessing, list(table.path), progress=not quiet)
        for table in (reals, tests)
    )
    good = np.flatnonzero(np.isfinite(scored).all(axis=1))
    tests = tests.iloc[good]
    found = baseline_scores(fitted[np.isfinite(fitted).all(axis=1)], scored[good])
    return [
        Row(f"{name} on {features_of}", fakes_shown(detector), auc_by_cell(tests, scores))
        for name, scores in found.items()
    ]


def fakes_shown(detector: Detector) -> float:
    """Share of the training fakes that a detector has learned from."""
    return float(detector.info.get("one_class", {}).get("fake_fraction", 1.0))


def sweep(
    comparison: Comparison,
    start: RunConfig,
    fine_tuned: RunConfig,
    fractions: Sequence[float],
    without: str | None = None,
) -> list[Row]:
    """Fine-tune a one-class detector with growing shares of the training fakes.

    Args:
        comparison: the data and where the runs go.
        start: configuration of the detector that has seen no fakes.
        fine_tuned: of its fine-tuning; its fake_fraction is set here.
        fractions: of the training fakes, in [0, 1].
        without: one of the dataset folders, of which neither photos nor fakes are trained on.
    """
    left_out = source_name(without) if without else ""
    suffix = f"-without-{left_out}" if without else ""
    first = comparison.trained(start, f"deep_svdd{suffix}", without)
    rows = []
    for fraction in fractions:
        folder = first
        if fraction:
            config = with_fraction(fine_tuned, fraction, first)
            name = f"deep_sad-{fraction:g}{suffix}"
            folder = comparison.trained(config, name, without)
        rows.append(comparison.row(folder, SWEPT, left_out))
    return rows


def supervised(
    comparison: Comparison, start: RunConfig, fine_tuned: RunConfig, without: str | None = None
) -> Row:
    """The same network with the same start, taught by labels and shown all training fakes.

    Args:
        comparison: the data and where the runs go.
        start: see `sweep`.
        fine_tuned: see `sweep`.
        without: see `sweep`.
    """
    left_out = source_name(without) if without else ""
    suffix = f"-without-{left_out}" if without else ""
    first = comparison.trained(start, f"deep_svdd{suffix}", without)
    balanced = fine_tuned.data.model_copy(update={"fake_share": 0.5})
    begun = fine_tuned.train.model_copy(update={"init": str(first)})
    config = fine_tuned.model_copy(update={"one_class": None, "data": balanced, "train": begun})
    folder = comparison.trained(config, f"supervised{suffix}", without)
    return comparison.row(folder, "same network, supervised", left_out)


def with_fraction(config: RunConfig, fraction: float, start: Path) -> RunConfig:
    """The configuration with a share of fakes, going on from a trained detector."""
    assert config.one_class is not None
    one_class = config.one_class.model_copy(
        update={"fake_fraction": fraction, "pretrain_epochs": 0}
    )
    begun = config.train.model_copy(update={"init": str(start)})
    return config.model_copy(update={"one_class": one_class, "train": begun})


def source_name(root: str) -> str:
    """What the examples of a dataset folder are called."""
    from dfd_tf.data.layouts import read_layout

    return str(read_layout(root)["source"].iloc[0])

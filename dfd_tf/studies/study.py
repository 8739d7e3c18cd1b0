"""Train the one-class detectors of a comparison and measure them beside others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dfd_tf.config import RunConfig
from dfd_tf.data.sets.choices import choices_of
from dfd_tf.data.sets.examples import load_as_dealt
from dfd_tf.data.sets.seen_files import without_seen
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.features import feature_model, features_of_files
from dfd_tf.detectors.scoring import score_files
from dfd_tf.evaluation.classes import require_both_classes, require_judged
from dfd_tf.models.backbone import backbone_and_head
from dfd_tf.reporter import SILENT, Reporter
from dfd_tf.studies.baselines import baseline_scores
from dfd_tf.studies.one_class_table import Row
from dfd_tf.studies.ranking import auc_by_cell, held_out
from dfd_tf.training.dataset import Found, find, limited
from dfd_tf.training.frozen.feature_cache import FeatureCache
from dfd_tf.training.run import train
from dfd_tf.types import Scorer


@dataclass(frozen=True)
class Study:
    """What is to be compared.

    Attributes:
        data: dataset folders.
        out: folder of the runs.
        reporter: says how it goes.
        found: the images by what decides on them, so that they are checked once for all runs.
    """

    data: tuple[str, ...]
    out: Path
    reporter: Reporter = SILENT
    found: dict[str, Found] = field(default_factory=dict)

    @cached_property
    def cache(self) -> FeatureCache:
        """Features of frozen layers, computed once for all runs and kept beside their folder."""
        return FeatureCache(self.out.parent / "features")

    def trained(self, config: RunConfig, name: str, without: str | None = None) -> Path:
        """Folder of a run: trained now, gone on with, or found finished.

        Args:
            config: without data paths.
            name: of the folder.
            without: one of the dataset folders that is not trained on.
        """
        paths = tuple(path for path in self.data if path != without)
        folder = self.out / name
        if (folder / "metrics.json").exists():
            return folder
        chosen = choices_of(self.data).as_settings()
        config = config.replace({"data.paths": paths, **chosen})
        found = self._images_of(config)
        resume = (folder / "config.yaml").exists()
        train(
            config,
            folder,
            resume=resume,
            reporter=self.reporter,
            found=found,
            cache=self.cache,
        )
        return folder

    def _images_of(self, config: RunConfig) -> Found:
        data = config.data
        reading = data.layout, data.split_from, data.group_by, data.labels
        dealing = data.paths, data.valid_from_train, data.fold, config.seed
        key = repr((reading, dealing))
        if key not in self.found:
            self.found[key] = find(config, self.reporter)
        return self.found[key]

    def row(self, where: str | Path, name: str, left_out: str = "") -> Row:
        """Measure a detector on the held-out images of all datasets."""
        detector = load_detector(where, engine="keras")
        model: Scorer = detector.model
        if detector.info.backbone:
            model = self.cache.detector(detector.network, detector.info.architecture)
        fakes = fakes_shown(detector)
        examples = held_out(load_as_dealt(self.data, detector.info.data))
        examples = without_seen(examples, detector.seen)
        logits, _ = score_files(
            model,
            detector.preprocessing,
            examples.path,
            progress=self.reporter.progress,
            description=name,
        )
        return Row(name, fakes, auc_by_cell(examples, logits), left_out)

    def baseline_rows(self, where: str | Path, features_of: str) -> list[Row]:
        """Fit the classical detectors to real training photos' features and measure them."""
        detector = load_detector(where, engine="keras")
        return baseline_rows(detector, self.data, features_of, self.reporter, self.cache)


def baseline_rows(
    detector: Detector,
    data: Sequence[str],
    features_of: str,
    reporter: Reporter,
    cache: FeatureCache | None = None,
) -> list[Row]:
    """A row for each classical detector on a detector's features, or on its frozen backbone's.

    Args:
        detector: whose features are taken.
        data: dataset folders, dealt to splits as in its training.
        features_of: its name in the rows.
        reporter: shows how far it has come.
        cache: of frozen backbones.
    """
    examples = load_as_dealt(data, detector.info.data)
    shown = limited(examples, detector.info.data.train_limit, detector.info.data.seed)
    reals = shown[(shown.split == "train") & (shown.label == 0)]
    tests = without_seen(held_out(examples), detector.seen)
    require_both_classes(tests)
    network, progress = _features_of(detector, cache), reporter.progress
    fitted, scored = (
        features_of_files(network, detector.preprocessing, list(table.path), progress=progress)
        for table in (reals, tests)
    )
    judged = np.asarray(np.isfinite(scored).all(axis=1))
    require_judged(tests, judged)
    good = np.flatnonzero(judged)
    tests = tests.iloc[good]
    found = baseline_scores(fitted[np.isfinite(fitted).all(axis=1)], scored[good])
    return [
        Row(f"{name} on {features_of}", fakes_known(detector), auc_by_cell(tests, scores))
        for name, scores in found.items()
    ]


def _features_of(detector: Detector, cache: FeatureCache | None) -> Any:
    if not detector.info.backbone:
        return feature_model(detector.network)
    backbone, _ = backbone_and_head(detector.network, detector.info.architecture)
    return cache.of(backbone) if cache else backbone


def fakes_known(detector: Detector) -> float:
    """Share of the training fakes that a detector's features have learned from."""
    return 0.0 if detector.info.backbone and not detector.info.tuned else fakes_shown(detector)


def fakes_shown(detector: Detector) -> float:
    """Share of the training fakes that a detector has learned from."""
    return detector.info.one_class.fake_fraction if detector.info.one_class else 1.0

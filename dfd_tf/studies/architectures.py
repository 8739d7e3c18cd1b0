"""Every architecture of the field on the same photos, with the same budget of images."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras

from dfd_tf.config import AugmentConfig, DataConfig, PreprocessConfig, RunConfig
from dfd_tf.data.sets.examples import load_as_dealt
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.detectors.detector import Detector
from dfd_tf.errors import UserError
from dfd_tf.evaluation.metrics import Interval
from dfd_tf.evaluation.robustness.measure import limited, measure_robustness
from dfd_tf.evaluation.robustness.protocol import CLEAN, protocol_for
from dfd_tf.models import architecture
from dfd_tf.models.cost import cost_of
from dfd_tf.studies.architecture_table import Row
from dfd_tf.studies.ranking import TEST_SPLITS
from dfd_tf.studies.study import Study

WITH_CBAM = "+cbam"
DEGRADED = ("jpeg-60", "resize-0.5")

# Whole faces, so that every network sees the same of a photo whatever part a crop would show it.
# Only what reads the file's own JPEG grid, which shrinking destroys, keeps its crops.
_PREPROCESS = PreprocessConfig(policy="resize", views=1)
_AUGMENT = AugmentConfig(flip=0.5, zoom=0.85, jpeg=0.3, blur=0.05, resize=0.1, noise=0.05)


@dataclass(frozen=True)
class Budget:
    """What every architecture gets.

    Attributes:
        images: how many are shown in all.
        size: side of the input in pixels.
        epochs: after each of which the best weights by validation AUC are kept.
        batch: images in a step.
        ema: decay of the average of weights; short, as the training is.
        degraded: how many test photos are judged under each degradation.
    """

    images: int = 7680
    size: int = 96
    epochs: int = 2
    batch: int = 32
    ema: float = 0.98
    degraded: int = 600

    def __post_init__(self) -> None:
        """Refuse what does not fill a batch an epoch.

        Raises:
            UserError: too few images.
        """
        least = self.epochs * self.batch
        if self.images < least:
            raise UserError(
                f"a budget of {self.images} images is too small: {self.epochs} epochs of one batch "
                f"of {self.batch} show {least}."
            )


def entrants(configs: Mapping[str, RunConfig]) -> dict[str, RunConfig]:
    """A row for each configuration, and a second with attention where the network takes it.

    Args:
        configs: by name; those of one-class detectors and of heads on frozen features, which
            cannot be given the same budget, are left out.
    """
    rows = {}
    for name, config in configs.items():
        if config.one_class or config.train.only_head:
            continue
        takes_cbam = "cbam" in inspect.signature(architecture(config.model.name).build).parameters
        if not takes_cbam:
            rows[name] = config
            continue
        rows[name] = config.replace({"model.args.cbam": False})
        rows[name + WITH_CBAM] = config.replace({"model.args.cbam": True})
    return rows


def on_budget(config: RunConfig, budget: Budget) -> RunConfig:
    """The configuration with the photos, the view of them and the budget that all share.

    A configuration with `preprocess.grid` keeps its crops.

    The network's own arguments, start, optimiser and its rate stay.
    """
    if config.preprocess.grid == 1:
        config = config.replace({"preprocess": _PREPROCESS})
    return config.replace(
        {
            "model.args.input_size": budget.size,
            "data": DataConfig(valid_from_train=0.12, balance="source"),
            "preprocess.views": 1,
            "augment": _AUGMENT,
            "train.epochs": budget.epochs,
            "train.images_per_epoch": budget.images // budget.epochs,
            "train.batch_size": budget.batch,
            "train.warmup_epochs": 0.1,
            "train.ema": budget.ema,
            "train.patience": budget.epochs,
        }
    )


def train_row(study: Study, config: RunConfig, name: str, budget: Budget) -> Row:
    """Train an architecture on the budget, or find it trained, and measure it."""
    # What the last network left behind would slow every later one.
    keras.utils.clear_session(free_memory=True)
    folder = study.trained(on_budget(config, budget), name)
    start = "ImageNet" if config.train.init else "random"
    return measured(study, folder, name, start, budget.degraded)


def measured(study: Study, folder: Path, name: str, start: str, degraded: int) -> Row:
    """The row of a finished run.

    Args:
        study: the data.
        folder: the run folder.
        name: of the row.
        start: of the weights, in a word.
        degraded: how many test photos are judged under each degradation.
    """
    detector = load_detector(folder, engine="keras")
    cost = cost_of(detector.network)
    return Row(
        name=name,
        start=start,
        parameters=cost.parameters,
        multiply_adds=cost.multiply_adds,
        auc=_auc_by_cell(folder),
        degraded=_degraded(study, detector, folder, degraded),
    )


def _auc_by_cell(folder: Path) -> dict[str, Interval]:
    """AUC of every source and split that the run was tested on."""
    cells = {}
    for split, place in (("test", folder), ("valid_own", folder / "valid_own")):
        metrics = place / "metrics.json"
        if metrics.exists():
            for source, found in json.loads(metrics.read_text("utf-8"))["per_source"].items():
                cells[f"{source} {TEST_SPLITS[split]}"] = found["auc"]
    return dict(sorted(cells.items()))


def _degraded(study: Study, detector: Detector, folder: Path, limit: int) -> dict[str, Interval]:
    """AUC over the same photos of all test splits, as they are and under each degradation."""
    examples = load_as_dealt(study.data, detector.info.data)
    chosen = limited(examples[examples.split == "test"], limit)
    protocol = [step for step in protocol_for("image") if step.name in (CLEAN, *DEGRADED)]
    found = measure_robustness(
        detector,
        chosen,
        folder / "degraded",
        protocol=protocol,
        progress=study.reporter.progress,
    )
    return {name: step["auc"] for name, step in found["steps"].items()}

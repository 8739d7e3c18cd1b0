"""From trained weights to a bundle: calibrated, and described as its user must know it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf import calibration
from dfd_tf.calibration import Calibration
from dfd_tf.calibration.choose_map import choose_map
from dfd_tf.calibration.fit import checked, fit_calibration, fit_on_reals
from dfd_tf.calibration.novelty import fit_novelty
from dfd_tf.config import PRETRAINED, CalibrationConfig, RunConfig
from dfd_tf.data.batches.degradations.jpeg import jpeg
from dfd_tf.data.images.decode import read_image
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.data.sets.layouts import terms_of
from dfd_tf.data.sets.seen_files import count_seen, read_seen, write_seen
from dfd_tf.data.sets.splits import BY_HASH
from dfd_tf.detectors.bundle import save_bundle
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.info import (
    AfterJpeg,
    Counts,
    DetectorInfo,
    OneClassFacts,
    ThresholdAfterJpeg,
    TrainingData,
)
from dfd_tf.detectors.locate import find_bundle
from dfd_tf.detectors.scoring import answers_of_files, score_files
from dfd_tf.faces import Cutter, FaceFinder, Framing, measure_framing, whole
from dfd_tf.lite import lite_is_installed
from dfd_tf.models import architecture
from dfd_tf.models.backbone import licence_of_weights, source_of
from dfd_tf.training.context import RunContext
from dfd_tf.training.dataset import RunData
from dfd_tf.training.knowledge import knowing, learn_known
from dfd_tf.types import Floats

N_FOR_FRAMING = 400
PERCENTILES = (80, 95, 99)
JPEG_QUALITY = 75


def pack(context: RunContext, model: keras.Model, scorer: Any) -> Detector:
    """Calibrate a float32 model on the validation images and write its bundle.

    Beside the thresholds it learns what is unlike all that the detector was trained on.

    Args:
        context: of the run, whose folder gets the bundle.
        model: with its final weights.
        scorer: the model, or what scores as it does, see `score_images`.

    Returns:
        The detector of the bundle, with the scorer in place of the model.
    """
    config, data, inputs = context.config, context.data, context.inputs
    valid, progress = context.valid, context.reporter.progress
    known = None
    images = isinstance(inputs, Preprocessing)
    # A one-class detector is itself a distance from what is known.
    if images and config.one_class is None:
        known = learn_known(
            scorer, context.preprocessing, context.train, config.seed, context.reporter
        )
    scorer = knowing(scorer, known)
    answers, _ = answers_of_files(
        scorer, inputs, valid.path, progress=progress, description="calibration"
    )
    logits, labels = answers[:, 0], valid.label.to_numpy()
    fitted, losses = calibrate(config.calibration, config.seed, logits, valid)
    info = DetectorInfo(
        name=config.model.name,
        architecture=config.model.name,
        arguments=architecture(config.model.name).settled(config.model.args),
        preprocessing=inputs,
        calibration=fitted,
        calibration_losses=losses,
        after_jpeg=_after_jpeg(context, fitted, scorer) if images else None,
        novelty=fit_novelty(answers[:, 1:], labels) if known else None,
        framing=_framing(data.split("train"), config.seed) if images else None,
        data=TrainingData(
            fingerprint=data.fingerprint,
            seed=config.seed,
            valid_from_train=config.data.valid_from_train,
            fold=config.data.fold,
            dealing=BY_HASH,
            layout=config.data.layout,
            split_from=config.data.split_from,
            group_by=config.data.group_by,
            train_limit=config.data.train_limit,
            takes=None if images else "sound",
            counts=_counts(data.usable),
        ),
        licence=_licences(config, data),
        backbone=_backbone(config),
        tuned=None if config.train.tune == "all" else config.train.tune,
        one_class=_one_class_facts(config, fitted, logits[labels == 0]),
    )
    folder = context.folder / "bundle"
    bundle = save_bundle(folder, model, info, known)
    before = _seen_before(context)
    used = data.usable["sha256"][data.usable.split.isin(("train", "valid"))]
    write_seen(folder, [*used, *before])
    return replace(bundle, model=scorer, seen=read_seen(folder))


def _backbone(config: RunConfig) -> str | None:
    """Where the layers are published that stayed as they are, or did but for some weights."""
    if config.train.only_head or config.train.tune != "all":
        return source_of(config.model.name, config.model.args)
    return None


def _seen_before(context: RunContext) -> frozenset[str]:
    """What the detectors that this one learned from had learned from; says what that spoils."""
    taught = _seen_by(context.config.train.teacher)
    if not (init := context.config.train.init_bundle):
        return taught
    before = _seen_by(init)
    if known := count_seen(context.valid["sha256"], before):
        context.reporter.say(
            f"{known} of the {len(context.valid)} validation images were learned from by {init}: "
            "scores and thresholds are set too boldly. Set them anew on photos that it has not "
            "seen: dfd calibrate --split valid_own"
        )
    return before | taught


def _seen_by(where: str | None) -> frozenset[str]:
    return read_seen(find_bundle(where)) if where else frozenset()


def _one_class_facts(
    config: RunConfig, fitted: Calibration, logits: Floats
) -> OneClassFacts | None:
    """How a one-class detector was trained, and where real validation photos score."""
    if config.one_class is None:
        return None
    scores = calibration.scores(logits, fitted)
    percentiles = {str(p): float(np.percentile(scores, p)) for p in PERCENTILES}
    options = config.one_class.model_dump(mode="json")
    return OneClassFacts(**options, percentiles_of_real_scores=percentiles)


def calibrate(
    options: CalibrationConfig, seed: int, logits: NDArray[np.float64], valid: pd.DataFrame
) -> tuple[Calibration, dict[str, float]]:
    """The calibration, and the cross-validated log loss of each map that was considered."""
    labels = valid.label.to_numpy()
    if not labels.any():
        return fit_on_reals(logits, valid.source), {}
    # Before anything is chosen on them.
    logits, labels = checked(logits, labels)
    groups = np.asarray(valid.groupby("group").ngroup(), np.int64)
    mapping, losses = choose_map(logits, labels, groups, name=options.map, seed=seed)
    fitted = fit_calibration(
        logits, labels, sources=valid.source, mapping=mapping, max_error=options.max_error
    )
    return fitted, losses


def _after_jpeg(context: RunContext, fitted: Calibration, scorer: Any) -> AfterJpeg:
    progress = context.reporter.progress
    return after_jpeg(fitted, scorer, context.preprocessing, context.valid, progress)


def after_jpeg(
    fitted: Calibration,
    model: Any,
    preprocessing: Preprocessing,
    valid: pd.DataFrame,
    progress: bool,
    cut: Cutter = whole,
) -> AfterJpeg:
    """What the thresholds do to the validation images after one more JPEG compression."""
    logits, _ = score_files(
        model,
        preprocessing,
        valid.path,
        cut=cut,
        change=lambda image, _: jpeg(image, JPEG_QUALITY),
        progress=progress,
        description=f"after JPEG {JPEG_QUALITY}",
    )
    scores, labels = calibration.scores(logits, fitted), valid.label.to_numpy()
    fakes = labels.any()
    rows = tuple(
        ThresholdAfterJpeg(
            fpr=threshold.fpr,
            false_positive_rate=float(np.mean(scores[labels == 0] >= threshold.value)),
            recall=float(np.mean(scores[labels == 1] >= threshold.value)) if fakes else None,
        )
        for threshold in fitted.thresholds
    )
    return AfterJpeg(quality=JPEG_QUALITY, n=len(valid), thresholds=rows)


def _framing(examples: pd.DataFrame, seed: int) -> Framing | None:
    """How the training images show faces, each source heard alike; None without a finder."""
    if not lite_is_installed():
        return None
    n = max(1, N_FOR_FRAMING // examples.source.nunique())
    chosen = examples.sample(frac=1, random_state=seed).groupby("source").head(n)
    return measure_framing(map(read_image, chosen.path), FaceFinder())


def _licences(config: RunConfig, data: RunData) -> dict[str, str]:
    """Terms of the data and of the pretrained weights, if there are any."""
    licences = {source: terms_of(source) for source in sorted(data.usable.source.unique())}
    if config.train.init == PRETRAINED or config.train.only_head:
        licences["pretrained weights"] = licence_of_weights(config.model.name)
    return licences


def _counts(usable: pd.DataFrame) -> dict[str, dict[str, Counts]]:
    """Images by source, split and class."""
    counts: dict[str, dict[str, Counts]] = {}
    for (source, split), part in usable.groupby(["source", "split"], sort=True):
        counts.setdefault(str(source), {})[str(split)] = Counts(
            real=int((part.label == 0).sum()), fake=int((part.label == 1).sum())
        )
    return counts

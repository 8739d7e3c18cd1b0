"""Fit the scores and thresholds of a trained detector to the photos it is to be used on."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from dfd_tf import environment
from dfd_tf.calibration import Calibration
from dfd_tf.calibration.fit import fit_limits
from dfd_tf.config import CalibrationConfig
from dfd_tf.data.sets.examples import read_as_dealt
from dfd_tf.data.sets.inventory import FILE as INVENTORY
from dfd_tf.data.sets.seen_files import digests_of, read_seen, write_seen
from dfd_tf.detectors.bundle import MEMBERS_FOLDER, WEIGHTS_FILE, load_detector
from dfd_tf.detectors.detector import Detector, Faces
from dfd_tf.detectors.knowledge import KNOWLEDGE_FILE, write_knowledge
from dfd_tf.detectors.locate import find_bundle
from dfd_tf.errors import UserError
from dfd_tf.reporter import Reporter
from dfd_tf.training.ensemble import answers_of_members, novelty_of
from dfd_tf.training.knowledge import knowing, learn_known
from dfd_tf.training.measure import measure
from dfd_tf.training.pack import after_jpeg, calibrate
from dfd_tf.types import Floats


def recalibrate(
    where: str | Path,
    data: Sequence[str],
    folder: Path,
    options: CalibrationConfig,
    reporter: Reporter,
    *,
    faces: Faces = "auto",
    keep_scores: bool = False,
    split: str = "valid",
) -> dict[str, Any]:
    """Calibrate a detector on the validation split of some data, measure it on their test split.

    The weights stay, byte for byte. Where photos that it was trained on are among the data, what
    it knows is laid down anew from them. A LiteRT file is left behind, since the thresholds are
    written in it.

    Args:
        where: bundle or run folder, or shipped name.
        data: dataset folders; what has no splits is dealt to them as in the detector's training.
        folder: the run folder to write, with the new bundle.
        options: which map, and how many of the verdicts may be wrong.
        reporter: shows how far it has come.
        faces: what of a photo is judged, see `Detector.judgements`.
        keep_scores: set thresholds and band alone, and let the map be as it is.
        split: to calibrate on: "valid", or "valid_own", the sets' own validation splits where the
            training kept others for itself.

    Returns:
        Content of metrics.json.

    Raises:
        UserError: the data have no validation or no test images, or those of one class only.
    """
    detector = load_detector(where, engine="keras")
    examples, inventory = read_as_dealt(data, detector.info.data)
    missing = {split, "test"} - set(examples.split)
    if missing:
        raise UserError(
            f"{', '.join(data)} has no image in the split {missing.pop()!r}; calibration needs "
            f"one split to learn from, {split}, and another to be measured on, test."
        )
    chosen = examples[examples.split == split]
    known = _known(detector, examples[examples.split == "train"], reporter)
    detector = replace(detector, model=knowing(detector.network, known)) if known else detector
    valid, (answers,) = answers_of_members([detector], chosen, reporter, faces)
    if valid.label.nunique() < 2:
        raise UserError(f"calibration needs real and fake photos in the split {split!r}.")
    if keep_scores:
        fitted, losses = _limits_anew(detector, options, answers[:, 0], valid)
    else:
        fitted, losses = calibrate(options, detector.info.data.seed, answers[:, 0], valid)
    info = detector.info.replace(
        calibration=fitted,
        calibration_losses=losses,
        calibrated_on=valid.source.value_counts().to_dict(),
        after_jpeg=after_jpeg(
            fitted,
            detector.model,
            detector.preprocessing,
            valid,
            reporter.progress,
            detector.cutter(faces),
        ),
        novelty=novelty_of(answers, valid),
        tflite_sha256=None,
    )
    bundle = folder / "bundle"
    bundle.mkdir(parents=True, exist_ok=True)
    inventory.write(folder / INVENTORY)
    shutil.copyfile(find_bundle(where) / WEIGHTS_FILE, bundle / WEIGHTS_FILE)
    if (find_bundle(where) / MEMBERS_FOLDER).is_dir():
        shutil.copytree(find_bundle(where) / MEMBERS_FOLDER, bundle / MEMBERS_FOLDER)
    if known:
        info = info.replace(knowledge=write_knowledge(bundle, known))
    elif info.knowledge:
        shutil.copyfile(find_bundle(where) / KNOWLEDGE_FILE, bundle / KNOWLEDGE_FILE)
    write_seen(bundle, [*detector.seen, *digests_of(list(valid.path))])
    calibrated = Detector(detector.model, info, read_seen(bundle))
    provenance = environment.describe() | {"detector": str(where)}
    unseen = examples[examples.split != split]
    return measure(calibrated, folder, unseen, provenance, faces=faces, reporter=reporter)


def _known(detector: Detector, train: pd.DataFrame, reporter: Reporter) -> keras.Model | None:
    """What the detector knows, from photos that it was trained on; None if these are not given.

    Then what its bundle says of it stays, and the limits alone are set anew. An ensemble asks its
    members.
    """
    if detector.info.members or detector.info.one_class:
        return None
    digests = digests_of(list(train.path), progress=reporter.progress)
    shown = train[[digest in detector.seen for digest in digests]]
    seed = detector.info.data.seed
    return learn_known(detector.network, detector.preprocessing, shown, seed, reporter)


def _limits_anew(
    detector: Detector, options: CalibrationConfig, logits: Floats, valid: pd.DataFrame
) -> tuple[Calibration, dict[str, float]]:
    """The detector's own map with other thresholds, and what was known when it was chosen."""
    fitted = fit_limits(
        detector.calibration,
        logits,
        valid.label,
        sources=valid.source,
        max_error=options.max_error,
    )
    return fitted, detector.info.calibration_losses

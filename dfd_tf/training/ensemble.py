"""Join trained detectors to an ensemble, on validation images that none of them has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf import environment
from dfd_tf.calibration.joining import SCALE, levels_of, weigh
from dfd_tf.calibration.novelty import Novelty, fit_novelty
from dfd_tf.config import CalibrationConfig
from dfd_tf.data.sets.examples import read_as_dealt
from dfd_tf.data.sets.inventory import FILE as INVENTORY
from dfd_tf.data.sets.seen_files import digests_of, read_seen, write_seen
from dfd_tf.data.sets.splits import BY_HASH
from dfd_tf.detectors.bundle import load_detector, save_bundle
from dfd_tf.detectors.detector import Detector, Faces
from dfd_tf.detectors.info import DetectorInfo, Joint, Member, RuleName, TrainingData
from dfd_tf.detectors.joining import ensemble_of, rule_of
from dfd_tf.detectors.scoring import answers_of_files
from dfd_tf.detectors.united import largest_of, weighing
from dfd_tf.errors import UserError
from dfd_tf.reporter import Reporter
from dfd_tf.training.measure import measure
from dfd_tf.training.pack import after_jpeg, calibrate
from dfd_tf.types import Floats


def combine(
    names: Sequence[str],
    data: Sequence[str],
    folder: Path,
    reporter: Reporter,
    split: str = "valid",
    rule: RuleName = "noisy-or",
) -> dict[str, Any]:
    """Join the members on validation, calibrate, measure on test, write a run folder.

    Args:
        names: of the members: bundle or run folders, or shipped names.
        data: the dataset folders that they were trained on, together.
        folder: the run folder; its bundle names the members and holds their weights in the sum.
            Each judges a face in its own view, at its own scale.
        reporter: says how it goes.
        split: to weigh on: "valid", which members dealt alike kept back together, or "valid_own",
            the sets' own validation splits, which each of them has left alone.
        rule: by which their log-odds become one, see `calibration.rules`.

    Returns:
        Content of metrics.json.

    Raises:
        UserError: the members' images were dealt to splits by other rules, one adds nothing, or
            there is no image to weigh on.
    """
    members = [load_detector(name, engine="keras") for name in names]
    dealt = _dealt_alike(members) if split == "valid" else _with_own_split(members)
    examples, inventory = read_as_dealt(data, dealt)
    chosen = examples[examples.split == split]
    if chosen.empty:
        raise UserError(f"{', '.join(data)} has no image in the split {split!r} to weigh on.")
    valid, answers = answers_of_members(members, chosen, reporter)
    log_odds = np.column_stack(
        [m.calibration.log_odds(said[:, 0]) for m, said in zip(members, answers, strict=True)]
    )
    labels, sources = valid.label.to_numpy(), valid.source.to_numpy(str)
    kernel, joint = fit_joint(rule, log_odds, labels, sources, names)
    reporter.say(_told(kernel, joint, names, len(valid)))
    joined = rule_of(kernel.tolist(), joint)(log_odds)
    fitted, losses = calibrate(CalibrationConfig(), dealt.seed, joined, valid)
    info = DetectorInfo(
        name="ensemble",
        architecture="ensemble",
        members=tuple(
            Member(detector=str(name), weights_sha256=m.info.weights_sha256, weight=weight)
            for name, m, weight in zip(names, members, kernel.tolist(), strict=True)
        ),
        joint=joint,
        preprocessing=(largest := largest_of(members)),
        calibration=fitted,
        calibration_losses=losses,
        framing=next((m.framing for m in members if m.framing), None),
        data=dealt,
        licence={k: v for member in members for k, v in member.info.licence.items()},
    )
    scorer = ensemble_of(members, info)
    info = info.replace(
        after_jpeg=after_jpeg(fitted, scorer, largest, valid, reporter.progress),
        novelty=novelty_of(scorer.joined(answers), valid),
    )
    detector = save_bundle(folder / "bundle", _weighing(kernel, joint), info)
    inventory.write(folder / INVENTORY)
    seen = {digest for member in members for digest in member.seen}
    write_seen(folder / "bundle", [*seen, *digests_of(list(valid.path))])
    detector = replace(detector, model=scorer, seen=read_seen(folder / "bundle"))
    provenance = environment.describe() | {"members": list(names)}
    unseen = examples[examples.split != split]
    return measure(detector, folder, unseen, provenance, reporter=reporter)


def fit_joint(
    rule: RuleName,
    log_odds: Floats,
    labels: NDArray[np.int64],
    sources: NDArray[np.str_],
    names: Sequence[str],
) -> tuple[Floats, Joint]:
    """Weights of the members, and all else that joins them.

    Args:
        rule: by which.
        log_odds: calibrated, of the members, (images, members).
        labels: fake = 1; both must occur.
        sources: names of the sets that the images come from.
        names: of the members, for errors.

    Raises:
        UserError: see `weigh`.
    """
    if rule == "sum":
        kernel, offset = weigh(log_odds, labels, names)
        return kernel, Joint(rule=rule, offset=offset)
    reals = labels == 0
    levels = levels_of(log_odds[reals], sources[reals])
    return np.full(len(names), SCALE), Joint(rule=rule, levels=tuple(levels.tolist()))


def _weighing(kernel: Floats, joint: Joint) -> keras.Model:
    model = weighing(len(kernel), joint.rule)
    summed = [kernel[:, None], np.array([joint.offset])]
    held = summed if joint.rule == "sum" else [kernel, np.array(joint.levels)]
    model.get_layer("logit").set_weights(held)
    return model


def _told(kernel: Floats, joint: Joint, names: Sequence[str], images: int) -> str:
    """What joins the members, in a line."""
    if joint.rule == "sum":
        shares = ", ".join(f"{w:.3f} x {name}" for w, name in zip(kernel, names, strict=True))
        return f"log-odds = {shares} {joint.offset:+.3f}, weighed on {images} images"
    above = ", ".join(f"{name} {n:+.2f}" for n, name in zip(joint.levels, names, strict=True))
    return f"noisy-or of log-odds above {above}, the levels of {images} images"


def answers_of_members(
    detectors: Sequence[Detector],
    examples: pd.DataFrame,
    reporter: Reporter,
    faces: Faces = "whole",
) -> tuple[pd.DataFrame, list[Floats]]:
    """The usable images of a table, and what each detector answers, see `answers_of_files`."""
    answers = [
        answers_of_files(
            m.model,
            m.preprocessing,
            examples.path,
            cut=m.cutter(faces),
            progress=reporter.progress,
            description=m.info.name,
        )[0]
        for m in detectors
    ]
    good = np.flatnonzero(np.isfinite(np.column_stack(answers)).all(axis=1))
    return examples.iloc[good], [said[good] for said in answers]


def novelty_of(answers: Floats, valid: pd.DataFrame) -> Novelty | None:
    """How far from what is known a photo may be; None where the answers are but logits.

    Args:
        answers: of validation images, (n, 1) or (n, 3).
        valid: their table.
    """
    return fit_novelty(answers[:, 1:], valid.label.to_numpy()) if answers.shape[1] > 1 else None


def _dealt_alike(members: Sequence[Detector]) -> TrainingData:
    """How the members' images were dealt to splits, and what they learned from together.

    Members may have learned from other sources than one another. Where images are dealt by hash, a
    validation image is one for every detector that was trained by the same rules, whatever else
    these were shown, so what all are weighed by is new to each.
    """
    first, *others = (member.info.data for member in members)
    for member, dealt in zip(members[1:], others, strict=True):
        if _rules(dealt) != _rules(first):
            raise UserError(
                f"{member.info.name} was trained on other images or splits than "
                f"{members[0].info.name}, so one may have learned from those that the other is "
                "weighed by. Train them with the same seed, valid_from_train and choices of how "
                "--data is read."
            )
    return _together(first, *others)


def _with_own_split(members: Sequence[Detector]) -> TrainingData:
    """The same where the sets' own validation splits are new to each, however it was trained."""
    for member in members:
        if not member.info.data.valid_from_train:
            raise UserError(
                f"{member.info.name} was calibrated on the sets' own validation splits: weigh it "
                "on the split valid, beside detectors trained by the same rules."
            )
    return _together(*(member.info.data for member in members))


def _together(first: TrainingData, *others: TrainingData) -> TrainingData:
    counts = {source: n for dealt in (*others, first) for source, n in dealt.counts.items()}
    return TrainingData(**first.model_dump() | {"counts": counts, "train_limit": None})


def _rules(dealt: TrainingData) -> TrainingData:
    """What decides which split an image is in; the old dealing also looks at all other images."""
    if dealt.dealing != BY_HASH:
        return dealt
    return TrainingData(
        **dealt.model_dump() | {"fingerprint": "", "counts": {}, "train_limit": None}
    )

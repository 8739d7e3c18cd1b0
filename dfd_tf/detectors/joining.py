"""From the members of an ensemble and what detector.json says of them to its scorer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dfd_tf.calibration.rules import NoisyOr, Rule, Sum
from dfd_tf.detectors.ensemble import Ensemble
from dfd_tf.detectors.info import DetectorInfo, Joint
from dfd_tf.detectors.views import MemberView
from dfd_tf.errors import UserError

if TYPE_CHECKING:
    from dfd_tf.detectors.detector import Detector


def ensemble_of(
    members: Sequence[Detector], info: DetectorInfo, offset: float | None = None
) -> Ensemble:
    """The scorer of an ensemble.

    Args:
        members: by whatever engine, in the order of `info.members`.
        info: of the ensemble.
        offset: of the sum, for an ensemble of before detector.json knew it.

    Raises:
        UserError: nothing knows the offset.
    """
    joint = info.joint
    if joint is None and offset is None:
        raise UserError(
            f"{info.name} was made before ensembles were judged without TensorFlow. Judge it where "
            "that is installed, or make it anew: dfd ensemble."
        )
    calibrated = joint is not None and joint.of == "log_odds"
    return Ensemble(
        members=tuple(member.model for member in members),
        views=tuple(MemberView(member.preprocessing, member.framing) for member in members),
        calibrations=tuple(member.calibration for member in members) if calibrated else (),
        novelties=tuple(member.info.novelty for member in members),
        rule=rule_of(
            [member.weight for member in info.members], joint or Joint(offset=float(offset or 0.0))
        ),
    )


def rule_of(weights: Sequence[float], joint: Joint) -> Rule:
    """What joins the members' answers, by what detector.json says of it."""
    if joint.rule == "noisy-or":
        return NoisyOr(tuple(weights), joint.levels)
    return Sum(tuple(weights), joint.offset)

"""Several detectors as one: each sees a face in its own way, and what they say is joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dfd_tf.calibration import Calibration
from dfd_tf.calibration.novelty import Novelty
from dfd_tf.calibration.rules import Rule
from dfd_tf.detectors.views import MemberView
from dfd_tf.types import Floats, Scorer


@dataclass(frozen=True)
class Ensemble:
    """What scores like one network, but of the squares of each member.

    Attributes:
        members: make logits of squares.
        views: how each sees a piece of a photo.
        calibrations: of each, through which its logit passes before it is joined; none where the
            logits themselves are.
        novelties: limits of each member's distances; None where it measures none.
        rule: from what they say, (n, members), to one log-odds, (n,).
        graph: makes all of it one Keras model, where Keras is there and members look alike.
    """

    members: tuple[Scorer, ...]
    views: tuple[MemberView, ...]
    calibrations: tuple[Calibration, ...]
    novelties: tuple[Novelty | None, ...]
    rule: Rule
    graph: Callable[[], Any] | None = None

    def predict_on_batch(self, squares: Any) -> Any:
        """There is no one square that all members see.

        Raises:
            TypeError: always; `detectors.scoring` asks the members.
        """
        raise TypeError("an ensemble is scored member by member")

    def joined(self, answers: Sequence[Floats]) -> Floats:
        """One answer of those of the members, each (n, 1) or (n, 3): shape (n, 1) or (n, 3).

        A photo is as far from what the ensemble knows as it is for the member to which it is
        strangest, in units of that member's own limits.
        """
        logits = self._logits([answer[:, 0] for answer in answers])
        relative = [
            answer[:, 1:] / [novelty.from_reals, novelty.from_known]
            for answer, novelty in zip(answers, self.novelties, strict=True)
            if novelty is not None
        ]
        return np.column_stack([logits, np.max(relative, axis=0)] if relative else [logits])

    def _logits(self, said: list[Floats]) -> Floats:
        if self.calibrations:
            pairs = zip(self.calibrations, said, strict=True)
            said = [calibration.log_odds(logits) for calibration, logits in pairs]
        return self.rule(np.column_stack(said))

"""What picture and sound say together: a figure beside the verdicts, which changes none of them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from dfd_tf.calibration import Calibration, logit
from dfd_tf.calibration.over_time import Estimate
from dfd_tf.video.deciding.verdict import as_score


class Together(NamedTuple):
    """Log-likelihood ratios of fake against real; None of what has no calibrated score.

    Picture and sound are taken to tell of a forgery independently of one another, and the sum is
    read at even odds: what has no score adds nothing, so that the other one is left.
    """

    picture: float | None
    sound: float | None

    @property
    def score(self) -> float | None:
        """P(fake) at even odds; None where neither tells anything."""
        known = [ratio for ratio in self if ratio is not None]
        return as_score(math.fsum(known)) if known else None

    def as_dict(self) -> dict[str, Any] | None:
        """For verdict.json."""
        if self.score is None:
            return None
        ratios = {k: None if v is None else round(v, 6) for k, v in self._asdict().items()}
        return {
            "score_at_even_odds": round(self.score, 6),
            "log_likelihood_ratios": ratios,
            "experimental": True,
        }


def fused(
    picture: Estimate | None, of_picture: Calibration, sound: float, of_sound: Calibration
) -> Together:
    """Late fusion: each modality by its own detector and its own calibration.

    Args:
        picture: of the person who decides, in log-odds; None where nobody was judged.
        of_picture: by which those log-odds were calibrated.
        sound: P(fake), NaN where there is no speech that could be judged.
        of_sound: by which that was calibrated.
    """
    seen = math.nan if picture is None else picture.value
    heard = float(logit(np.array(sound)))
    return Together(_ratio(seen, of_picture), _ratio(heard, of_sound))


def _ratio(log_odds: float, calibration: Calibration) -> float | None:
    """Log-odds without those that there were before; scores that are no probabilities have none."""
    if math.isnan(log_odds) or not calibration.calibrated:
        return None
    return log_odds - calibration.prior_log_odds

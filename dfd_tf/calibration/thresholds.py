"""Limits whose rate of errors holds for each source: of real photos accused, of fakes passed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FALSE_POSITIVE_RATES = (0.10, 0.05, 0.01)
DEFAULT_RATE = 0.05
# A source speaks for itself where a threshold leaves at least so many of its photos accused.
FEWEST_ACCUSED = 4


@dataclass(frozen=True)
class Accused:
    """How many of n real photos reach a threshold."""

    n: int
    accused: int

    @property
    def rate(self) -> float:
        """Their share."""
        return self.accused / self.n


@dataclass(frozen=True)
class Threshold:
    """A score from which on an image is called fake.

    Attributes:
        fpr: The share of real images, in (0, 1), that may be called fake at this threshold.
        value: The threshold. It may exceed 1 by one float step, where real validation images
            reached a score of 1: then no image is ever called fake.
        n_real: How many real validation images it was set on.
        by_source: Of the real validation images of each source, how many reach it; empty in
            detectors of before this was counted.
    """

    fpr: float
    value: float
    n_real: int
    by_source: Mapping[str, Accused] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON; `from_dict` restores them exactly."""
        values = asdict(self)
        return values if self.by_source else {k: v for k, v in values.items() if k != "by_source"}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Threshold:
        """Restore what `to_dict` gave.

        Raises:
            KeyError, TypeError: A number is missing or of the wrong kind.
        """
        by_source = {
            str(source): Accused(int(part["n"]), int(part["accused"]))
            for source, part in values.get("by_source", {}).items()
        }
        return cls(float(values["fpr"]), float(values["value"]), int(values["n_real"]), by_source)


def fit_thresholds(real_scores: ArrayLike, sources: ArrayLike) -> tuple[Threshold, ...]:
    """The thresholds at `FALSE_POSITIVE_RATES` that the strictest source asks for.

    A source whose reals look a little fake, pooled with a large one whose reals do not, would be
    accused far beyond the promised rate. So each source sets a threshold of its own, and the
    highest counts. Sources too small for a rate (fewer than `FEWEST_ACCUSED` of their photos would
    be accused) are pooled, and where these together are too few, all photos count as one.

    Args:
        real_scores: (n,) of real validation images, n > 0.
        sources: (n,) names of the sets they come from.
    """
    scores, names = np.asarray(real_scores, np.float64), np.asarray(sources).astype(str)
    thresholds: list[Threshold] = []
    for rate in FALSE_POSITIVE_RATES:
        asked = [_threshold_at(part, rate) for part in _parts(scores, names, rate)]
        # Which sources speak for themselves depends on the rate; thresholds rise all the same.
        value = max(asked + [threshold.value for threshold in thresholds])
        thresholds.append(Threshold(rate, value, len(scores), _accused(scores, names, value)))
    return tuple(thresholds)


def limit_on_missed(fake_scores: ArrayLike, sources: ArrayLike, rate: float) -> float:
    """A score that a *new* fake of any source stays below with a probability of at most `rate`.

    As `fit_thresholds` does for real photos: the source whose fakes look most real decides, and
    small ones are pooled.

    Args:
        fake_scores: (n,) of fake validation images, n > 0.
        sources: (n,) names of the sets they come from.
        rate: in [0, 1).
    """
    scores, names = -np.asarray(fake_scores, np.float64), np.asarray(sources).astype(str)
    return -max(_threshold_at(part, rate) for part in _parts(scores, names, rate))


def _parts(
    scores: NDArray[np.float64], names: NDArray[Any], rate: float
) -> Iterator[NDArray[np.float64]]:
    """The scores of each group of photos for which a rate is to hold."""
    least = math.ceil(FEWEST_ACCUSED / rate) if rate else math.inf
    known, sizes = np.unique(names, return_counts=True)
    for name in known[sizes >= least]:
        yield scores[names == name]
    pool = scores[np.isin(names, known[sizes < least])]
    if len(pool):
        yield pool if len(pool) >= least else scores


def _threshold_at(real_scores: NDArray[np.float64], rate: float) -> float:
    """The smallest t that a *new* real photo reaches with a probability of at most `rate`.

    Among n photos and a new one, each is as likely as any other to be the highest, and so on: above
    the (k + 1)-th highest score a new one lies with probability (k + 1) / (n + 1) (split conformal
    prediction, Vovk et al. 2005). t lies one float step above that score. With fewer than
    1 / rate - 1 photos (99 for 1 %) it lies just above the highest, and the true rate is known only
    roughly.
    """
    n = len(real_scores)
    # The tiny addend: 0.29 * 100 is 28.999..., yet 29 of 100 are 29 %.
    allowed = max(math.floor(rate * (n + 1) + 1e-9) - 1, 0)
    first_spared = np.sort(real_scores)[n - 1 - allowed]
    return float(np.nextafter(first_spared, np.inf))


def _accused(
    scores: NDArray[np.float64], names: NDArray[Any], threshold: float
) -> dict[str, Accused]:
    return {
        str(name): Accused(
            int((names == name).sum()), int((scores[names == name] >= threshold).sum())
        )
        for name in np.unique(names)
    }

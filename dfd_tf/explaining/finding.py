"""All that was found out about one image, and how it is said in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.explaining.edited import Region, Shares
from dfd_tf.explaining.heat import HeatMap
from dfd_tf.explaining.sanity import HIGHEST_RANK_CORRELATION, Sanity

CLASSES = ("real", "fake")


@dataclass(frozen=True)
class Finding:
    """One image, judged and explained.

    Attributes:
        path: of the file.
        image: uint8 RGB, (height, width, 3).
        score: calibrated P(fake).
        verdict: real, fake or inconclusive.
        how: method and layer, for the reader.
        found: the map.
        sanity: its checks.
        region: the edited part, where its dataset tells.
        shares: of heat and area inside that part.
        traces: AMTEN's maps by name, where the detector has them.
    """

    path: str
    image: NDArray[np.uint8]
    score: float
    verdict: str
    how: str
    found: HeatMap
    sanity: Sanity
    region: Region | None
    shares: Shares | None
    traces: dict[str, NDArray[np.float32]]

    @property
    def target(self) -> str:
        """Name of the class that the heat speaks for."""
        return CLASSES[self.found.target]


def checks_in_words(finding: Finding) -> list[str]:
    """The figures of the checks, a sentence each."""
    sanity, target = finding.sanity, finding.target
    sentences = [
        f"Networks with random weights: rank correlation {_signed(sanity.rank_correlation)} "
        f"with this map (passes up to {HIGHEST_RANK_CORRELATION}).",
        f"Logit for {target} while places are blurred, hot ones first: "
        f"{_signed(sanity.deletion)} on average; random places: "
        f"{_signed(sanity.deletion_random)} (hot must be lower).",
        f"While they are restored, hot ones first: {_signed(sanity.insertion)}; "
        f"random places: {_signed(sanity.insertion_random)} (higher is better).",
    ]
    if finding.shares:
        sentences.append(
            f"The edited part (dashed) holds {finding.shares.heat:.0%} of the heat for {target} on "
            f"{finding.shares.area:.0%} of the area; a face's features draw heat unedited, "
            "too.".replace("%", " %")
        )
    return sentences


def seen_in_words(policy: Preprocessing, seen: NDArray[np.bool_]) -> str:
    """Which part of the image the detector saw, and at what size."""
    if seen.all():
        part = "the whole image"
    else:
        part = f"the framed part ({seen.mean():.0%} of the area)".replace("%", " %")
    views = "" if policy.views == 1 else f" in {policy.views} overlapping views,"
    return f"The detector saw {part},{views} at {policy.size} x {policy.size} pixels."


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")

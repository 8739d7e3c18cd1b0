"""Numbers of an evaluation in the words of somebody who has to act on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dfd_tf.calibration import DEFAULT_RATE
from dfd_tf.evaluation.bootstrap import FEWEST_GROUPS
from dfd_tf.reporting.numbers import percent

# Conventional words for the lower end of the AUC's interval; the first that it reaches counts.
GOOD_RANKING = 0.90
GRADES = (
    (0.98, "It tells real and fake photos apart very well."),
    (GOOD_RANKING, "It tells real and fake photos apart well, but makes mistakes."),
    (0.75, "It tells real and fake photos apart better than guessing, and is often wrong."),
    (0.50, "It does little better than guessing."),
)
NO_BETTER_THAN_GUESSING = "On these photos it does no better than guessing."
MISPLACED = "It ranks fakes above real photos well, but its threshold does not fit these photos."


def grade(metrics: Mapping[str, Any]) -> str:
    """One sentence on how well the classes are told apart, from the cautious end of the AUC.

    A good ranking is no praise where the threshold accuses more than it promised or finds less
    than half of the fakes.
    """
    low = metrics["auc"]["low"]
    if low is None and metrics["auc"]["value"] is not None:
        return "Too few photos were tested to say how well it tells real and fake ones apart."
    if low is None:
        return "Photos of one kind only were tested, so nothing can be said on telling them apart."
    if low <= 0.5:
        return NO_BETTER_THAN_GUESSING
    accuses_too_many = metrics["fpr_at_threshold"]["low"] > DEFAULT_RATE
    if low >= GOOD_RANKING and (accuses_too_many or metrics["recall"]["high"] < 0.5):
        return MISPLACED
    return next(sentence for least, sentence in GRADES if low >= least)


def cautions(metrics: Mapping[str, Any]) -> list[str]:
    """What a reader must know before trusting the numbers."""
    found = without_intervals(metrics)
    rate = metrics["fpr_at_threshold"]
    if rate["low"] is not None and rate["low"] > DEFAULT_RATE:
        found.append(
            f"The threshold was set to accuse at most {percent(DEFAULT_RATE)} of real photos but "
            f"accuses {percent(rate['value'])} of these. They differ from the photos it was set "
            "on, or those were too few."
        )
    if metrics["n_real"] < 100:
        found.append(
            f"With {metrics['n_real']} real photos, rates of false alarms as low as 1 % cannot be "
            "measured."
        )
    if metrics["ece"]["low"] is not None and metrics["ece"]["low"] > 0.1:
        found.append(
            f"Do not read the score as a probability here: it is off by "
            f"{percent(metrics['ece']['value'])} on average."
        )
    if metrics.get("n_failed"):
        found.append(
            f"Not judged, and counted in no number here: {metrics['n_failed']:,} "
            f"{'file' if metrics['n_failed'] == 1 else 'files'}, listed below."
        )
    return found


def without_intervals(metrics: Mapping[str, Any]) -> list[str]:
    """Where too little was tested for an interval to mean anything, a sentence that says so."""
    unit = "photos" if metrics["bootstrap"]["unit"] == "image" else "groups of photos"
    few = f"fewer than {FEWEST_GROUPS} {unit} of a class were tested"
    if _bears_no_interval(metrics):
        return [
            f"The numbers stand without intervals: {few}, too few to say how far the truth may "
            "be from them."
        ]
    sources = [name for name, part in metrics["per_source"].items() if _bears_no_interval(part)]
    return [f"No intervals for {', '.join(sources)}: {few} there."] if sources else []


def _bears_no_interval(metrics: Mapping[str, Any]) -> bool:
    # The one metric that is defined wherever there is an image.
    return metrics["accuracy"]["value"] is not None and metrics["accuracy"]["low"] is None

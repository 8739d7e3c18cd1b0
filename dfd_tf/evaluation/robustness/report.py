"""Everything that a robustness run leaves on disk: JSON, table, plots and a page for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from dfd_tf.calibration import DEFAULT_RATE
from dfd_tf.evaluation.bootstrap import FEWEST_GROUPS
from dfd_tf.evaluation.robustness.measure import METRICS
from dfd_tf.evaluation.robustness.plots import CAPTIONS, draw_robustness
from dfd_tf.evaluation.robustness.protocol import CLEAN
from dfd_tf.reporting.numbers import percent, with_interval
from dfd_tf.reporting.page import captioned, write_page
from dfd_tf.reporting.style import save_pngs
from dfd_tf.reporting.tables import flat

Result = Mapping[str, Any]
THINGS = {"image": "photo", "sound": "recording"}


def write_robustness(out: Path, result: Result, provenance: Mapping[str, Any]) -> None:
    """Writes robustness.json, robustness.csv, plots/ and report.html.

    Args:
        out: the folder, made if absent.
        result: from `measure_robustness`.
        provenance: facts for the report's last section.
    """
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=2, allow_nan=False)
    (out / "robustness.json").write_text(text + "\n", encoding="utf-8")
    step_table(result).to_csv(out / "robustness.csv", index=False)
    figures = draw_robustness(result["steps"])
    save_pngs(out / "plots", figures)
    write_page(
        out / "report.html",
        "evaluation/robustness/robustness.html.j2",
        title=f"Does it survive what happens to {THINGS[result['takes']]}s?",
        thing=THINGS[result["takes"]],
        subject=[(key, provenance[key]) for key in ("model", "split") if key in provenance],
        result=result,
        grade=summary_in_words(result),
        cautions=cautions(result),
        rows=step_rows(result),
        plots=captioned(figures, CAPTIONS),
        provenance=flat(provenance),
    )


def step_table(result: Result) -> pd.DataFrame:
    """Content of robustness.csv: a row per step, each metric with its interval."""
    rows = []
    for name, step in result["steps"].items():
        row = {"step": name, "kind": step["kind"], "strength": step["strength"]}
        for metric in METRICS:
            row |= {
                metric: step[metric]["value"],
                f"{metric}_low": step[metric]["low"],
                f"{metric}_high": step[metric]["high"],
            }
        rows.append(row | {"inconclusive": step["inconclusive"]})
    return pd.DataFrame(rows)


def step_rows(result: Result) -> list[dict[str, str]]:
    """The steps with their numbers in words, for a table of people."""
    return [
        {
            "name": name,
            "words": step["words"],
            "auc": with_interval(step["auc"]),
            "eer": with_interval(step["eer"]),
            "accuracy": percent(step["accuracy"]["value"]),
            "accused": percent(step["fpr_at_threshold"]["value"]),
            "found": percent(step["recall"]["value"]),
            "inconclusive": percent(step["inconclusive"]),
        }
        for name, step in result["steps"].items()
    ]


def summary_in_words(result: Result) -> str:
    """The whole protocol in one sentence."""
    summary, clean = result["summary"], result["steps"][CLEAN]["auc"]
    return (
        f"Mean AUC over {_in_mean(result)} degradations "
        f"{with_interval(summary['mean_auc'])}, as it is {with_interval(clean)}: "
        f"{percent(summary['ratio_to_clean']['value'])} is kept."
    )


def _in_mean(result: Result) -> int:
    """How many steps the mean is of, see `Degradation.in_mean`."""
    return sum(step["in_mean"] for name, step in result["steps"].items() if name != CLEAN)


def cautions(result: Result) -> list[str]:
    """What a reader must know before using the detector on such photos."""
    steps = {name: step for name, step in result["steps"].items() if name != CLEAN}
    worst = min(steps, key=lambda name: steps[name]["auc"]["value"])
    found = [f"It suffers most from {worst}: AUC {with_interval(steps[worst]['auc'])}."]
    if result["steps"][CLEAN]["auc"]["low"] is None:
        found.append(
            f"The numbers stand without intervals: fewer than {FEWEST_GROUPS} groups of photos of "
            "a class were tested, too few to say how far the truth may be from them."
        )
    else:
        found += _shown_faults(steps)
    if result["n_failed"]:
        found.append(f"{result['n_failed']:,} files could not be judged and count nowhere.")
    return found


def _shown_faults(steps: Mapping[str, Any]) -> list[str]:
    """What the intervals leave no doubt of."""
    found = []
    guesses = [name for name, step in steps.items() if step["auc"]["low"] <= 0.5]
    if guesses:
        found.append(f"It does no better than guessing after {', '.join(guesses)}.")
    accusing = [
        f"{name} ({percent(step['fpr_at_threshold']['value'])})"
        for name, step in steps.items()
        if step["fpr_at_threshold"]["low"] > 2 * DEFAULT_RATE
    ]
    if accusing:
        found.append(
            f"The threshold was set to accuse {percent(DEFAULT_RATE)} of real photos. It accuses "
            f"more than twice as many after {', '.join(accusing)}: do not rely on a verdict of "
            "fake for such photos."
        )
    return found

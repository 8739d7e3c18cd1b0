"""What a comparison of two detectors leaves on disk: JSON, table, picture and a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from dfd_tf.evaluation.bootstrap import FEWEST_GROUPS
from dfd_tf.evaluation.metrics import LEVEL
from dfd_tf.reporting.numbers import percent, with_interval
from dfd_tf.reporting.page import captioned, write_page
from dfd_tf.reporting.style import (
    ACCENT,
    GUIDE,
    INK,
    house_style,
    new_figure,
    save_pngs,
    share_axis,
)
from dfd_tf.reporting.tables import flat

Result = Mapping[str, Any]
Pair = tuple[pd.DataFrame, pd.DataFrame]

CAPTIONS = {
    "roc": "Every possible threshold of both on the same photos; the points are the thresholds "
    "that they were shipped with. The higher curve finds more fakes at the same false alarms.",
    "difference": "Difference in AUC, all photos and by source, with 95 % intervals. Where an "
    "interval holds 0, these photos do not show which of the two ranks better.",
}


def write_comparison(
    out: Path,
    predictions: Pair,
    result: Result,
    names: tuple[str, str],
    thresholds: tuple[float, float],
    provenance: Mapping[str, Any],
    cautions: tuple[str, ...] = (),
) -> None:
    """Writes comparison.json, comparison.csv, plots/ and report.html.

    Args:
        out: the folder, made if absent.
        predictions: of both detectors, as `compare_predictions` took them.
        result: of `compare_predictions`.
        names: of the detectors.
        thresholds: of the detectors.
        provenance: facts for the page's last section.
        cautions: what a reader must know before believing the numbers.
    """
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"detectors": names, **result}, indent=2, allow_nan=False)
    (out / "comparison.json").write_text(text + "\n", encoding="utf-8")
    _table(predictions).to_csv(
        out / "comparison.csv", index=False, float_format="%.6f", errors="backslashreplace"
    )
    figures = {
        "roc": draw_both(predictions, result, names, thresholds),
        "difference": draw_difference(result),
    }
    save_pngs(out / "plots", figures)
    write_page(
        out / "report.html",
        "evaluation/comparison/comparison.html.j2",
        title="Which of the two detectors is better?",
        names=names,
        result=result,
        grade=in_words(result, names),
        decisions=decisions_in_words(result, names),
        cautions=cautions,
        rows=auc_rows(result),
        mcnemar=result["mcnemar"],
        plots=captioned(figures, CAPTIONS),
        provenance=flat(provenance),
    )


def auc_rows(result: Result) -> list[dict[str, str]]:
    """AUC of both and the difference, over all and by source, in words."""
    parts = {"all": result, **result["per_source"]} if len(result["per_source"]) > 1 else {}
    return [
        {
            "name": name,
            "first": with_interval(part["auc"][0]),
            "second": with_interval(part["auc"][1]),
            "difference": with_interval(part["auc_difference"]),
        }
        for name, part in (parts or {"all": result}).items()
    ]


def in_words(result: Result, names: tuple[str, str]) -> str:
    """Which one ranks better, if the photos show it at all."""
    gap = result["auc_difference"]
    if gap["low"] is None:
        return (
            f"AUC {with_interval(gap)} apart, which shows nothing: fewer than {FEWEST_GROUPS} "
            "groups of photos of a class were compared."
        )
    if gap["low"] <= 0 <= gap["high"]:
        return f"No difference in ranking is shown: AUC {with_interval(gap)} apart."
    better = names[0] if gap["value"] > 0 else names[1]
    size = {key: abs(gap[key]) for key in ("value", "low", "high")}
    size["low"], size["high"] = sorted((size["low"], size["high"]))
    return f"{better} ranks better, by {with_interval(size)} of AUC."


def decisions_in_words(result: Result, names: tuple[str, str]) -> str:
    """Which one decides better at its own threshold, if the photos show it."""
    cells = result["mcnemar"]["all"]
    counts = cells["only_first_right"], cells["only_second_right"]
    said = (
        f"At their stored thresholds {names[0]} alone is right on {counts[0]:,} photos, "
        f"{names[1]} alone on {counts[1]:,} (McNemar's exact test, p = {cells['p']:.2g})"
    )
    if cells["p"] > 1 - LEVEL:
        return f"{said}: no difference is shown."
    more = percent(abs(counts[0] - counts[1]) / result["n"])
    return f"{said}: {names[counts[1] > counts[0]]} decides better, by {more} of the photos."


@house_style()
def draw_both(
    predictions: Pair, result: Result, names: tuple[str, str], thresholds: tuple[float, float]
) -> Figure:
    """Both ROC curves, with the points of the stored thresholds."""
    figure = new_figure()
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], **GUIDE)
    usable = predictions[0]["score"].notna() & predictions[1]["score"].notna()
    drawn = zip(predictions, names, thresholds, result["auc"], (ACCENT, INK), strict=True)
    for table, name, threshold, auc, colour in drawn:
        labels, scores = table.loc[usable, "label"], table.loc[usable, "score"]
        fpr, tpr, _ = roc_curve(labels, scores)
        axes.plot(fpr, tpr, color=colour, label=f"{name}, AUC {auc['value']:.3f}")
        alarm = scores >= threshold
        axes.plot(alarm[labels == 0].mean(), alarm[labels == 1].mean(), "o", color=colour)
    share_axis(axes.xaxis)
    share_axis(axes.yaxis)
    axes.set(
        title="Both ROC curves",
        xlabel="real photos wrongly accused (FPR)",
        ylabel="fake photos found (TPR)",
    )
    axes.legend(loc="lower right")
    return figure


@house_style()
def draw_difference(result: Result) -> Figure:
    """The difference in AUC with its interval, over all and by source."""
    figure = new_figure()
    axes = figure.subplots()
    parts = {"all": result, **(result["per_source"] if len(result["per_source"]) > 1 else {})}
    for place, (name, part) in enumerate(parts.items()):
        gap, colour = part["auc_difference"], ACCENT if name == "all" else INK
        if gap["low"] is not None:
            axes.plot([gap["low"], gap["high"]], [-place, -place], color=colour)
        axes.plot(gap["value"], -place, "o", color=colour)
    axes.axvline(0, **GUIDE)
    axes.set_yticks([-place for place in range(len(parts))], list(parts))
    axes.set_ylim(-len(parts) + 0.3, 0.7)
    axes.grid(axis="y", visible=False)
    axes.set(title="Difference in AUC", xlabel="first less second")
    return figure


def _table(predictions: Pair) -> pd.DataFrame:
    first, second = predictions
    return first[["path", "label"]].assign(first=first["score"], second=second["score"])

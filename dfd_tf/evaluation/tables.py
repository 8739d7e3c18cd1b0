"""Rows of the report's tables, every number already in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dfd_tf.calibration import Calibration
from dfd_tf.evaluation.metric_records.record import METRICS
from dfd_tf.reporting.numbers import percent

Row = dict[str, Any]

VERDICTS = ("real", "inconclusive", "fake")
PREVALENCE = 0.01


def metric_rows(metrics: Mapping[str, Any]) -> list[Row]:
    """Every metric: name, which values are good, value, 95 % interval, meaning in one line."""
    return [
        {
            "name": metric.title,
            "better": metric.better,
            "needs_threshold": metric.needs_threshold,
            "meaning": metric.meaning,
            **_value_and_interval(metrics[metric.name]),
        }
        for metric in METRICS
    ]


def source_rows(metrics: Mapping[str, Any]) -> list[Row]:
    """The metrics that compare data sets, for every source of the images."""
    columns = ("auc", "accuracy", "recall", "fpr_at_threshold", "ece")
    return [
        {
            "name": name,
            "n_real": f"{part['n_real']:,}",
            "n_fake": f"{part['n_fake']:,}",
            "cells": [_value_and_interval(part[column]) for column in columns],
        }
        for name, part in metrics["per_source"].items()
    ]


def threshold_rows(table: pd.DataFrame, calibration: Calibration) -> list[Row]:
    """What each stored threshold does on these images, and would do where fakes are rare.

    Args:
        table: Judged predictions.
        calibration: The thresholds.
    """
    return [
        _threshold_row(table, threshold.fpr, threshold.value)
        for threshold in calibration.thresholds
    ]


def verdict_bars(table: pd.DataFrame) -> list[Row]:
    """For real and for fake photos: the share of each of the three verdicts."""
    bars = []
    for label, name in ((0, "real"), (1, "fake")):
        given = table.loc[table["label"] == label, "verdict"]
        if len(given):
            parts = [
                {"verdict": verdict, "share": (given == verdict).mean()} for verdict in VERDICTS
            ]
            bars.append({"name": name, "n": f"{len(given):,}", "parts": parts})
    return bars


def _threshold_row(table: pd.DataFrame, rate: float, value: float) -> Row:
    alarm = table["score"] >= value
    reals = table[table["label"] == 0]
    fpr = alarm[reals.index].mean()
    tpr = alarm[table["label"] == 1].mean()
    false_alarms, hits = (1 - PREVALENCE) * fpr, PREVALENCE * tpr
    alarms = false_alarms + hits  # NaN where a class is absent
    return {
        "set_at": percent(rate),
        "value": f"{value:.4f}" if 0.001 < value < 0.999 else f"{value:.6f}",
        "fpr": _percent_or_dash(fpr),
        "worst": _worst_source(reals, alarm),
        "tpr": _percent_or_dash(tpr),
        "false_alarms": "–" if pd.isna(fpr) else f"{1000 * false_alarms:.0f}",  # noqa: RUF001
        "right": _percent_or_dash(hits / alarms if alarms > 0 else float("nan")),
    }


def _worst_source(reals: pd.DataFrame, alarm: pd.Series[bool]) -> str:
    """The source whose real photos are accused most often; empty where there is but one."""
    rates = alarm[reals.index].groupby(reals["source"]).mean().sort_values()
    return f"{rates.index[-1]}: {percent(rates.iloc[-1])}" if len(rates) > 1 else ""


def _percent_or_dash(share: float) -> str:
    return "–" if pd.isna(share) else percent(share)  # noqa: RUF001


def _value_and_interval(metric: Mapping[str, float | None]) -> Row:
    value, low, high = metric["value"], metric["low"], metric["high"]
    return {
        "value": "–" if value is None else f"{value:.3f}",  # noqa: RUF001
        "interval": "" if low is None or high is None else f"{low:.3f} to {high:.3f}",
    }

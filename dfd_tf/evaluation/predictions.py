"""The table of predictions: one row for every file, also for those that could not be judged."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

FILE = "predictions.csv"
COLUMNS = ["path", "label", "score", "verdict", "reason"]


def judged(predictions: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a score."""
    return predictions[predictions["score"].notna()]


def failed(predictions: pd.DataFrame) -> pd.DataFrame:
    """The rows without a score; their column `reason` says why."""
    return predictions[predictions["score"].isna()]


def write_predictions(path: str | Path, predictions: pd.DataFrame) -> None:
    """Writes predictions.csv: exactly `COLUMNS`, scores with 6 decimals, rows as they stand.

    Names with commas, quotes and line ends are quoted. A name that is no valid Unicode is written
    with its foreign bytes as backslash escapes, so that the file always is UTF-8.
    """
    table = predictions.reindex(columns=COLUMNS)
    # Nullable, because one row without a label would turn all the others into 0.0 and 1.0.
    table = table.assign(label=table["label"].astype("Int64"))
    with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        table.to_csv(file, index=False, float_format="%.6f", lineterminator="\n")

"""From the separability of traits to what a person should know and do.

Levels. How a file is written (its header) shows nothing of a forgery, so whatever of it separates
the classes is a fault of the dataset. Pixel statistics are another matter: a forger changes
colours, sharpness and block grid too. On published sets without known faults they reach AUCs of
0.5 to 0.7, so that only more is worth a warning, and only what makes a look at the face
unnecessary is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from dfd_tf.auditing.findings import Finding
from dfd_tf.auditing.kinds import IMAGES, Kind
from dfd_tf.auditing.separability import LEAST_CARRIERS

# Lower ends of AUC intervals from which on a trait counts.
HEADER_FINDING = 0.55
PIXEL_WARNING = 0.70
PIXEL_FINDING = 0.90

# A single header value counts where chance is excluded and the classes' shares are this far apart,
SIGNIFICANCE = 0.01  # after Holm's correction
SHARE_GAP = 0.05
# or where this share of a class carries it and no image of the other does, chance or not.
EXCLUSIVE_SHARE = 0.10


def shortcut_findings(
    traits: pd.DataFrame, values: pd.DataFrame, kind: Kind = IMAGES
) -> list[Finding]:
    """What separates the classes.

    Args:
        traits: first table of `find_shortcuts`.
        values: second table of `find_shortcuts`.
        kind: of the examples.
    """
    found: list[Finding] = []
    for row in traits.itertuples():
        of_trait = values[(values["source"] == row.source) & (values["trait"] == row.trait)]
        found += _header(row, of_trait, kind) if row.in_header else _pixels(row, kind)
    return found


# Rows of `find_shortcuts`' tables are named tuples whose type pandas does not know.
def _header(row, values: pd.DataFrame, kind: Kind) -> Iterator[Finding]:  # type: ignore[no-untyped-def]
    telling = values[_telling(values)]
    exclusive = values[_exclusive(values)]
    separates = row.low is not None and row.low > HEADER_FINDING
    if not separates and telling.empty and exclusive.empty:
        return
    reasons = []
    if separates:
        reasons.append(f"the classes are told apart by it with an AUC of {_interval(row)}")
    named = next((table for table in (telling, exclusive) if len(table)), values.head(1))
    if len(named):
        reasons.append(_carried(named.iloc[0]))
    if not separates and telling.empty:
        reasons.append(
            "on so few images chance cannot be ruled out, but an encoder used for one class only "
            "is a fault until the whole dataset says otherwise"
        )
    yield Finding(
        "finding",
        f"{_capital(row.trait)} ({row.source})",
        f"In {row.source}, {'; '.join(reasons)}. This says nothing about {kind.content}s: a "
        f"detector can read the file instead, and will fail on {kind.many} from elsewhere.",
        kind.mend,
    )


def _pixels(row, kind: Kind) -> Iterator[Finding]:  # type: ignore[no-untyped-def]
    if pd.isna(row.low) or row.low <= PIXEL_WARNING:
        return
    text = f"In {row.source}, {row.trait} alone tells the classes apart with AUC {_interval(row)}."
    if row.low > PIXEL_FINDING:
        text += (
            f" {_capital(kind.look)} is not needed: one class was probably processed in another "
            "way."
        )
        yield Finding("finding", f"{_capital(row.trait)} ({row.source})", text, kind.mend)
        return
    text += " The forgery itself may be the cause, so this proves no fault."
    advice = "Compare a detector's AUC with this one: what does not exceed it has learned no more."
    yield Finding("warning", f"{_capital(row.trait)} ({row.source})", text, advice)


def _telling(values: pd.DataFrame) -> pd.Series:
    gap = (values["share_fake"] - values["share_real"]).abs()
    return (values["p_corrected"] < SIGNIFICANCE) & (gap >= SHARE_GAP)


def _exclusive(values: pd.DataFrame) -> pd.Series:
    one_class = values[["real", "fake"]].min(axis=1) == 0
    carriers = values[["real", "fake"]].max(axis=1)
    share = values[["share_real", "share_fake"]].max(axis=1)
    return one_class & (carriers >= LEAST_CARRIERS) & (share >= EXCLUSIVE_SHARE)


def _carried(row: pd.Series) -> str:
    return (
        f"{row['value']!r} is carried by {row['fake']:,} fakes ({row['share_fake']:.0%}) and "
        f"{row['real']:,} reals ({row['share_real']:.0%}; p = {row['p_corrected']:.2g} after "
        "correction)"
    )


def _interval(row) -> str:  # type: ignore[no-untyped-def]
    return f"{row.auc:.2f} ({row.low:.2f} to {row.high:.2f})"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]

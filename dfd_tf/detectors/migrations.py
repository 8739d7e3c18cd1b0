"""Formats of detector.json: how each earlier one becomes the next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from dfd_tf.errors import UserError

Values = dict[str, Any]

FORMAT: Literal[5] = 5


def migrated(values: Any, where: Path) -> Values:
    """The content of a detector.json in today's format.

    Raises:
        UserError: no such format; the message says what to do.
        KeyError, TypeError: the values are no content of a detector.json.
    """
    found = values["format"]
    if found not in (*MIGRATIONS, FORMAT):
        raise UserError(
            f"{where} has bundle format {found!r}; this version reads up to {FORMAT}. "
            "Upgrade dfd_tf, or train the detector anew."
        )
    for number in range(found, FORMAT):
        values = {**MIGRATIONS[number](values), "format": number + 1}
    return dict(values)


def _richer_calibration(values: Values) -> Values:
    """Format 2 knows maps beside the temperature; a temperature alone stays as it is."""
    return values


def _fields_name(values: Values) -> Values:
    """Format 3 calls a committee an ensemble."""
    renamed = {
        key: "ensemble" for key in ("name", "architecture") if values.get(key) == "committee"
    }
    return values | renamed


def _knows_its_limits(values: Values) -> Values:
    """Format 4 has false alarms by source, distances from what is known, members' own views."""
    return values


def _may_join_otherwise(values: Values) -> Values:
    """Format 5 has a second rule by which members are joined; those of before are sums."""
    return values


MIGRATIONS: dict[int, Callable[[Values], Values]] = {
    1: _richer_calibration,
    2: _fields_name,
    3: _knows_its_limits,
    4: _may_join_otherwise,
}

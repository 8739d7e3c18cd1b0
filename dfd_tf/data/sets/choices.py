"""What a user decides where a dataset folder can be read in several ways."""

from __future__ import annotations

from dataclasses import dataclass

FOLDER, FILE, DEALT = "folder", "file", "dealt"


@dataclass(frozen=True)
class Choices:
    """How to read datasets; None leaves a question to what is found.

    Attributes:
        layout: name of the layout, see `data.sets.layouts`.
        split_from: "folder": by the folders that name splits, others left out; "dealt": a set's
            own splits are put aside; or a column of `labels`.
        group_by: "folder": what lies in one folder below a class belongs together; "file": every
            file is a group of its own; or a column of `labels`.
        labels: a CSV file of path and label that decides in place of the folders' names.
    """

    layout: str | None = None
    split_from: str | None = None
    group_by: str | None = None
    labels: str | None = None


AS_FOUND = Choices()

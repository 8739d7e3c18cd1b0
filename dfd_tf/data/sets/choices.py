"""What a user decides where a dataset folder can be read in several ways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from dfd_tf.types import Takes

FOLDER, FILE, DEALT = "folder", "file", "dealt"
AUTO = "auto"


@dataclass(frozen=True)
class Choices:
    """How to read datasets; None or "auto" leaves a question to what is found.

    Attributes:
        layout: name of the layout, see `data.sets.layouts`.
        split_from: "folder": by the folders that name splits, others left out; "dealt": a set's
            own splits are put aside; or a column of `labels`.
        group_by: "folder": what lies in one folder below a class belongs together; "file": every
            file is a group of its own; or a column of `labels`.
        labels: a CSV file of path and label that decides in place of the folders' names.
        takes: of what the examples are, which no user decides but the detector; None is "image".
    """

    layout: str | None = None
    split_from: str | None = None
    group_by: str | None = None
    labels: str | None = None
    takes: Takes | None = None

    def or_as(self, other: Choices) -> Choices:
        """These choices, and another's where nothing is said here, "auto" not being nothing."""
        return Choices(
            self.layout or other.layout,
            self.split_from or other.split_from,
            self.group_by or other.group_by,
            self.labels or other.labels,
            self.takes or other.takes,
        )

    def as_settings(self) -> dict[str, str | None]:
        """What the user decides, by its key in a configuration."""
        decided = asdict(self)
        del decided["takes"]
        return {f"data.{name}": choice for name, choice in decided.items()}

    def settled(self) -> Choices:
        """The same with None for "auto"."""
        mine = (self.layout, self.split_from, self.group_by, self.labels)
        layout, split_from, group_by, labels = (None if c == AUTO else c for c in mine)
        return Choices(layout, split_from, group_by, labels, self.takes)


AS_FOUND = Choices()


class Datasets(tuple[str, ...]):
    """Dataset folders as a user named them, and what they decided about reading these.

    Attributes:
        choices: for all of them.
    """

    choices: Choices

    def __new__(cls, roots: str | Path | Iterable[str | Path], choices: Choices = AS_FOUND) -> Self:
        """Keep the names of one folder or several as texts."""
        named = [roots] if isinstance(roots, str | Path) else roots
        made = super().__new__(cls, (str(root) for root in named))
        made.choices = choices
        return made


def choices_of(roots: object) -> Choices:
    """What was decided about some datasets, if anything."""
    return roots.choices if isinstance(roots, Datasets) else AS_FOUND

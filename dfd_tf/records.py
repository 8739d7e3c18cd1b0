"""Records that make the house grow: one thing added is one record in one file.

A record is found in any module of its own room here, and through an entry point in any package
that is installed beside this one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, Protocol, TypeVar

from dfd_tf.errors import UserError
from dfd_tf.validation import nearest


class Named(Protocol):
    """What a registry holds."""

    @property
    def name(self) -> str:
        """What configurations and results call it."""


Record = TypeVar("Record", bound=Named)


@dataclass(frozen=True)
class Registry(Generic[Record]):
    """All records of a kind.

    Attributes:
        kind: the class of the records.
        package: the room whose modules hold them, each as `RECORDS`, a tuple.
        group: of entry points; each leads to a record in another package.
        first: modules whose records come first, in this order; then the room's others and, last,
            those of other packages, by name.
    """

    kind: type[Record]
    package: str
    group: str
    first: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Record]:
        """Every record by its name, in the order of the tables.

        Raises:
            UserError: another package's record cannot be loaded, is none, or takes a name that
                there is already.
        """
        found = {record.name: record for record in self._of_the_house()}
        for point in sorted(entry_points(group=self.group), key=lambda point: point.name):
            record = self._load(point)
            if record.name in found:
                raise UserError(
                    f"{_origin(point)} adds {record.name!r} to {self.group}, where this name is "
                    "taken. Rename its record or remove that package."
                )
            found[record.name] = record
        return found

    def __iter__(self) -> Iterator[Record]:
        """The records in the order of the tables."""
        return iter(self.by_name.values())

    def __getitem__(self, name: str) -> Record:
        """The record of that name.

        Raises:
            UserError: there is none; the message suggests the nearest.
        """
        if name not in self.by_name:
            raise UserError(unknown(name, self.by_name, self.group))
        return self.by_name[name]

    def _of_the_house(self) -> Iterator[Record]:
        room = importlib.import_module(self.package)
        names = [module.name for module in pkgutil.iter_modules(room.__path__)]
        for name in [*self.first, *(name for name in names if name not in self.first)]:
            yield from getattr(importlib.import_module(f"{self.package}.{name}"), "RECORDS", ())

    def _load(self, point: EntryPoint) -> Record:
        try:
            record: Any = point.load()
        except Exception as error:  # another package's code may fail in any way
            raise UserError(
                f"{_origin(point)} cannot be loaded: {error}. Repair or remove that package."
            ) from error
        if not isinstance(record, self.kind):
            raise UserError(
                f"{_origin(point)} is a {type(record).__name__}; {self.group} takes records of "
                f"the class {self.kind.__module__}.{self.kind.__name__}."
            )
        return record


def unknown(name: str, known: Any, what: str) -> str:
    """That there is no such name, with the nearest and all there are."""
    names = list(known)
    near = nearest(name, names)
    hint = f" Did you mean {near!r}?" if near else ""
    return f"There is no {name!r} in {what}.{hint} There are: {', '.join(names)}."


def _origin(point: EntryPoint) -> str:
    package = f" of the package {point.dist.name}" if point.dist else ""
    return f"The entry point {point.name!r} ({point.value}){package}"

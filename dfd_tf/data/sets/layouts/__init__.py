"""The dataset layouts that are known: one module here for each, and those of other packages.

A package makes its own layout known by an entry point, with no change here:

    [project.entry-points."dfd_tf.layouts"]
    my_layout = "my_package.my_module:LAYOUT"

where LAYOUT is a `Layout`.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import re
from collections.abc import Iterator
from importlib.metadata import entry_points

from dfd_tf.data.sets.layouts.record import Layout, Recognised
from dfd_tf.errors import UserError

__all__ = ["ENTRY_POINTS", "Layout", "Recognised", "layout_named", "layouts", "terms_of"]

ENTRY_POINTS = "dfd_tf.layouts"
UNKNOWN_TERMS = "unknown: ask whoever made the data."


def layouts() -> list[Layout]:
    """Every known layout, in the order in which they are asked.

    Raises:
        UserError: another package's layout cannot be imported, is no `Layout`, or has a name that
            is taken.
    """
    known: dict[str, Layout] = {}
    for origin, layout in [*_own(), *_of_others()]:
        if layout.name in known:
            raise UserError(
                f"{origin} brings a dataset layout {layout.name!r}, a name that is taken: remove "
                "that package, or ask its makers to rename the layout"
            )
        known[layout.name] = layout
    return sorted(known.values(), key=lambda layout: (layout.rank, layout.name))


def layout_named(name: str) -> Layout:
    """The layout of a name.

    Raises:
        UserError: there is none; the nearest is suggested.
    """
    known = {layout.name: layout for layout in layouts()}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UserError(f"there is no layout {name!r}.{hint} There are: {', '.join(known)}.")


def terms_of(source: str) -> str:
    """Terms of use of a source by its short name in tables; its second copy is "140k-2"."""
    terms = {layout.source_name: layout.terms for layout in layouts() if layout.terms}
    return terms.get(source) or terms.get(re.sub(r"-\d+$", "", source)) or UNKNOWN_TERMS


def _own() -> Iterator[tuple[str, Layout]]:
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        layout = getattr(importlib.import_module(module.name), "LAYOUT", None)
        if layout is not None:
            yield module.name, layout


def _of_others() -> Iterator[tuple[str, Layout]]:
    for point in entry_points(group=ENTRY_POINTS):
        origin = f"the package {point.dist.name}" if point.dist else point.value
        try:
            layout = point.load()
        except Exception as error:  # whatever a stranger's module raises when imported
            raise UserError(
                f"the dataset layout {point.name!r} of {origin} cannot be loaded: {error!r}. "
                "Upgrade or remove that package"
            ) from error
        if not isinstance(layout, Layout):
            raise UserError(
                f"{point.value} of {origin} is no dataset layout but a {type(layout).__name__}: "
                "expected dfd_tf.data.sets.layouts.Layout"
            )
        yield origin, layout

"""The dataset layouts that are known: one module here for each, and those of other packages.

A package makes its own layout known by an entry point, with no change here:

    [project.entry-points."dfd_tf.layouts"]
    my_layout = "my_package.my_module:LAYOUT"

where LAYOUT is a `Layout`.
"""

from __future__ import annotations

import re

from dfd_tf.data.sets.layouts.record import Layout, Recognised
from dfd_tf.records import Registry

__all__ = ["Layout", "Recognised", "layout_named", "layouts", "terms_of"]

UNKNOWN_TERMS = "unknown: ask whoever made the data."


def layouts() -> list[Layout]:
    """Every known layout, in the order in which they are asked.

    Raises:
        UserError: see `Registry.by_name`.
    """
    return sorted(_registry(), key=lambda layout: (layout.rank, layout.name))


def layout_named(name: str) -> Layout:
    """The layout of a name.

    Raises:
        UserError: there is none; the nearest is suggested.
    """
    return _registry()[name]


def terms_of(source: str) -> str:
    """Terms of use of a source by its short name in tables; its second copy is "140k-2"."""
    terms = {layout.source_name: layout.terms for layout in layouts() if layout.terms}
    return terms.get(source) or terms.get(re.sub(r"-\d+$", "", source)) or UNKNOWN_TERMS


def _registry() -> Registry[Layout]:
    return Registry(Layout, package=__name__, group="dfd_tf.layouts")

"""Self-contained HTML pages: one frame, one style, one way to write them.

A page stands alone: style, plots and thumbnails are inside, nothing is loaded, no script runs.
Everything that comes from outside (file names, reasons, provenance) is escaped by the template
engine, and the page's content policy forbids scripts besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from dfd_tf.reporting.numbers import interval_in_words, of_hundred, percent, rate_in_words
from dfd_tf.reporting.style import inline_svg

Plots = list[tuple[Markup, str]]


def write_page(path: str | Path, template: str, **values: Any) -> None:
    """Renders a template and writes the page; the same values give the same bytes.

    Args:
        path: The HTML file.
        template: A path inside the package, such as "evaluation/report.html.j2".
        values: What the template names; one that is missing is an error.
    """
    page = _environment().get_template(template).render(**values)
    Path(path).write_bytes(page.encode("utf-8", errors="backslashreplace"))


def captioned(figures: Mapping[str, Figure], captions: Mapping[str, str]) -> Plots:
    """The figures that are there as SVG with their captions, in the order of the captions."""
    return [
        (Markup(inline_svg(figures[name], name)), text)
        for name, text in captions.items()
        if name in figures
    ]


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("dfd_tf", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=percent,
        of_hundred=of_hundred,
        rate_in_words=rate_in_words,
        interval_in_words=interval_in_words,
        short=_short,
    )
    return environment


def _short(path: str) -> str:
    """The last three parts of a path: usually split, class and file name."""
    return str(PurePath(*PurePath(path).parts[-3:]))

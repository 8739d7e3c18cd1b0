"""A figure laid out in inches from its upper left corner, as one lays out a page."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure


class Page:
    """An empty page.

    Args:
        width: in inches.
        height: in inches.
    """

    def __init__(self, width: float, height: float) -> None:
        self.figure = Figure(figsize=(width, height))
        self.width = width
        self.height = height

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """A place for a picture, without frame and scales."""
        bottom = self.height - top - height
        axes = self.figure.add_axes(
            (
                left / self.width,
                bottom / self.height,
                width / self.width,
                height / self.height,
            )
        )
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(False)
        axes.spines[:].set_visible(False)
        return axes

    def text(self, left: float, top: float, words: str, **style: Any) -> None:
        """Words below and right of a point, as they are: a file's name is no formula."""
        place = left / self.width, 1 - top / self.height
        self.figure.text(*place, words, va="top", parse_math=False, **style)

"""Contact sheets: many explained images on one page."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dfd_tf.explaining.finding import Finding
from dfd_tf.explaining.overlay import overlay, shrunk
from dfd_tf.explaining.page import Page
from dfd_tf.explaining.picture import VERDICT_COLOURS, shortened
from dfd_tf.reporting.style import ACCENT, MUTED, house_style, save_png

COLUMNS, ROWS = 4, 8
PER_SHEET = COLUMNS * ROWS
THUMBNAIL = 220  # pixels

# Inches.
_SIDE, _GAP, _SPACE, _CAPTION, _MARGIN, _HEADER = 1.25, 0.04, 0.2, 0.55, 0.25, 0.6
_PAIR = 2 * _SIDE + _GAP


class _Entry(NamedTuple):
    name: str
    score: float
    verdict: str
    failed: bool
    pair: NDArray[np.uint8]


class ContactSheets:
    """Gathers findings and writes a page whenever one is full.

    Args:
        folder: where sheet_01.png and so on are written.
        title: of every page.
        pages: how many are there already.
    """

    def __init__(self, folder: Path, title: str, pages: int = 0) -> None:
        self.folder = folder
        self.title = title
        self.pages = pages
        self._entries: list[_Entry] = []

    def add(self, finding: Finding) -> None:
        """Put one image on the current page."""
        failed = bool(finding.sanity.failures)
        name = Path(finding.path).name
        entry = _Entry(name, finding.score, finding.verdict, failed, _pair(finding))
        self._entries.append(entry)
        if len(self._entries) == PER_SHEET:
            self.close()

    def close(self) -> None:
        """Write what is on the current page, if anything."""
        if not self._entries:
            return
        self.pages += 1
        save_png(_draw(self._entries, self.title), self.folder / f"sheet_{self.pages:02}.png")
        self._entries.clear()


def _pair(finding: Finding) -> NDArray[np.uint8]:
    """Photo and overlay beside each other, each centred on a square: (side, 2 side + gap, 3)."""
    image = shrunk(finding.image, THUMBNAIL)
    found = finding.found
    seen, heat = shrunk(found.seen, THUMBNAIL), shrunk(found.heat, THUMBNAIL)
    pictures = (image, overlay(image, heat, found.target, seen))
    gap = np.full((THUMBNAIL, round(THUMBNAIL * _GAP / _SIDE), 3), 255, np.uint8)
    return np.concatenate([_on_square(pictures[0]), gap, _on_square(pictures[1])], axis=1)


def _on_square(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    square = np.full((THUMBNAIL, THUMBNAIL, 3), 255, np.uint8)
    top, left = (THUMBNAIL - height) // 2, (THUMBNAIL - width) // 2
    square[top : top + height, left : left + width] = picture
    return square


@house_style()
def _draw(entries: list[_Entry], title: str) -> Figure:
    columns = min(COLUMNS, max(2, len(entries)))
    rows = -(-len(entries) // columns)
    width = 2 * _MARGIN + columns * (_PAIR + _SPACE) - _SPACE
    page = Page(width, _HEADER + rows * (_SIDE + _CAPTION) + 0.1)
    page.text(_MARGIN, 0.2, title, size=11, weight="bold")
    for index, entry in enumerate(entries):
        row, column = divmod(index, columns)
        left = _MARGIN + column * (_PAIR + _SPACE)
        _draw_entry(page, entry, left, _HEADER + row * (_SIDE + _CAPTION))
    return page.figure


def _draw_entry(page: Page, entry: _Entry, left: float, top: float) -> None:
    page.axes(left, top, _PAIR, _SIDE).imshow(entry.pair)
    below = top + _SIDE + 0.05
    words, colour = f"{entry.verdict} {entry.score:.3f}", VERDICT_COLOURS[entry.verdict]
    page.text(left, below, words, size=8.5, weight="bold", color=colour)
    if entry.failed:
        middle = left + _SIDE + _GAP
        page.text(middle, below, "map fails checks", size=8.5, weight="bold", color=ACCENT)
    page.text(left, below + 0.17, shortened(entry.name, 38), size=7.5, color=MUTED)

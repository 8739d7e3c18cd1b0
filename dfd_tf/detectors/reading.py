"""From what is given to the squares that a network sees: the one entrance of the scoring path.

Files become bytes, bytes become pixels, pixels become pieces (whole photos, or faces), pieces
become squares. All of it happens in one thread for one photo, so that no more decoded photos are
in memory than there are threads, and of these no more pixels than `PIXELS_IN_MEMORY`.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import Condition
from typing import Any, NamedTuple, TypeVar

from dfd_tf.data.images.decode import UnusableImage, decode_read, read_bytes, read_header
from dfd_tf.data.preprocess import too_small
from dfd_tf.data.sets.folders.tree import HIDDEN, Folder
from dfd_tf.detectors.views import Seeing, Squares, squares_of
from dfd_tf.faces.piece import Box, Cutter, Piece
from dfd_tf.types import Image

Change = Callable[[Any, str], Any]  # of an image or of samples, with the source's name
Given = TypeVar("Given")
Made = TypeVar("Made")

PIXELS_IN_MEMORY = 100_000_000
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


class NamedBytes(NamedTuple):
    """The content of an image file, under the name that its rows get."""

    name: str
    data: bytes


class NamedImage(NamedTuple):
    """RGB pixels, under the name that their rows get."""

    name: str
    image: Image


class NamedFile(NamedTuple):
    """A file under the name that its rows get, read when its turn comes.

    Attributes:
        name: for the rows.
        read: gives the content, or raises `UnusableImage`.
    """

    name: str
    read: Callable[[], bytes]


Source = str | Path | NamedBytes | NamedFile | NamedImage


class Prepared(NamedTuple):
    """A piece of a source as the network's input, or why there is none.

    Attributes:
        name: of the source.
        squares: uint8, shape (views, size, size, 3), for each network that judges; None if there
            is nothing to judge.
        box: the face's, where the piece was cut out around one.
        verdict: in place of a judgement, where there are no squares.
        reason: for that verdict.
    """

    name: str
    squares: Squares | None
    box: Box | None = None
    verdict: str = ""
    reason: str = ""


class Reader:
    """Prepares sources, from several threads at once.

    Args:
        seeing: how images become inputs, of one detector or of each member of an ensemble.
        cut: from a photo to what is judged of it.
        change: what happens to the RGB pixels of a piece, such as a degradation; gets the
            source's name as well.
    """

    def __init__(self, seeing: Seeing, cut: Cutter, change: Change | None = None) -> None:
        self.seeing = seeing
        self.cut = cut
        self.change = change
        self.budget = _PixelBudget(PIXELS_IN_MEMORY)

    def __call__(self, source: Source) -> list[Prepared]:
        """The pieces of a source, at least one."""
        name = str(source) if isinstance(source, str | Path) else source.name
        try:
            if isinstance(source, NamedImage):
                return self._pieces(name, source.image)
            data = _content_of(source)
            header = read_header(data)
            with self.budget.taken(header.n_pixels):
                return self._pieces(name, decode_read(data, header))
        except UnusableImage as error:
            return [Prepared(name, None, None, "error", error.reason)]
        except MemoryError:
            return [Prepared(name, None, None, "error", "too large for the memory at hand")]

    def _pieces(self, name: str, image: Image) -> list[Prepared]:
        if small := too_small(image):
            return [Prepared(name, None, None, "error", small)]
        return [self._prepared(name, piece) for piece in self.cut(image)]

    def _prepared(self, name: str, piece: Piece) -> Prepared:
        if piece.image is None:
            return Prepared(name, None, piece.box, piece.verdict, piece.reason)
        if small := too_small(piece.image):
            return Prepared(name, None, piece.box, "error", small)
        squares = squares_of(self.seeing, piece, lambda image: self._changed(image, name))
        return Prepared(name, squares, piece.box)

    def _changed(self, image: Image, name: str) -> Image:
        return image if self.change is None else self.change(image, name)


def read_ahead(make: Callable[[Given], Made], given: Iterable[Given], ahead: int) -> Iterator[Made]:
    """Apply a function by threads to what is given, in order, at most so many results ahead."""
    items = iter(given)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting: deque[Future[Made]] = deque(
            pool.submit(make, item) for item in islice(items, ahead)
        )
        try:
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(make, item) for item in islice(items, 1))
        finally:
            for future in waiting:
                future.cancel()


def expand_paths(paths: Iterable[str | Path]) -> Iterator[str]:
    """Files to judge, one by one: files as they are, folders as all visible files below them.

    Raises:
        UserError: a folder may not be read.
    """
    for path in map(str, paths):
        if not os.path.isdir(path):
            yield path
            continue
        for folder in Folder(Path(path)).walk():
            files = [image.path for image in folder.images]
            files += [other.path for other in folder.passed_over if other.reason != HIDDEN]
            yield from map(str, sorted(files))


def _content_of(source: str | Path | NamedBytes | NamedFile) -> bytes:
    if isinstance(source, NamedBytes):
        return source.data
    if isinstance(source, NamedFile):
        return source.read()
    if _ADDRESS.match(str(source)):
        raise UnusableImage("an address, not a file: save the picture and name its file")
    return read_bytes(source)


class _PixelBudget:
    """Lets threads decode together as long as their photos fit; one alone may be larger."""

    def __init__(self, pixels: int) -> None:
        self._pixels = pixels
        self._taken = 0
        self._changed = Condition()

    @contextmanager
    def taken(self, pixels: int) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._taken or self._taken + pixels <= self._pixels)
            self._taken += pixels
        try:
            yield
        finally:
            with self._changed:
                self._taken -= pixels
                self._changed.notify_all()

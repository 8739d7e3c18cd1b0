"""A folder and all that is in it, looked at only as far as somebody asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from dfd_tf.data.sets.folders.file_kinds import is_hidden, is_image, is_sound
from dfd_tf.errors import UserError
from dfd_tf.types import Takes

# Links inside of what a link led to; without a limit, folders that link to one another never end.
_MOST_LINKS = 3

HIDDEN = "hidden, or made by a system"
NO_IMAGE = "no image"
NO_SOUND = "no sound"
BROKEN_LINK = "a link that leads nowhere"
LOOP = "a link back to a folder that it is in"
NOT_A_FILE = "neither a file nor a folder"


class PassedOver(NamedTuple):
    """Something in a folder that is no image and no folder of images: its path and the reason."""

    path: Path
    reason: str


class ImageFile(NamedTuple):
    """An image of a folder: its path, and where it really lies if links led to it."""

    path: Path
    real: str


@dataclass(frozen=True)
class Folder:
    """A folder as a user gave it, links followed.

    Attributes:
        path: of the folder.
        above: the real folders that it lies in, so that a link back to one is known.
        links: how many links led here.
        takes: which files count as images: these, or recordings of sound.
    """

    path: Path
    above: frozenset[str] = field(default=frozenset(), repr=False)
    links: int = 0
    takes: Takes = "image"

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.path.name

    @property
    def folders(self) -> list[Folder]:
        """The visible folders directly inside, sorted by name."""
        return self._content[0]

    @property
    def images(self) -> list[ImageFile]:
        """The visible images directly inside, sorted by name."""
        return self._content[1]

    @property
    def passed_over(self) -> list[PassedOver]:
        """What else is directly inside, sorted by name; of a hidden folder, every file."""
        return self._content[2]

    def walk(self) -> Iterator[Folder]:
        """This folder and all visible ones below, each before those that it holds."""
        yield self
        for folder in self.folders:
            yield from folder.walk()

    def below(self, path: Path) -> str:
        """A path inside, seen from this folder, with ``/``."""
        return path.relative_to(self.path).as_posix()

    @cached_property
    def real(self) -> str:
        """Where the folder really lies."""
        return os.path.realpath(self.path)

    @cached_property
    def _content(self) -> tuple[list[Folder], list[ImageFile], list[PassedOver]]:
        folders: list[Folder] = []
        images: list[ImageFile] = []
        passed_over: list[PassedOver] = []
        for entry in _entries(self.path):
            found = self._look_at(entry)
            if isinstance(found, Folder):
                folders.append(found)
            elif isinstance(found, ImageFile):
                images.append(found)
            else:
                passed_over += found
        return folders, images, passed_over

    def _look_at(self, entry: os.DirEntry[str]) -> Folder | ImageFile | list[PassedOver]:
        path = self.path / entry.name
        if is_hidden(entry.name):
            return [PassedOver(each, HIDDEN) for each in _files_below(path)]
        kind = _kind(entry)
        if kind == "folder":
            return self._enter(path, entry.is_symlink())
        if kind != "file":
            return [PassedOver(path, kind)]
        if not (is_sound if self.takes == "sound" else is_image)(path):
            return [PassedOver(path, NO_SOUND if self.takes == "sound" else NO_IMAGE)]
        linked = entry.is_symlink()
        return ImageFile(path, os.path.realpath(path) if linked else f"{self.real}/{entry.name}")

    def _enter(self, path: Path, linked: bool) -> Folder | list[PassedOver]:
        above = self.above | {self.real}
        inner = Folder(path, above, self.links + linked, self.takes)
        if inner.real in above or inner.links > _MOST_LINKS:
            return [PassedOver(path, LOOP)]
        return inner


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise UserError(
            f"the folder {folder} cannot be read ({error.strerror}), so its images would be "
            "missing. Give yourself the right to read it, or move it out of the dataset"
        ) from None


def _kind(entry: os.DirEntry[str]) -> str:
    """What the entry, or what it links to, is: "folder", "file", or why it is neither."""
    try:
        if entry.is_dir():
            return "folder"
        if entry.is_file():
            return "file"
        return NOT_A_FILE if os.path.exists(entry.path) else BROKEN_LINK
    except OSError:
        return BROKEN_LINK


def _files_below(path: Path) -> list[Path]:
    """The path itself, or every file of a folder; links in it are not followed."""
    if path.is_symlink() or not path.is_dir():
        return [path]
    return sorted(Path(place, name) for place, _, names in os.walk(path) for name in names)

"""Files on whatever file system Beam knows, written whole or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator

from apache_beam.io.filesystem import BeamIOError
from apache_beam.io.filesystems import FileSystems

from dfd_tf.data.images.decode import MAX_BYTES, UnusableImage, read_bytes


def read_photo(path: str) -> bytes:
    """The content of an image file, here or far away.

    Raises:
        UnusableImage: see `read_bytes`.
    """
    if FileSystems.get_scheme(path) is None:
        return read_bytes(path)
    try:
        with FileSystems.open(path) as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, BeamIOError, ValueError) as error:
        raise UnusableImage(f"cannot be read ({error})") from None


def write_whole(folder: str, name: str, parts: Iterable[bytes]) -> None:
    """Write a file beside its place and put it there when all parts are written."""
    if not FileSystems.exists(folder):
        _make(folder)
    unfinished = FileSystems.join(folder, f".{name}.{uuid.uuid4().hex}")
    with FileSystems.create(unfinished) as file:
        for part in parts:
            file.write(part)
    FileSystems.rename([unfinished], [FileSystems.join(folder, name)])


def exists(folder: str, name: str) -> bool:
    """Whether a file is there."""
    return FileSystems.exists(FileSystems.join(folder, name))


def names_in(*folder: str) -> Iterator[str]:
    """Names of the files in a folder, none if there is no such folder."""
    (found,) = FileSystems.match([FileSystems.join(*folder, "*")])
    for metadata in found.metadata_list:
        yield os.path.basename(metadata.path)


def _make(folder: str) -> None:
    try:
        FileSystems.mkdirs(folder)
    except (OSError, BeamIOError):  # another worker was first
        if not FileSystems.exists(folder):
            raise

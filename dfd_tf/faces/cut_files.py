"""Write the faces of a folder of photos as files, cut out as a detector knows them."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2

from dfd_tf.data.images.decode import UnusableImage, read_image
from dfd_tf.data.sets.file_check import map_files
from dfd_tf.data.sets.folders.tree import Folder
from dfd_tf.errors import UserError
from dfd_tf.faces.cutter import FaceCutter
from dfd_tf.faces.framing import Framing
from dfd_tf.faces.piece import Box, Piece

TABLE = "faces.csv"


class Cut(NamedTuple):
    """What became of a photo: its face's file, or why there is none."""

    photo: str
    face: str
    box: Box | None
    reason: str


@dataclass(frozen=True)
class CutFaces:
    """What became of the photos of a folder."""

    cuts: Sequence[Cut]

    @property
    def left_out(self) -> list[Cut]:
        """Photos without a face's file."""
        return [cut for cut in self.cuts if not cut.face]


def cut_files(root: Path, out: Path, framing: Framing, *, progress: bool = True) -> CutFaces:
    """Cut the largest face out of every photo below a folder.

    Folders and names stay. Faces are written as PNG at their own scale, so that nothing is added
    to their pixels; faces.csv says which photo and which place each is from, and why a photo has
    none. The folder appears when all is written.

    Args:
        root: folder of photos, of any layout.
        out: the folder to write, which must not exist.
        framing: how much of a photo around a face is kept.
        progress: whether to say how far it has come.

    Raises:
        UserError: `root` holds no images, `out` exists or lies in it, or see `FaceCutter`.
    """
    root, out = (Path(os.path.abspath(path.expanduser())) for path in (root, out))
    if out.exists() or out.is_relative_to(root):
        raise UserError(f"{out} is there already, or lies in {root}: name another folder.")
    photos = [str(image.path) for folder in Folder(root).walk() for image in folder.images]
    if not photos:
        raise UserError(f"no images in {root}.")
    unfinished = out.with_name(out.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    cutter = FaceCutter(framing, always=True)
    faces = _names(photos, root)

    def cut(photo: str) -> Cut:
        name = os.path.relpath(photo, root)
        try:
            piece = cutter(read_image(photo))[0]
        except UnusableImage as error:
            return Cut(name, "", None, error.reason)
        if piece.image is None:
            return Cut(name, "", None, piece.reason)
        _write(piece, unfinished / faces[photo])
        return Cut(name, faces[photo], piece.box, "")

    done = CutFaces(map_files(cut, photos, "cutting faces", progress=progress))
    unfinished.mkdir(parents=True, exist_ok=True)
    _write_table(unfinished / TABLE, done)
    unfinished.rename(out)
    return done


def _names(photos: Sequence[str], root: Path) -> dict[str, str]:
    """Where each photo's face goes; the photo's ending is kept where two would be the same."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for photo in photos:
        path = Path(os.path.relpath(photo, root))
        name = str(path.with_suffix(".png"))
        if name in taken:
            name = f"{path}.png"
        taken.add(name)
        names[photo] = name
    return names


def _write(piece: Piece, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert piece.image is not None
    content = cv2.imencode(".png", cv2.cvtColor(piece.image, cv2.COLOR_RGB2BGR))[1]
    path.write_bytes(content.tobytes())


def _write_table(path: Path, done: CutFaces) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["photo", "face", *Box._fields, "reason"])
        for cut in done.cuts:
            table.writerow([cut.photo, cut.face, *(cut.box or [""] * 4), cut.reason])

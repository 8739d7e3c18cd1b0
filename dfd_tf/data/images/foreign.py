"""Files that are no readable image, by their first bytes: what each is and what to do with it."""

from __future__ import annotations

from typing import NamedTuple


class Foreign(NamedTuple):
    """One kind of file.

    Attributes:
        offset: where its mark stands, in bytes.
        marks: any of these tells the kind.
        reason: what the file is and what to do.
    """

    offset: int
    marks: tuple[bytes, ...]
    reason: str


_TIFF = "this is a TIFF or a camera's raw file: save it as PNG or JPEG"
_RAW = "this is a camera's raw file: develop it to PNG or JPEG"
_JPEG_XL = "this is a JPEG XL image: save it as PNG"
_JPEG_2000 = "this is a JPEG 2000 image: save it as PNG"
_PSD = "this is a Photoshop document: export it as PNG"
_PDF = "this is a PDF or PostScript file: save the pictures in it as PNG or JPEG"
_SVG = "this is an SVG drawing or another XML file, not a photo"
_HTML = "this is a web page, not an image: download the picture itself"
_VIDEO = "this is a video: save single frames of it as PNG"
_SOUND = "this is a sound file, not an image"
_ARCHIVE = "this is an archive: unpack it and give the files in it"
_POINTER = "this stands for a file in Git LFS: fetch the file with git lfs pull"

# The first that fits counts.
FOREIGN: tuple[Foreign, ...] = (
    Foreign(0, (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), _TIFF),
    Foreign(0, (b"FUJIFILM",), _RAW),
    Foreign(0, (b"IIU\0", b"IIRO", b"IIRS", b"MMOR", b"FOVb", b"\0MRM"), _RAW),
    Foreign(4, (b"ftypcrx ",), _RAW),
    Foreign(0, (b"\xff\x0a",), _JPEG_XL),
    Foreign(4, (b"JXL ",), _JPEG_XL),
    Foreign(4, (b"jP  ",), _JPEG_2000),
    Foreign(0, (b"\xff\x4f\xff\x51",), _JPEG_2000),
    Foreign(0, (b"8BPS",), _PSD),
    Foreign(0, (b"%PDF", b"%!PS"), _PDF),
    Foreign(0, (b"<svg", b"<?xm"), _SVG),
    Foreign(0, (b"<!DOCTYPE", b"<!doctype", b"<html", b"<HTML"), _HTML),
    Foreign(4, (b"ftypM4A ", b"ftypM4B "), _SOUND),
    Foreign(4, (b"ftyp", b"moov", b"mdat", b"wide"), _VIDEO),
    Foreign(0, (b"\x1aE\xdf\xa3", b"FLV\x01", b"0&\xb2u"), _VIDEO),  # Matroska, Flash, Windows
    Foreign(0, (b"\0\0\x01\xba", b"\0\0\x01\xb3"), _VIDEO),  # MPEG-1 and -2
    Foreign(8, (b"AVI ",), _VIDEO),
    Foreign(8, (b"WAVE",), _SOUND),
    Foreign(0, (b"OggS", b"fLaC", b"ID3\x03", b"ID3\x04"), _SOUND),
    Foreign(0, (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b"), _ARCHIVE),
    Foreign(0, (b"version https://git-lfs",), _POINTER),
)

_SHOWN = 8


def name_foreign(data: bytes) -> str:
    """What a file is that is no readable image, from its first bytes."""
    for kind in FOREIGN:
        if data.startswith(kind.marks, kind.offset):
            return kind.reason
    start = data[:_SHOWN]
    plain = start.isascii() and start.decode().isprintable()
    return f"not an image (starts with {repr(start.decode()) if plain else start.hex()})"

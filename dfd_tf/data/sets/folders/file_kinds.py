"""What a file in a dataset folder is: an image, by its name or else by its first bytes; sound."""

from __future__ import annotations

import re
from pathlib import Path

# Formats that decode.py refuses stand here too: such a file is then reported, not passed over.
IMAGE_EXTENSIONS = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".bmp", ".dib", ".gif"),
        *(".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2"),
    }
)
SOUND_EXTENSIONS = frozenset(
    {
        *(".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff"),
        *(".au", ".caf", ".amr", ".w64", ".wma"),
    }
)
_OTHER_EXTENSIONS = frozenset(
    {
        *(".txt", ".md", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".html"),
        *(".py", ".ipynb", ".pdf", ".log", ".npy", ".npz", ".pkl", ".mat", ".h5", ".pth", ".pt"),
        *(".mp4", ".avi", ".mov", ".mkv", ".webm", ".db", ".ini"),
        *(".zip", ".tar", ".gz", ".7z", ".rar", ".xlsx", ".tfrecord"),
        *SOUND_EXTENSIONS,
    }
)
_HEAD = 16

# JPEG, PNG, GIF, BMP, TIFF, JPEG 2000; WebP and HEIC/AVIF carry their sign a little later.
_MAGIC = (
    *(b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a"),
    *(b"II*\0", b"MM\0*", b"\0\0\0\x0cjP  "),
)
_BMP = re.compile(rb"BM.{4}\0{4}", re.DOTALL)
_HEIF = re.compile(rb"....ftyp(avif|avis|heic|heix|heim|heis|hevc|mif1|msf1)", re.DOTALL)

# Folders that file servers, systems and archives put beside the user's own.
_SYSTEM_NAMES = frozenset(
    {
        *("@eadir", "#recycle", "@recycle", "@tmp", "lost+found", "$recycle.bin", "__macosx"),
        *("system volume information", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"),
    }
)


def is_image(path: Path) -> bool:
    """Whether a file is an image: by its ending where that is a known one, else by its content."""
    ending = path.suffix.lower()
    if ending in IMAGE_EXTENSIONS:
        return True
    if ending in _OTHER_EXTENSIONS:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return _begins_as_image(head)


def is_sound(path: Path) -> bool:
    """Whether a file is a recording, by its ending."""
    return path.suffix.lower() in SOUND_EXTENSIONS


def is_hidden(name: str) -> bool:
    """Whether a file or folder is not for people: hidden, or made by a system (``@eaDir``)."""
    return name.startswith(".") or name.casefold() in _SYSTEM_NAMES


def _begins_as_image(head: bytes) -> bool:
    is_webp = head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    return head.startswith(_MAGIC) or is_webp or bool(_BMP.match(head) or _HEIF.match(head))

"""Files of a bundle: known by their hashes, and the same bytes for the same content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from dfd_tf.errors import UserError


def sha256(content: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def read_verified(path: Path, digest: str) -> bytes:
    """The content of a file.

    Raises:
        UserError: it is missing, or not the file of this hash.
    """
    content = path.read_bytes() if path.is_file() else b""
    if sha256(content) != digest:
        raise UserError(
            f"{path} is missing or is not the file that detector.json describes. "
            "Copy the bundle again; do not use it as it is."
        )
    return content


def compress(path: Path) -> None:
    """Write a zip file anew, deflated and without dates, which Keras leaves undone."""
    with ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for name, part in content.items():
            entry = ZipInfo(name)
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, part)

"""Pictures as files of any format."""

from __future__ import annotations

import io

import pytest
from PIL import Image


def encoded(picture, file_format, **options):
    buffer = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def encode():
    """Pixels or a picture to the bytes of a file."""
    return encoded

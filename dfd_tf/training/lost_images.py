"""Images that were there when a run began and are gone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from dfd_tf.errors import UserError


def refuse_lost(path: str, why: str) -> NoReturn:
    """Say that an image is lost, and how to go on.

    Raises:
        UserError: always.
    """
    raise UserError(
        f"{path} could be read when the run began and cannot any more: {why}. Put it back and "
        "go on by --resume, or train anew with another --out."
    )


@contextmanager
def lost_images_named(paths: Iterable[str]) -> Iterator[None]:
    """Whatever goes wrong inside for want of an image, name the image.

    Args:
        paths: of all images that the block may read.

    Raises:
        UserError: the block failed, and one of the images is gone.
    """
    try:
        yield
    except Exception:
        for path in paths:
            if not os.path.isfile(path) or not os.path.getsize(path):
                refuse_lost(path, "no such file" if not os.path.exists(path) else "it is empty")
        raise

"""What a photo is passed through to become its own forgery, each known by name.

A network takes and gives RGB images, uint8, shape (height, width, 3), of one and the same shape.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import keras
import numpy as np

from dfd_tf.copies.taef2 import STRIDE, load_taef2
from dfd_tf.data.batches.degradations.resize import resize
from dfd_tf.errors import UserError
from dfd_tf.types import Image
from dfd_tf.validation import nearest

Network = Callable[[Image], Image]

CONTROL_SHARE = 0.6  # of the side, to which the control shrinks a photo


class _Kind(NamedTuple):
    """How a network is opened.

    Attributes:
        open: from the path after the colon.
        path: what that path is; "" where there is none.
    """

    open: Callable[[Path], Network]
    path: str


def open_network(name: str) -> Network:
    """A network by its name, such as "taef2:FOLDER", "keras:FILE.keras" or "resize".

    "taef2" is the small autoencoder of a modern generator; "keras" any model that gives images of
    the size that it takes, pixels from 0 to 255; "resize" is the control, which shrinks a photo and
    enlarges it again: what a detector gains by it comes of no generator's trace.

    Raises:
        UserError: an unknown name, or a file that is missing or no such network.
    """
    kind, _, path = name.partition(":")
    if kind not in KINDS:
        near = nearest(kind, list(KINDS))
        meant = f" (did you mean {near!r}?)" if near else ""
        raise UserError(f"unknown network {kind!r}{meant}: expected {_choices()}")
    if bool(path) != bool(KINDS[kind].path):
        raise UserError(f"--through {name}: expected {_choices()}")
    return KINDS[kind].open(Path(path).expanduser())


def _choices() -> str:
    names = [f"{name}:{kind.path}" if kind.path else name for name, kind in KINDS.items()]
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _open_keras(path: Path) -> Network:
    if path.suffix != ".keras" or not path.is_file():
        raise UserError(f"{path} is no file that ends in .keras")
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    # Keras raises whatever its reader meets.
    except Exception as error:
        raise UserError(f"{path} cannot be loaded: {error}") from None
    return partial(_through, model)


def _through(model: keras.Model, image: Image) -> Image:
    """An image's copy; sides that are no multiple of the network's stride are mirrored on."""
    height, width = image.shape[:2]
    below, right = -height % STRIDE, -width % STRIDE
    padded = cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REFLECT_101)
    copy = np.asarray(model.predict_on_batch(padded[None].astype(np.float32)))[0]
    if copy.shape != padded.shape:
        raise UserError(
            f"{model.name} makes {copy.shape} of {padded.shape}: expected a network whose images "
            "are as large as the photos"
        )
    return np.clip(np.rint(copy[:height, :width]), 0, 255).astype(np.uint8)


KINDS = {
    "taef2": _Kind(lambda path: partial(_through, load_taef2(path)), "FOLDER"),
    "keras": _Kind(_open_keras, "FILE.keras"),
    "resize": _Kind(
        lambda path: partial(resize, scale=CONTROL_SHARE, interpolation=cv2.INTER_CUBIC), ""
    ),
}

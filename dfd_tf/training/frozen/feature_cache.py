"""What a frozen backbone made of a picture, kept on disk and never computed twice.

A row is found by the picture's own pixels, so it does not matter which run, split or change of the
file they came from, and nothing can be taken for something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
from numpy.typing import NDArray

from dfd_tf.detectors.scoring import SQUARES_PER_CALL
from dfd_tf.models.backbone import backbone_and_head

Features = NDArray[np.float32]

DIGEST_BYTES = 16
ROWS_PER_FILE = 128  # a minute of a busy machine: all that an interruption costs


class FeatureCache:
    """What frozen backbones made of pictures, for all runs that are given it.

    Args:
        folder: of the files, with a subfolder for each backbone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.backbones: dict[str, CachedBackbone] = {}

    def of(self, backbone: keras.Model) -> CachedBackbone:
        """A backbone whose features are kept."""
        name = _fingerprint(backbone)
        if name not in self.backbones:
            self.backbones[name] = CachedBackbone(backbone, self.folder / name)
        return self.backbones[name]

    def detector(self, model: keras.Model, name: str) -> CachedDetector:
        """A detector of frozen features for scoring, by the name of its architecture."""
        backbone, head = backbone_and_head(model, name)
        return CachedDetector(self.of(backbone), head)

    def save(self) -> None:
        """Write what is not written yet."""
        for backbone in self.backbones.values():
            backbone.save()


class CachedBackbone:
    """A backbone, from pixels to features of shape (batch, n), whose results are kept.

    It is called as scoring and `features_of_views` call a Keras model.

    Args:
        backbone: in float32; its weights must not change any more.
        folder: of its files, made if absent. What a damaged one held is computed anew.
    """

    def __init__(self, backbone: keras.Model, folder: Path) -> None:
        self.backbone = backbone
        self.output = backbone.output
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rows: dict[bytes, Features] = {}
        self.unsaved: list[bytes] = []
        for path in sorted(self.folder.glob("*.npz")):
            self._read(path)

    def predict_on_batch(self, pixels: NDArray[Any]) -> Features:
        """Features of float32 pixels in [0, 255], shape (batch, height, width, 3)."""
        pixels = np.ascontiguousarray(pixels, np.float32)
        keys = [blake2b(picture.data, digest_size=DIGEST_BYTES).digest() for picture in pixels]
        new = {key: i for i, key in enumerate(keys) if key not in self.rows}
        places = list(new.values())
        for start in range(0, len(places), SQUARES_PER_CALL):
            self._compute(keys, pixels, places[start : start + SQUARES_PER_CALL])
        return np.stack([self.rows[key] for key in keys])

    def save(self) -> None:
        """Write what is not written yet."""
        if not self.unsaved:
            return
        name = blake2b(b"".join(self.unsaved), digest_size=DIGEST_BYTES).hexdigest()
        unfinished = self.folder / f"{name}.part"
        keys = np.frombuffer(b"".join(self.unsaved), np.uint8).reshape(-1, DIGEST_BYTES)
        with unfinished.open("wb") as file:
            np.savez(file, keys=keys, rows=np.stack([self.rows[key] for key in self.unsaved]))
        unfinished.replace(self.folder / f"{name}.npz")
        self.unsaved = []

    def _compute(
        self, keys: Sequence[bytes], pixels: NDArray[np.float32], places: Sequence[int]
    ) -> None:
        # Padded like a scored batch, so that a row depends on its picture alone.
        padded = np.zeros((SQUARES_PER_CALL, *pixels.shape[1:]), np.float32)
        padded[: len(places)] = pixels[places]
        found = np.asarray(self.backbone.predict_on_batch(padded), np.float32)
        for place, row in zip(places, found, strict=False):
            self.rows[keys[place]] = row.copy()
            self.unsaved.append(keys[place])
        if len(self.unsaved) >= ROWS_PER_FILE:
            self.save()

    def _read(self, path: Path) -> None:
        try:
            # A file that NumPy opens itself stays open where it is damaged.
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                keys, rows = stored["keys"], stored["rows"]
        except (OSError, EOFError, ValueError, KeyError, BadZipFile):
            return
        if rows.shape == (len(keys), self.output.shape[-1]):
            self.rows |= {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}


class CachedDetector:
    """A detector for scoring whose backbone is cached; its head is computed each time.

    Args:
        cache: the backbone.
        head: from its features to one logit, or to whatever is wanted of them: a Keras model, or
            what is called as one.
    """

    def __init__(self, cache: CachedBackbone, head: Any) -> None:
        self.cache = cache
        self.head = head

    @property
    def output(self) -> Any:
        """What the head gives, as of a Keras model."""
        return self.head.output

    def predict_on_batch(self, pixels: NDArray[Any]) -> NDArray[np.float32]:
        """What the head gives for pixels, logits being (batch, 1)."""
        features = self.cache.predict_on_batch(pixels)
        return np.asarray(self.head.predict_on_batch(features), np.float32)


def _fingerprint(backbone: keras.Model) -> str:
    """Tells backbones apart: by what they compute with, the names and values of all weights."""
    digest = blake2b(digest_size=DIGEST_BYTES)
    digest.update(repr([backbone.input.shape, backbone.output.shape]).encode())
    for layer in backbone.layers:
        digest.update(layer.name.encode())
        for array in layer.get_weights():
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()

"""One pass over all files: contents, likeness and traits, a row per image."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dfd_tf.auditing.header_traits import HEADER_TRAITS, header_traits
from dfd_tf.auditing.image_hash import Hashes, difference_hash
from dfd_tf.auditing.pixel_traits import (
    BLOCK_PHASE,
    COLOUR,
    PIXEL_TRAITS,
    SHARPNESS,
    SPECTRUM,
    pixel_traits,
)
from dfd_tf.auditing.shortcuts import Trait
from dfd_tf.data.images.decode import UnusableImage, decode_with_header, read_bytes
from dfd_tf.data.preprocess import too_small
from dfd_tf.data.sets.file_check import map_files, require_classes

FILE_SIZE = ("log_bytes", "bytes_per_pixel")
TRAITS = (
    Trait("format", ("format",), "format"),
    Trait("size in pixels", ("width", "height"), "size"),
    Trait("colour mode", ("mode",), "mode"),
    Trait("JPEG quantisation tables", ("tables", "table_mean"), "tables"),
    Trait("chroma subsampling", ("subsampling",), "subsampling"),
    Trait("EXIF and other metadata", ("metadata",), "metadata"),
    Trait("file size", FILE_SIZE),
    Trait("mean colour", COLOUR),
    Trait("sharpness", SHARPNESS),
    Trait("spectrum (resize filter)", SPECTRUM),
    Trait("8x8 block phase", BLOCK_PHASE),
)


@dataclass(frozen=True)
class Facts:
    """What the files of a dataset are.

    Attributes:
        images: the rows of the examples whose file can be judged, with ``sha256`` and the columns
            `HEADER_TRAITS`, `FILE_SIZE` and `PIXEL_TRAITS`.
        hashes: difference hash of each of these rows, shape (n, 4).
        damaged: ``path`` and ``reason`` of each other file.
    """

    images: pd.DataFrame
    hashes: Hashes
    damaged: pd.DataFrame


@dataclass(frozen=True)
class _File:
    sha256: str
    hash: Hashes
    header: tuple[str | float, ...]
    size: tuple[float, float]
    pixels: np.ndarray


def collect_facts(examples: pd.DataFrame, *, progress: bool = True) -> Facts:
    """Read every file once; a few hundred bytes of each stay in memory.

    Args:
        examples: the table of `load_examples`.
        progress: whether to show a bar on stderr.

    Raises:
        UserError: not one file of a class can be judged.
    """
    examples = examples.reset_index(drop=True)
    found = map_files(_inspect, examples["path"], "reading images", progress=progress)
    reasons = pd.Series([one if isinstance(one, str) else "" for one in found], dtype=object)
    bad = reasons != ""
    damaged = pd.DataFrame({"path": examples["path"][bad], "reason": reasons[bad]})
    require_classes(examples, examples[~bad], damaged)
    files = [one for one in found if isinstance(one, _File)]
    images = examples[~bad].reset_index(drop=True)
    images = pd.concat([images.assign(sha256=[f.sha256 for f in files]), _traits(files)], axis=1)
    hashes = np.array([f.hash for f in files], np.uint64).reshape(-1, 4)
    return Facts(images, hashes, damaged.reset_index(drop=True))


def _inspect(path: str) -> _File | str:
    """The facts of a file, or the reason why there are none."""
    try:
        data = read_bytes(path)
        pixels, header = decode_with_header(data)
    except UnusableImage as error:
        return error.reason
    if reason := too_small(pixels):
        return reason
    return _File(
        hashlib.sha256(data).hexdigest(),
        difference_hash(pixels),
        header_traits(data, header),
        (float(np.log(len(data))), len(data) / (header.width * header.height)),
        pixel_traits(pixels),
    )


def _traits(files: list[_File]) -> pd.DataFrame:
    header = pd.DataFrame([f.header for f in files], columns=list(HEADER_TRAITS))
    size = pd.DataFrame([f.size for f in files], columns=list(FILE_SIZE))
    pixels = pd.DataFrame(
        np.array([f.pixels for f in files]).reshape(-1, len(PIXEL_TRAITS)),
        columns=list(PIXEL_TRAITS),
    )
    return pd.concat([header, size, pixels], axis=1)

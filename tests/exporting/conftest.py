"""A small detector that was never trained, and files that no one can judge."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import keras
import numpy as np
import pytest
from PIL import Image

from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.info import DetectorInfo
from dfd_tf.exporting.saved_model import save_saved_model
from dfd_tf.exporting.tflite import convert
from dfd_tf.models import build_model

SIZE = 64


def describe(name, preprocessing, size):
    """A detector.json as training writes it, shortened."""
    labels = np.arange(200) % 2
    logits = labels + np.random.default_rng(0).normal(size=200)
    return DetectorInfo(
        **{
            "name": name,
            "architecture": name,
            "arguments": {"input_size": size},
            "preprocessing": {"size": size, "native_side": 100} | preprocessing,
            "calibration": fit_calibration(logits, labels).to_dict(),
            "licence": {"demo": "Rendered by dfd_tf: free."},
            "data": {"fingerprint": "f", "seed": 0},
        }
    )


def build_detector(name, preprocessing=None, size=SIZE, **arguments):
    """A detector, at 64 pixels unless said, with its starting weights."""
    keras.utils.set_random_seed(1)
    model = build_model(name, input_size=size, **arguments)
    return Detector(model, describe(name, preprocessing or {}, size))


@pytest.fixture(scope="session")
def make_detector():
    return build_detector


@pytest.fixture(scope="session")
def detector():
    """AMTENnet at 64 pixels with several views, whose scores are means."""
    return build_detector("amtenet", {"policy": "crop", "views": 5})


@pytest.fixture(scope="session")
def exported(detector, tmp_path_factory):
    """The same as a SavedModel."""
    folder = tmp_path_factory.mktemp("served") / "amtenet" / "1"
    save_saved_model(detector, folder)
    return folder


@pytest.fixture(scope="session")
def lite_file(detector):
    """The same as a LiteRT file in float32."""
    return convert(detector)


def encoded(pixels, file_format, **options):
    buffer = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


@pytest.fixture(scope="session")
def encode():
    return encoded


@pytest.fixture(scope="session")
def usable_files(profiles):
    """Files of every kind that the engine and the graph must read to the same pixels."""
    coarse = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize((90, 70), Image.Resampling.BICUBIC)
    clear = picture.copy()
    clear.putalpha(picture.convert("L"))
    return {
        "jpeg": encoded(picture, "JPEG"),
        "grey jpeg": encoded(picture.convert("L"), "JPEG"),
        "cmyk jpeg": encoded(picture.convert("CMYK"), "JPEG"),
        "progressive jpeg": encoded(picture, "JPEG", progressive=True, quality=50),
        "jpeg with a trailer": encoded(picture, "JPEG") + b"more" * 9,
        "jpeg with a comment": encoded(picture, "JPEG", comment=b"c" * 300),
        "png": encoded(picture, "PNG"),
        "grey png": encoded(picture.convert("L"), "PNG"),
        "palette png": encoded(picture.convert("P"), "PNG"),
        "bilevel png": encoded(picture.convert("1"), "PNG"),
        "palette png of 4 bits": encoded(picture.quantize(16), "PNG"),
        "clear palette png": encoded(picture.quantize(16), "PNG", transparency=3),
        "16-bit png": cv2.imencode(".png", np.asarray(picture).astype(np.uint16) * 200)[
            1
        ].tobytes(),
        "clear png": encoded(clear, "PNG"),
        "clear grey png": encoded(clear.convert("LA"), "PNG"),
        "webp": encoded(picture, "WEBP"),
        "lossless webp": encoded(picture, "WEBP", lossless=True),
        "clear webp": encoded(clear, "WEBP", lossless=True),
        "16-bit grey png with a transparent level": _deep_png(np.asarray(picture.convert("L"))),
        "16-bit png with a transparent colour": _deep_png(np.asarray(picture)),
        **{
            f"{form} in {name}": encoded(picture, form, icc_profile=profiles[name])
            for form in ("JPEG", "PNG", "WEBP")
            for name in ("sRGB", "sRGB as a table")
        },
        "grey jpeg in sRGB": encoded(picture.convert("L"), "JPEG", icc_profile=profiles["sRGB"]),
        "jpeg turned and continued": _continued(encoded(picture, "JPEG", exif=exif(6))),
        **{f"jpeg turned {i}": encoded(picture, "JPEG", exif=exif(i)) for i in range(1, 9)},
        **{f"png turned {i}": encoded(picture, "PNG", exif=exif(i)) for i in (3, 6)},
        "webp turned": encoded(picture, "WEBP", exif=exif(6)),
    }


def _deep_png(pixels):
    """16 bits a sample; the first pixel's value is transparent wherever it stands."""
    deep = pixels.astype(np.uint16) * 200
    data = cv2.imencode(".png", deep if deep.ndim == 2 else deep[..., ::-1])[1].tobytes()
    content = b"tRNS" + deep[0, 0].astype(">u2").tobytes()
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    return data[:33] + chunk + data[33:]


def _continued(jpeg):
    """With a second EXIF segment, which continues the first and says nothing by itself."""
    start = jpeg.index(b"\xff\xe1")
    end = start + 2 + int.from_bytes(jpeg[start + 2 : start + 4])
    return jpeg[:end] + b"\xff\xe1\0\x1aExif\0\0" + b"continuation" + bytes(6) + jpeg[end:]


def huge_png():
    chunk = b"IHDR" + struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    end = b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return start + struct.pack(">I", zlib.crc32(chunk)) + end


@pytest.fixture(scope="session")
def hostile_files(usable_files):
    """Files that are refused, by the engine and by the graph, with the same reason."""
    jpeg, png = usable_files["jpeg"], usable_files["png"]
    frame = jpeg.index(b"\xff\xc0")
    return {
        "empty": b"",
        "text": b"this is no image",
        "two letters": b"no",
        "binary": b"\x7fELF" + bytes(60),
        "tiff": b"II*\0" + bytes(20),
        "video": b"\0\0\0\x20ftypisom" + bytes(20),
        "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(20),
        "web page": b"<!DOCTYPE html>" + bytes(20),
        "git lfs": b"version https://git-lfs.github.com/spec/v1",
        "jpeg xl": b"\xff\x0a" + bytes(20),
        "signature": jpeg[:3],
        "no frame": b"\xff\xd8\xff\xd9",
        "lossless jpeg": b"\xff\xd8\xff\xc3\0\x0b\x08\0\1\0\1\1\1\x11\0",
        "12-bit jpeg": jpeg[: frame + 4] + b"\x0c" + jpeg[frame + 5 :],
        "endless scans": encoded(Image.new("RGB", (64, 64)), "JPEG", progressive=True)[:-2]
        + b"\xff\xda" * 101,
        "cut in the headers": jpeg[:100],
        "cut in the pixels": jpeg[: len(jpeg) // 2],
        "cut png": png[: len(png) // 2],
        "cut webp": usable_files["webp"][:200],
        "huge": huge_png(),
        "no pixels": huge_png()[:16] + bytes(4) + huge_png()[20:29] + _checksum_without_width(),
        "small": encoded(Image.new("RGB", (90, 20)), "PNG"),
    }


def _checksum_without_width():
    chunk = b"IHDR" + struct.pack(">IIBBBBB", 0, 30000, 8, 2, 0, 0, 0)
    end = b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return struct.pack(">I", zlib.crc32(chunk)) + end

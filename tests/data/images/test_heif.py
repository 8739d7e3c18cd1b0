"""What phones write beside JPEG: HEIC through pillow-heif, AVIF through Pillow."""

import struct
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, features

from dfd_tf.data.images.decode import UnusableImage, decode_image, decode_with_header, read_header


@pytest.fixture(params=["HEIF", "AVIF"])
def format(request):
    if request.param == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    elif not features.check("avif"):
        pytest.skip("this Pillow was built without AVIF")
    return request.param


def reason(data):
    with pytest.raises(UnusableImage) as caught:
        decode_image(data)
    return caught.value.reason


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def test_pixels_are_those_of_the_picture(encode, make_pixels, format):
    pixels = make_pixels(height=70, width=90)
    data = encode(pixels, format, quality=95)
    decoded, header = decode_with_header(data)
    assert (header.format, header.width, header.height) == (format.lower(), 90, 70)
    assert np.abs(decoded.astype(int) - pixels).mean() < 6
    assert decoded.flags.c_contiguous and decoded.flags.writeable


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_applied_once(encode, format, orientation):
    """Four quarters of one colour each, as a viewer shows them."""
    corners = np.array([[0, 80], [160, 255]], np.uint8)
    stored = np.repeat(np.kron(corners, np.ones((32, 48), np.uint8))[..., None], 3, axis=2)
    as_jpeg = decode_image(encode(stored, "JPEG", quality=98, exif=exif(orientation)))
    shown = decode_image(encode(stored, format, quality=98, exif=exif(orientation)))
    assert shown.shape == as_jpeg.shape
    assert np.abs(shown.astype(int) - as_jpeg).max() < 12


def test_the_profile_is_applied(encode, profiles, format):
    red = np.full((64, 64, 3), (234, 51, 35), np.uint8)
    data = encode(red, format, quality=100, icc_profile=profiles["Display P3"])
    assert np.abs(decode_image(data)[32, 32].astype(int) - [255, 0, 0]).max() < 6


def test_colours_named_by_number_are_applied(encode, format):
    red = np.full((64, 64, 3), (234, 51, 35), np.uint8)
    data = bytearray(encode(red, format, quality=100))
    named = data.index(b"colrnclx") + 8
    data[named : named + 4] = struct.pack(">HH", 12, 13)
    assert np.abs(decode_image(bytes(data))[32, 32].astype(int) - [255, 0, 0]).max() < 6
    data[named : named + 4] = struct.pack(">HH", 9, 16)
    assert reason(bytes(data)).startswith("this is an HDR picture")


def test_transparency_is_laid_over_white(encode, format):
    rgba = np.zeros((64, 64, 4), np.uint8)
    rgba[:, 32:] = 255, 0, 0, 255
    shown = decode_image(encode(Image.fromarray(rgba), format, quality=98))
    assert np.abs(shown[32, [8, 56]].astype(int) - [[255] * 3, [255, 0, 0]]).max() < 6


def test_a_file_cut_anywhere_is_refused_in_silence(encode, make_pixels, format, capfd):
    data = encode(make_pixels(), format)
    for end in range(12, len(data), 11):
        assert reason(data[:end])
    assert reason(data[: len(data) - 1]) == f"truncated {format}"
    assert capfd.readouterr() == ("", "")


def test_random_damage_never_raises_anything_else(encode, make_pixels, format, capfd):
    rng = np.random.default_rng(0)
    data = encode(make_pixels(), format)
    for _ in range(200):
        damaged = bytearray(data)
        for place in rng.integers(0, len(data), 3):
            damaged[place] = rng.integers(256)
        try:
            assert decode_image(bytes(damaged)).ndim == 3
        except UnusableImage as error:
            assert error.reason and "object at" not in error.reason
    assert capfd.readouterr().err == ""


def test_too_many_pixels_are_refused_by_the_header(encode, make_pixels, format):
    data = bytearray(encode(make_pixels(), format))
    size = data.index(b"ispe") + 8
    data[size : size + 8] = struct.pack(">II", 30000, 30000)
    assert reason(bytes(data)) == "too large: 900.0 megapixels, the limit is 64"


def box(kind, content):
    return struct.pack(">I", len(content) + 8) + kind + content


def media(brand, *others):
    return box(b"ftyp", brand + bytes(4) + b"".join(others))


@pytest.mark.parametrize(
    ("brands", "said"),
    [
        ([b"heim"], "damaged HEIF (no picture)"),
        ([b"heis"], "damaged HEIF (no picture)"),
        ([b"mif1", b"heic"], "damaged HEIF (no picture)"),
        ([b"mif1", b"miaf", b"avif"], "damaged AVIF (no picture)"),
        ([b"avis"], "damaged AVIF (no picture)"),
        ([b"isom", b"avif"], "this is a video"),
    ],
)
def test_brands_tell_the_kinds_apart(brands, said):
    assert reason(media(*brands) + box(b"free", bytes(99))).startswith(said)


def test_boxes_without_sense_are_damage():
    start = media(b"heic")
    assert reason(start + struct.pack(">I4sQ", 1, b"meta", 3) + bytes(99)) == "damaged HEIF"
    assert reason(start + struct.pack(">I4s", 9999, b"meta") + bytes(99)) == "truncated HEIF"


def test_without_the_package_the_reason_names_it(encode, make_pixels, tmp_path):
    pytest.importorskip("pillow_heif").register_heif_opener()
    path = tmp_path / "photo.heic"
    path.write_bytes(encode(make_pixels(), "HEIF"))
    script = """
import sys
sys.modules["pillow_heif"] = None  # as where it is not installed
from dfd_tf.data.images.decode import UnusableImage, read_image
try:
    read_image(sys.argv[1])
except UnusableImage as error:
    print(error.reason)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=True
    )
    assert 'pip install "dfd-tf[heif]"' in done.stdout


def test_the_package_is_imported_only_for_such_a_file(encode, make_pixels, tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(encode(make_pixels(), "PNG"))
    script = """
import sys
from dfd_tf.data.images.decode import read_image
read_image(sys.argv[1])
assert "pillow_heif" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script, path], check=True)


def test_the_header_costs_no_decoding(encode, make_pixels, format):
    header = read_header(encode(make_pixels(height=300, width=400), format))
    assert (header.width, header.height, header.n_pixels) == (400, 300, 120_000)

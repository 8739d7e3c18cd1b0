from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import textwrap
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from dfd_tf.data.images.decode import (
    MAX_BYTES,
    UnusableImage,
    decode_image,
    read_bytes,
    read_header,
    read_image,
)


def encode(pixels, format, mode="RGB", **options):
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    image.convert(mode).save(buffer, format, **options)
    return buffer.getvalue()


def png_chunk(kind, content):
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(width, height, depth, colour, rows, *extra):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [(b"IHDR", header), *extra, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def reason(data):
    with pytest.raises(UnusableImage) as caught:
        decode_image(data)
    return caught.value.reason


def pillow_rgb(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def jpegs(make_pixels):
    pixels = make_pixels(height=67, width=101)
    yield encode(pixels, "JPEG", quality=75)
    yield encode(pixels, "JPEG", quality=95, subsampling=0)
    yield encode(pixels, "JPEG", quality=60, subsampling=1, progressive=True)
    yield encode(pixels, "JPEG", quality=90, keep_rgb=True)
    yield encode(pixels, "JPEG", mode="L", quality=90)
    yield cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_RST_INTERVAL, 2])[1].tobytes()


def every_format(make_pixels):
    pixels = make_pixels()
    yield "jpeg", encode(pixels, "JPEG")
    yield "progressive", encode(pixels, "JPEG", progressive=True)
    yield "cmyk", encode(pixels, "JPEG", mode="CMYK")
    yield "png", encode(pixels, "PNG")
    yield "interlaced rgba", encode(pixels, "PNG", mode="RGBA")
    yield "webp", encode(pixels, "WEBP")
    yield "lossless webp", encode(pixels, "WEBP", lossless=True)
    yield "webp with exif", encode(pixels, "WEBP", exif=exif(6))
    yield (
        "animated webp",
        encode(pixels, "WEBP", save_all=True, append_images=[Image.fromarray(pixels[::-1].copy())]),
    )
    yield "bmp", encode(pixels, "BMP")


def test_jpeg_is_bit_identical_to_tensorflow_opencv_and_pillow(make_pixels):
    import tensorflow as tf

    for data in jpegs(make_pixels):
        decoded = decode_image(data)
        exact = tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE").numpy()
        np.testing.assert_array_equal(decoded, exact)
        np.testing.assert_array_equal(
            decoded, cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
        )
        np.testing.assert_array_equal(decoded, pillow_rgb(data))


@pytest.mark.parametrize(
    ("format", "mode", "options"),
    [
        ("JPEG", "CMYK", {}),
        ("PNG", "RGB", {}),
        ("PNG", "L", {}),
        ("PNG", "1", {}),
        ("PNG", "P", {}),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGB", {"lossless": True}),
        ("BMP", "RGB", {}),
        ("BMP", "P", {}),
        ("GIF", "P", {}),
    ],
)
def test_decodes_what_pillow_decodes(make_pixels, format, mode, options):
    data = encode(make_pixels(), format, mode=mode, **options)
    decoded = decode_image(data)
    assert decoded.dtype == np.uint8
    assert decoded.flags.c_contiguous and decoded.flags.writeable
    np.testing.assert_array_equal(decoded, pillow_rgb(data))


def test_cmyk_jpeg_resembles_what_went_in(make_pixels):
    pixels = make_pixels()
    decoded = decode_image(encode(pixels, "JPEG", mode="CMYK", quality=98))
    assert np.abs(decoded.astype(int) - pixels).mean() < 4


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("jpeg", ("jpeg", 3)),
        ("cmyk", ("jpeg", 4)),
        ("png", ("png", None)),
        ("webp", ("webp", None)),
        ("lossless webp", ("webp", None)),
        ("webp with exif", ("webp", None)),
        ("bmp", ("bmp", None)),
    ],
)
def test_header(make_pixels, name, header):
    found = read_header(dict(every_format(make_pixels))[name])
    assert (found.format, found.components) == header
    assert (found.width, found.height) == (48, 36)
    assert found.orientation == (6 if name == "webp with exif" else 1)


def test_sixteen_bit_keeps_the_high_byte():
    grey = np.array([[0, 255, 256, 65535]], np.uint16)
    colour = np.stack([grey, grey[:, ::-1], grey], axis=-1)
    for stored in (grey, colour, np.dstack([colour, np.full_like(grey, 65535)])):
        data = cv2.imencode(".png", stored)[1].tobytes()
        decoded = decode_image(data)
        bgr = stored if stored.ndim == 3 else np.dstack([stored] * 3)
        np.testing.assert_array_equal(decoded, (bgr[..., 2::-1] >> 8).astype(np.uint8))


def test_transparency_is_laid_over_white():
    rgba = np.zeros((1, 3, 4), np.uint8)
    rgba[0, :, 0], rgba[0, :, 3] = 200, [0, 51, 255]
    expected = [[[255, 255, 255], [244, 204, 204], [200, 0, 0]]]
    for format in ("PNG", "WEBP"):
        data = encode(Image.fromarray(rgba), format, mode="RGBA", lossless=True)
        np.testing.assert_array_equal(decode_image(data), expected)


def test_transparent_palette_entry_is_white():
    palette = (b"PLTE", bytes([10, 20, 30, 40, 50, 60]))
    data = png(2, 1, 8, 3, b"\0\0\1", palette, (b"tRNS", bytes([0, 255])))
    assert decode_image(data).tolist() == [[[255, 255, 255], [40, 50, 60]]]


@pytest.mark.parametrize("format", ["GIF", "WEBP"])
def test_animation_gives_its_first_frame(format):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if format == "WEBP" else {}
    data = encode(frames[0], format, save_all=True, append_images=frames[1:], **options)
    assert (decode_image(data) == [255, 0, 0]).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_exif_orientation_is_applied_once(make_pixels, format, orientation):
    data = encode(make_pixels(), format, exif=exif(orientation))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert read_header(data).orientation == orientation
    np.testing.assert_array_equal(decode_image(data), np.asarray(upright))


def test_orientation_in_big_endian_exif(make_pixels):
    block = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0"
    assert read_header(encode(make_pixels(), "JPEG", exif=block)).orientation == 8


def test_orientation_in_webp_exif_that_keeps_the_jpeg_prefix(make_pixels):
    data = encode(make_pixels(), "WEBP", exif=exif(6))
    start = data.index(b"EXIF")
    block = b"Exif\0\0" + data[start + 8 :]
    body = data[8:start] + b"EXIF" + struct.pack("<I", len(block)) + block
    assert read_header(b"RIFF" + struct.pack("<I", len(body)) + body).orientation == 6


@pytest.mark.parametrize("damage", [b"II", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"])
def test_damaged_exif_leaves_the_picture_as_stored(make_pixels, damage):
    plain = encode(make_pixels(), "JPEG")
    data = encode(make_pixels(), "JPEG", exif=b"Exif\0\0" + damage)
    np.testing.assert_array_equal(decode_image(data), decode_image(plain))


def test_only_upright_colour_jpeg_is_plain(make_pixels):
    pixels = make_pixels()
    assert read_header(encode(pixels, "JPEG")).plain
    assert read_header(encode(pixels, "JPEG", progressive=True)).plain
    assert not read_header(encode(pixels, "JPEG", exif=exif(3))).plain
    assert not read_header(encode(pixels, "JPEG", mode="L")).plain
    assert not read_header(encode(pixels, "JPEG", mode="CMYK")).plain
    assert not read_header(encode(pixels, "PNG")).plain


def test_a_file_cut_anywhere_is_refused_in_silence(make_pixels, capfd):
    for name, data in every_format(make_pixels):
        decode_image(data)
        for end in range(len(data) - _dispensable(data)):
            try:
                decode_image(data[:end])
            except UnusableImage as error:
                assert error.reason, name
            else:
                pytest.fail(f"{name} cut to {end} of {len(data)} bytes was taken for an image")
    assert capfd.readouterr() == ("", "")


def _dispensable(data):
    """Bytes at the end that may be missing: the end marker of a JPEG."""
    return 2 if data.startswith(b"\xff\xd8") else 0


def test_a_cut_gif_is_refused_or_its_first_frame_is_whole(make_pixels):
    data = encode(make_pixels(), "GIF", mode="P")
    whole, refused = decode_image(data), 0
    for end in range(len(data)):
        try:
            np.testing.assert_array_equal(decode_image(data[:end]), whole)
        except UnusableImage:
            refused += 1
    assert refused > 0.99 * len(data)


def test_truncated_jpeg_says_so_however_it_ends(make_pixels, capfd):
    data = encode(make_pixels(height=128, width=128), "JPEG")
    half = data[: len(data) // 2]
    for tail in (b"", bytes(len(data) // 2), b"\xff\xd9", b"\xff" * 99, b"\xff\xd9" + data[:300]):
        assert reason(half + tail) == "truncated JPEG"
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", ["png", "webp", "lossless webp", "bmp"])
def test_other_formats_say_that_they_are_truncated(make_pixels, name):
    data = dict(every_format(make_pixels))[name]
    assert reason(data[: len(data) // 2]).startswith("truncated")
    assert reason(data[:-1]).startswith("truncated")


def test_jpeg_with_bytes_to_spare_is_decoded(make_pixels, capfd):
    data = encode(make_pixels(), "JPEG")
    for more in (data + b"trailer" * 99, data[:-2] + bytes(9) + data[-2:]):
        np.testing.assert_array_equal(decode_image(more), decode_image(data))
    assert capfd.readouterr().err == ""


def test_jpeg_of_rare_sampling_is_decoded():
    """One unit of three luma blocks beside one block of each chroma, all mid-grey."""
    data = bytearray(encode(Image.new("RGB", (24, 8), (128,) * 3), "JPEG", subsampling=1))
    frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    data[frame + 11] = 0x31  # luma sampled three times as densely as chroma
    data[scan + 8] = data[scan + 10] = 0  # chroma reads luma's Huffman tables
    blocks = int("001010" * 5 + "11", 2).to_bytes(4)  # no difference, end of block
    cut = bytes(data[: scan + 14]) + blocks + b"\xff\xd9"
    assert (decode_image(cut) == 128).all()


def test_flipped_bits_in_a_png_are_noticed(make_pixels):
    data = bytearray(encode(make_pixels(), "PNG"))
    data[data.index(b"IDAT") + 60] ^= 4
    assert reason(bytes(data)) == "damaged PNG (wrong checksum)"


def test_random_damage_never_raises_anything_else(make_pixels, capfd):
    rng = np.random.default_rng(0)
    for _, data in every_format(make_pixels):
        for _ in range(60):
            damaged = bytearray(data)
            for place in rng.integers(0, len(data), 3):
                damaged[place] = rng.integers(256)
            try:
                assert decode_image(bytes(damaged)).ndim == 3
            except UnusableImage as error:
                assert error.reason and "object at" not in error.reason
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty file"),
        (b"hello world, not an image", "not an image (starts with 'hello wo')"),
        (b"\x00\x01\x02", "not an image (starts with 000102)"),
        (b"\xff\xd8\xff\xd9", "damaged JPEG (no frame header)"),
        (b"\xff\xd8\xff\xc3\0\x0b\x08\0\1\0\1\1\1\x11\0", "lossless or arithmetic-coded"),
        (b"\xff\xd8\xff\xc1\0\x0b\x0c\0\1\0\1\1\1\x11\0", "12-bit JPEG is not supported"),
        (png(0, 5, 8, 2, b""), "damaged PNG (no pixels)"),
        (b"RIFF\x10\0\0\0WEBPABCD" + bytes(8), "damaged WebP (no image chunk)"),
    ],
)
def test_foreign_bytes_are_named(data, expected):
    assert reason(data).startswith(expected)


def huge_headers():
    jpeg = b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 17, 8, 30000, 30000, 3) + bytes(10)
    vp8x = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\x2f\x75\0\x2f\x75\0"
    return {
        "jpeg": jpeg + b"\xff\xda\0\x02" + bytes(99) + b"\xff\xd9",
        "png": png(30000, 30000, 8, 2, bytes(9999)),
        "gif": b"GIF89a" + struct.pack("<HH", 30000, 30000) + bytes(50),
        "bmp": b"BM" + bytes(12) + struct.pack("<Iii", 40, 30000, -30000) + bytes(50),
        "webp": vp8x,
    }


@pytest.mark.parametrize("format", ["jpeg", "png", "gif", "bmp", "webp"])
def test_too_many_pixels_are_refused_by_the_header(format):
    said = reason(huge_headers()[format])
    assert said == "too large: 900.0 megapixels, the limit is 64"


def test_gif_frame_larger_than_its_screen_is_refused():
    screen = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 9000, 9000, 0) + b"\x02\x02\x4c\x01\x00;"
    assert reason(screen + frame) == "too large: 81.0 megapixels, the limit is 64"


def test_jpeg_with_endless_scans_is_refused(make_pixels):
    data = encode(make_pixels(), "JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    assert "scans" in reason(data[:scan] + data[scan:-2] * 200 + b"\xff\xd9")


def test_too_many_bytes_are_refused(make_pixels):
    data = encode(make_pixels(), "JPEG")
    assert reason(data + bytes(MAX_BYTES)) == "too large: 50.0 MB, the limit is 50"


def test_memory_stays_bounded(tmp_path):
    """Bombs of 900 megapixels and of 300 MB in a colour profile, in a process of their own."""
    profile = (b"iCCP", b"x\0\0" + zlib.compress(bytes(300_000_000), 1))
    (tmp_path / "profile").write_bytes(png(4, 4, 8, 2, bytes(13 * 4), profile))
    for name, data in huge_headers().items():
        (tmp_path / name).write_bytes(data)
    script = """
        import resource, sys
        from pathlib import Path
        from dfd_tf.data.images.decode import UnusableImage, read_image
        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        before = peak()
        for path in Path(sys.argv[1]).iterdir():
            try:
                read_image(path)
            except UnusableImage:
                pass
        print(peak() - before)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 50  # MB
    assert done.stderr == ""


def test_extension_does_not_matter(tmp_path, make_pixels):
    pixels = make_pixels()
    path = tmp_path / "in truth a png é.jpg"
    path.write_bytes(encode(pixels, "PNG"))
    np.testing.assert_array_equal(read_image(path), pixels)
    np.testing.assert_array_equal(read_image(str(path)), pixels)


def test_one_pixel():
    assert decode_image(encode(Image.new("RGB", (1, 1), "white"), "JPEG")).tolist() == [[[255] * 3]]


def test_paths_without_an_image(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    for path, expected in (
        (tmp_path / "absent.jpg", "no such file"),
        (tmp_path, "is a folder, not a file"),
        (tmp_path / "pipe", "is not a regular file"),
        (tmp_path / "large", "too large: 50.0 MB, the limit is 50"),
        (str(tmp_path / "a\0b"), "not a file name"),
        (str(tmp_path / ("x" * 999)), "cannot be read (File name too long)"),
    ):
        with pytest.raises(UnusableImage) as caught:
            read_bytes(path)
        assert caught.value.reason == expected


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_what_memory_cannot_hold_costs_one_reason(tmp_path, format):
    """In a process of its own that may take 100 MB more than it has."""
    path = tmp_path / "large"
    Image.new("RGB", (8160, 6144), "grey").save(path, format, quality=50, compress_level=1)
    script = """
        import resource, sys
        from dfd_tf.data.images.decode import UnusableImage, decode_image, read_bytes
        data = read_bytes(sys.argv[1])
        pages = int(open("/proc/self/statm").read().split()[0])
        limit = pages * resource.getpagesize() + 100_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        try:
            decode_image(data)
        except UnusableImage as error:
            print(error.reason)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "not enough memory to decode 8160 x 6144 pixels\n"


def test_the_largest_phones_photos_are_read_by_their_header():
    for width, height in ((8160, 6144), (9280, 6944)):
        data = png(width, height, 8, 2, b"")
        assert read_header(data).n_pixels == width * height

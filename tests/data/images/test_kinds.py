"""Kinds of files that programs and phones write a little otherwise than most."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from dfd_tf.data.images.decode import UnusableImage, decode_image, read_header


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def segment(content):
    return b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content


def reason(data):
    with pytest.raises(UnusableImage) as caught:
        decode_image(data)
    return caught.value.reason


def png(width, height, depth, colour, rows, *extra):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [(b"IHDR", header), *extra, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def png_chunk(kind, content):
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


JPEGS = {
    "baseline": {},
    "fine": {"quality": 95, "subsampling": 0},
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_blocks": 3},
    "grey": {},
}


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_may_lack_its_end_marker(encode, make_pixels, kind, missing):
    picture = Image.fromarray(make_pixels()).convert("L" if kind == "grey" else "RGB")
    data = encode(picture, "JPEG", **JPEGS[kind])
    np.testing.assert_array_equal(decode_image(data[:-missing]), decode_image(data))
    assert read_header(data).ended and not read_header(data[:-missing]).ended
    assert not read_header(data[:-missing]).plain  # other decoders refuse it


def test_zeros_in_place_of_the_end_marker_do_no_harm(encode, make_pixels):
    data = encode(make_pixels(), "JPEG")
    np.testing.assert_array_equal(decode_image(data[:-2] + bytes(64)), decode_image(data))


def test_a_progressive_jpeg_cut_between_two_scans_is_truncated(encode, make_pixels):
    data = encode(make_pixels(), "JPEG", progressive=True)
    tables = [i for i in range(len(data)) if data.startswith(b"\xff\xc4", i)]
    ends = tables[2:]  # each later scan begins with its table
    assert len(ends) > 4
    assert {reason(data[:end]) for end in ends} == {"truncated JPEG"}


def test_the_first_exif_segment_decides(encode, make_pixels):
    data = encode(make_pixels(), "JPEG", exif=exif(6))
    after = data.index(b"\xff\xe1") + 4 + len(exif(6))
    for second in (
        b"Exif\0\0" + b"continued" * 5,
        exif(3),
        b"Exif\0\0",
        b"http://ns.adobe.com/xap",
    ):
        both = data[:after] + segment(second) + data[after:]
        assert read_header(both).orientation == 6
        np.testing.assert_array_equal(decode_image(both), decode_image(data))


def test_an_exif_segment_without_a_beginning_is_passed_over(encode, make_pixels):
    data = encode(make_pixels(), "JPEG", exif=exif(6))
    start = data.index(b"\xff\xe1")
    both = data[:start] + segment(b"Exif\0\0" + b"no byte order") + data[start:]
    assert read_header(both).orientation == 6


def test_bmp_whose_alpha_is_all_zero_is_opaque(encode, make_pixels):
    pixels = make_pixels()
    for alpha, expected in {0: pixels, 255: pixels}.items():
        rgba = np.dstack([pixels, np.full(pixels.shape[:2], alpha, np.uint8)])
        np.testing.assert_array_equal(decode_image(bmp_with_alpha(rgba)), expected)
    rgba[0, 0, 3] = 0  # one hole in an opaque picture is a hole
    assert decode_image(bmp_with_alpha(rgba))[0, 0].tolist() == [255, 255, 255]


def bmp_with_alpha(rgba):
    """Version 4 header, 32 bits with a mask for each channel, rows from the top."""
    height, width = rgba.shape[:2]
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 108, width, -height, 1, 32, 3, 0, 0, 0, 0, 0) + masks
    header = header.ljust(108, b"\0")
    body = rgba[..., [2, 1, 0, 3]].tobytes()
    return b"BM" + struct.pack("<IHHI", 14 + 108 + len(body), 0, 0, 122) + header + body


def test_sixteen_bit_grey_with_transparency_is_as_its_twin_of_eight_bits():
    levels = [0, 17, 128, 255]
    eight = png(4, 1, 8, 0, b"\0" + bytes(levels), (b"tRNS", struct.pack(">H", 17)))
    deep = struct.pack(">4H", *(257 * level for level in levels))
    sixteen = png(4, 1, 16, 0, b"\0" + deep, (b"tRNS", struct.pack(">H", 257 * 17)))
    expected = [[[0] * 3, [255] * 3, [128] * 3, [255] * 3]]
    assert decode_image(eight).tolist() == decode_image(sixteen).tolist() == expected


def test_only_the_exact_sixteen_bit_colour_is_transparent():
    colours = [(0x1234, 0x5678, 0x9ABC), (0x1235, 0x5678, 0x9ABC), (0x3434, 0x7878, 0xBCBC)]
    rows = b"\0" + struct.pack(">9H", *(sample for colour in colours for sample in colour))
    data = png(3, 1, 16, 2, rows, (b"tRNS", struct.pack(">3H", *colours[0])))
    expected = [[[255, 255, 255], [0x12, 0x56, 0x9A], [0x34, 0x78, 0xBC]]]
    assert decode_image(data).tolist() == expected


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"II*\0", "this is a TIFF or a camera's raw file: save it as PNG or JPEG"),
        (b"FUJIFILMCCD-RAW ", "this is a camera's raw file: develop it to PNG or JPEG"),
        (b"\0\0\0\x18ftypcrx ", "this is a camera's raw file: develop it to PNG or JPEG"),
        (b"\xff\x0a", "this is a JPEG XL image: save it as PNG"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "this is a JPEG XL image: save it as PNG"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "this is a JPEG 2000 image: save it as PNG"),
        (b"\xff\x4f\xff\x51", "this is a JPEG 2000 image: save it as PNG"),
        (b"8BPS\0\1", "this is a Photoshop document: export it as PNG"),
        (b"%PDF-1.7", "this is a PDF or PostScript file: save the pictures in it"),
        (b"<svg xmlns=", "this is an SVG drawing or another XML file, not a photo"),
        (b"<!DOCTYPE html>", "this is a web page, not an image: download the picture itself"),
        (b"\0\0\0\x20ftypisom", "this is a video: save single frames of it as PNG"),
        (b"\0\0\0\x14ftypqt  ", "this is a video: save single frames of it as PNG"),
        (b"\x1aE\xdf\xa3", "this is a video: save single frames of it as PNG"),
        (b"RIFF\0\0\0\0AVI LIST", "this is a video: save single frames of it as PNG"),
        (b"RIFF\0\0\0\0WAVEfmt ", "this is a sound file, not an image"),
        (b"PK\x03\x04", "this is an archive: unpack it and give the files in it"),
        (b"version https://git-lfs.github.com/spec/v1", "this stands for a file in Git LFS"),
    ],
)
def test_what_is_no_image_is_told_what_to_do(start, said):
    assert reason(start + bytes(64)).startswith(said)

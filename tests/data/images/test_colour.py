"""Pictures with a colour profile look as any viewer shows them."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from dfd_tf.data.images.colour import MAX_PROFILE_BYTES
from dfd_tf.data.images.decode import UnusableImage, decode_image, read_header

# The same colour in the profile's numbers and in sRGB: its red, green and blue, white and a grey.
SAME = {
    "Display P3": {
        (234, 51, 35): (255, 0, 0),
        (117, 251, 76): (0, 255, 0),
        (0, 0, 245): (0, 0, 255),
        (255, 255, 255): (255, 255, 255),
        (90, 90, 90): (90, 90, 90),
    },
    "Adobe RGB": {
        (219, 0, 0): (255, 0, 0),
        (144, 255, 60): (0, 255, 0),
        (0, 0, 250): (0, 0, 255),
        (255, 255, 255): (255, 255, 255),
        (128, 128, 128): (129, 129, 129),
    },
}
LOSSLESS = {
    "JPEG": {"quality": 100, "subsampling": 0},
    "PNG": {},
    "WEBP": {"lossless": True},
}


def patches(colours):
    """Squares of 16 pixels beside one another."""
    return np.repeat(np.repeat([list(colours)], 16, axis=0), 16, axis=1).astype(np.uint8)


@pytest.mark.parametrize("format", LOSSLESS)
@pytest.mark.parametrize("name", SAME)
def test_wide_colours_become_srgb(encode, profiles, name, format):
    data = encode(patches(SAME[name]), format, icc_profile=profiles[name], **LOSSLESS[format])
    shown = decode_image(data)[8, 8::16].astype(int)
    assert np.abs(shown - list(SAME[name].values())).max() <= 3  # what rounding to bytes costs


def test_display_p3_is_what_its_definition_says(encode, profiles, make_pixels):
    """Against the formula in double precision, over many colours."""
    stored = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    light = stored / 255
    light = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    p3_to_srgb = [
        [1.22494, -0.22494, 0],
        [-0.04206, 1.04206, 0],
        [-0.01964, -0.07864, 1.09827],
    ]
    light = np.clip(light @ np.transpose(p3_to_srgb), 0, 1)
    coded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    shown = decode_image(encode(stored, "PNG", icc_profile=profiles["Display P3"]))
    apart = np.abs(shown - coded * 255)
    assert apart.max() < 2 and apart.mean() < 0.4


@pytest.mark.parametrize("format", LOSSLESS)
@pytest.mark.parametrize("name", ["sRGB", "sRGB as a table"])
def test_srgb_by_any_name_changes_no_bit(encode, profiles, make_pixels, name, format):
    pixels = make_pixels()
    plain = encode(pixels, format, **LOSSLESS[format])
    named = encode(pixels, format, icc_profile=profiles[name], **LOSSLESS[format])
    assert named != plain
    np.testing.assert_array_equal(decode_image(named), decode_image(plain))


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("profile", [b"\0", b"no profile" * 40, bytes(3000)])
def test_a_damaged_profile_is_ignored(encode, make_pixels, format, profile):
    plain, damaged = (encode(make_pixels(), format, icc_profile=p) for p in (None, profile))
    np.testing.assert_array_equal(decode_image(damaged), decode_image(plain))


def test_a_profile_cut_anywhere_or_far_too_long_raises_nothing(
    encode, profiles, make_pixels, capfd
):
    whole = profiles["Display P3"]
    plain = decode_image(encode(make_pixels(), "JPEG"))
    for length in range(0, len(whole), 7):
        decode_image(encode(make_pixels(), "JPEG", icc_profile=whole[:length]))
    bloated = whole + bytes(MAX_PROFILE_BYTES)
    np.testing.assert_array_equal(
        decode_image(encode(make_pixels(), "JPEG", icc_profile=bloated)), plain
    )
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["inks", "grey"])
def test_a_profile_for_another_kind_of_picture_is_ignored(encode, profiles, make_pixels, name):
    pixels = make_pixels()
    data = encode(pixels, "PNG", icc_profile=profiles[name])
    np.testing.assert_array_equal(decode_image(data), pixels)


def test_a_profile_in_many_segments_is_put_together(encode, profiles):
    profile = profiles["Display P3"]
    profile = (len(profile) + 150_000).to_bytes(4) + profile[4:] + bytes(150_000)
    data = encode(patches(SAME["Display P3"]), "JPEG", icc_profile=profile, **LOSSLESS["JPEG"])
    assert data.count(b"ICC_PROFILE\0") == 3
    assert read_header(data).profile == profile
    assert np.abs(decode_image(data)[8, 8].astype(int) - [255, 0, 0]).max() <= 2


def test_inks_are_mixed_as_their_profile_says(encode, profiles):
    """Cyan is a grey of half lightness there: L* 50.2, which sRGB codes as 119.6."""
    inks = np.zeros((16, 48, 4), np.uint8)
    inks[:, 16:32, 0] = 255
    inks[:, 32:, 3] = 255
    picture = Image.frombytes("CMYK", (48, 16), inks.tobytes())
    without = decode_image(encode(picture, "JPEG", quality=100))[8, 8::16]
    np.testing.assert_array_equal(without, [[255] * 3, [0, 255, 255], [0] * 3])
    data = encode(picture, "JPEG", quality=100, icc_profile=profiles["inks"])
    shown = decode_image(data)[8, 8::16].astype(int)
    assert np.abs(shown - [[255] * 3, [120] * 3, [0] * 3]).max() <= 1


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_grey_pictures_follow_profiles_of_grey_and_of_colour(encode, profiles, format):
    """Level 128 at gamma 1.8 is 0.289 of the light, 146.6 in sRGB; at 563/256 it is 129."""
    grey = Image.new("L", (16, 16), 128)
    for name, expected in {"grey": 147, "Adobe RGB": 129, "sRGB": 128}.items():
        data = encode(grey, format, icc_profile=profiles[name])
        assert np.abs(decode_image(data).astype(int) - expected).max() <= 1, name


def test_transparency_stays_beside_a_profile(encode, profiles):
    rgba = np.zeros((1, 3, 4), np.uint8)
    rgba[0, :, :3], rgba[0, :, 3] = (234, 51, 35), [0, 51, 255]
    data = encode(Image.fromarray(rgba), "PNG", icc_profile=profiles["Display P3"])
    expected = [[[255, 255, 255], [255, 204, 204], [255, 0, 0]]]
    assert np.abs(decode_image(data).astype(int) - expected).max() <= 1


def with_named_colours(png, primaries, transfer):
    content = b"cICP" + bytes([primaries, transfer, 0, 1])
    chunk = struct.pack(">I", 4) + content + struct.pack(">I", zlib.crc32(content))
    return png[:33] + chunk + png[33:]


def test_png_that_names_its_colours_by_number(encode, make_pixels):
    patched = encode(patches(SAME["Display P3"]), "PNG")
    shown = decode_image(with_named_colours(patched, 12, 13))[8, 8::16].astype(int)
    assert np.abs(shown - list(SAME["Display P3"].values())).max() <= 3
    plain = encode(make_pixels(), "PNG")
    np.testing.assert_array_equal(decode_image(with_named_colours(plain, 1, 13)), make_pixels())
    for transfer in (16, 18):
        with pytest.raises(UnusableImage, match="this is an HDR picture: save it with standard"):
            decode_image(with_named_colours(plain, 9, transfer))


def test_bt_2020_is_wider_than_display_p3(encode):
    """Full red of sRGB is light of 0.6274, 0.0691 and 0.0164 there."""
    data = with_named_colours(encode(np.full((4, 4, 3), (207, 74, 34), np.uint8), "PNG"), 9, 13)
    assert np.abs(decode_image(data)[0, 0].astype(int) - [255, 0, 0]).max() <= 4


def test_jpeg_with_a_profile_is_plain_only_in_srgb(encode, profiles, make_pixels):
    for name, plain in {"sRGB": True, "Display P3": False, "inks": True}.items():
        data = encode(make_pixels(), "JPEG", icc_profile=profiles[name])
        assert read_header(data).plain is plain, name


def test_the_orientation_is_applied_beside_a_profile(encode, profiles, make_pixels):
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"icc_profile": profiles["Display P3"]}
    lying = decode_image(encode(make_pixels(), "JPEG", **options))
    turned = decode_image(encode(make_pixels(), "JPEG", exif=exif.tobytes(), **options))
    np.testing.assert_array_equal(turned, np.rot90(lying, -1))


def test_profile_of_pillow_itself_is_srgb(encode, make_pixels):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encode(make_pixels(), "PNG", icc_profile=profile)
    assert Image.open(io.BytesIO(data)).info["icc_profile"] == profile
    np.testing.assert_array_equal(decode_image(data), make_pixels())

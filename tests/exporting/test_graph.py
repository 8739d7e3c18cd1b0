"""The graph's reading, resizing and verdicts against the engine's. Run eagerly: the same code."""

import struct
import zlib

import cv2
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from dfd_tf import calibration
from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.calibration.maps import Beta, Isotonic
from dfd_tf.calibration.novelty import OUTSIDE, Novelty
from dfd_tf.data.images.colour import changes_colours
from dfd_tf.data.images.decode import UnusableImage, decode_image
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.data.preprocess import too_small as engine_too_small
from dfd_tf.exporting.graph.colour import is_srgb
from dfd_tf.exporting.graph.decode import decode
from dfd_tf.exporting.graph.header import read_header
from dfd_tf.exporting.graph.resize import resize
from dfd_tf.exporting.graph.verdict import judge
from dfd_tf.exporting.graph.views import too_small, views_of


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


SHRUNK = [
    (256, 256, 128, 128),
    (384, 384, 128, 128),
    (256, 512, 128, 128),
    (154, 154, 128, 128),
    (192, 192, 128, 128),
    (601, 599, 128, 127),
    (700, 933, 256, 341),
    (512, 512, 192, 192),
]


@pytest.mark.parametrize("case", SHRUNK)
def test_shrinks_to_the_same_bytes_as_opencv(case):
    height, width, *target = case
    image = noise(height, width)
    expected = cv2.resize(image, target[::-1], interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(resize(tf.constant(image), *map(tf.constant, target)), expected)


def test_enlarges_to_the_same_bytes_as_opencv_but_for_ties():
    differing = total = 0
    for height, width, *target in [(100, 100, 128, 128), (64, 64, 128, 128), (50, 61, 128, 156)]:
        image = noise(height, width)
        expected = cv2.resize(image, target[::-1], interpolation=cv2.INTER_CUBIC).astype(int)
        apart = np.abs(resize(tf.constant(image), *map(tf.constant, target)).numpy() - expected)
        assert apart.max() <= 1
        differing, total = differing + np.count_nonzero(apart), total + apart.size
    assert differing <= 1e-4 * total


@pytest.mark.parametrize("policy", ["crop", "resize"])
@pytest.mark.parametrize("views", [1, 5, 9])
@pytest.mark.parametrize("shape", [(71, 90), (128, 64), (88, 101), (87, 90), (230, 301)])
def test_views_are_those_of_the_engine(policy, views, shape):
    preprocessing = Preprocessing(size=64, policy=policy, views=views, native_side=100)
    image = noise(*shape)
    expected = preprocessing.views_of(image).astype(int)
    apart = np.abs(views_of(preprocessing, tf.constant(image)).numpy() - expected)
    assert apart.max() <= 1  # ties of the cubic filter
    assert np.count_nonzero(apart) <= 1e-4 * apart.size


def test_reads_what_the_engine_reads(usable_files):
    for name, data in usable_files.items():
        header = read_header(tf.constant(data))
        assert header.reason == "", name
        pixels = decode(tf.constant(data), header.kind, header.orientation)
        np.testing.assert_array_equal(pixels, decode_image(data), err_msg=name)


def test_refuses_with_the_reasons_of_the_engine(hostile_files):
    for name, data in hostile_files.items():
        if name == "cut in the pixels":  # which only the decoder can tell
            continue
        with pytest.raises(UnusableImage) as refused:
            small = engine_too_small(decode_image(data))
            raise UnusableImage(small)
        header = read_header(tf.constant(data))
        reason = header.reason.numpy().decode()
        if not reason:
            pixels = decode(tf.constant(data), header.kind, header.orientation)
            reason = too_small(pixels).numpy().decode()
        assert reason == refused.value.reason, name


def refusal(data):
    return read_header(tf.constant(data)).reason.numpy().decode()


def test_refuses_what_it_would_read_to_other_pixels_than_the_engine(encode):
    image = Image.fromarray(noise(70, 90))
    for data, said in {
        encode(image, "BMP"): "BMP is not supported by the exported model, save it as PNG",
        encode(image.convert("P"), "GIF"): "GIF is not supported by the exported model",
        encode(image, "AVIF"): "HEIF or AVIF is not supported by the exported model",
        b"\0\0\0\x1cftypheic" + bytes(20): "HEIF or AVIF is not supported by the exported model",
        encode(image, "WEBP", save_all=True, append_images=[image.rotate(180)]): "animated WebP",
    }.items():
        assert refusal(data).startswith(said)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("name", ["Display P3", "Adobe RGB", "grey", "cut", "long"])
def test_refuses_other_colours_than_srgb(encode, profiles, form, name):
    """Also a profile that it cannot read, which the engine knows to be damaged."""
    odd = {"cut": profiles["sRGB"][:200], "long": profiles["sRGB"] + bytes(100_000)}
    profile = (odd | profiles)[name]
    image = Image.fromarray(noise(70, 90))
    if name == "long" and form != "JPEG":  # bytes behind the profile's own end change nothing
        assert refusal(encode(image, form, icc_profile=profile)) == ""
    else:
        said = refusal(encode(image, form, icc_profile=profile))
        assert said.startswith("colour profile other than sRGB: convert to sRGB")


@pytest.mark.parametrize(
    ("primaries", "transfer", "said"),
    [(1, 13, ""), (12, 13, "colour profile other than sRGB"), (9, 16, "this is an HDR picture")],
)
def test_refuses_wide_colours_that_are_named_by_number(encode, primaries, transfer, said):
    content = b"cICP" + bytes([primaries, transfer, 0, 1])
    chunk = struct.pack(">I", 4) + content + struct.pack(">I", zlib.crc32(content))
    data = encode(Image.fromarray(noise(70, 90)), "PNG")
    got = refusal(data[:33] + chunk + data[33:])
    assert got.startswith(said) and bool(got) == bool(said)


def test_does_not_unpack_a_bomb_in_a_profile(encode):
    """Two hundred megabytes of noughts, of which no byte is made."""
    profile = np.random.default_rng(0).bytes(20_000) + bytes(200_000_000)
    data = encode(Image.fromarray(noise(70, 90)), "PNG", icc_profile=profile)
    assert refusal(data).startswith("colour profile other than sRGB")


@pytest.mark.slow
def test_whoever_passes_as_srgb_is_srgb_to_the_engine(profiles):
    """Primaries that are off, in every direction, by about as much as the graph tolerates."""
    whole = profiles["sRGB"]
    start = whole.index(b"XYZ ", 132) + 8
    rng = np.random.default_rng(0)
    passed = 0
    for _ in range(300):
        changed = bytearray(whole)
        for column in range(3):
            at = start + 20 * column
            values = np.frombuffer(whole[at : at + 12], ">i4") + rng.integers(-9, 10, 3)
            changed[at : at + 12] = values.astype(">i4").tobytes()
        if is_srgb(tf.constant(list(changed), tf.uint8)):
            passed += 1
            assert not changes_colours(bytes(changed), "RGB")
    assert 20 < passed < 280


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"mapping": Beta(0.9, 1.4, -0.3), "max_error": 0.1},
        {"mapping": Isotonic((-1.0, 0.2, 1.0), (-2.0, 0.0, 1.5), 0.8), "max_error": 0.9},
    ],
    ids=["temperature", "beta", "isotonic"],
)
def test_verdicts_and_reasons_are_those_of_the_engine(options, describe):
    labels = np.arange(400) % 2
    logits = labels + np.random.default_rng(0).normal(size=400)
    fitted = fit_calibration(logits, labels, **options)
    # Around the limits, where a reason needs more decimals.
    places = np.linspace(-20, 20, 400_001)
    edges = np.interp(fitted.band, calibration.scores(places, fitted), places)
    near = [edge + step for edge in edges for step in (-1e-3, -1e-5, 1e-5, 1e-3)]
    logits = np.concatenate([logits, near, [np.nan, 800, -800]])
    answers, info = (
        tf.constant(logits)[:, None],
        describe(calibration=fitted.to_dict(), preprocessing={"size": 64}),
    )
    said = judge(answers, tf.fill([len(logits)], "broken"), info)
    scores = calibration.scores(logits, fitted)
    np.testing.assert_allclose(said["score"], scores, atol=1e-7)
    verdicts = [verdict.decode() for verdict in said["verdict"].numpy()]
    assert verdicts == calibration.verdicts(scores, fitted)
    reasons = [reason.decode() for reason in said["reason"].numpy()]
    expected = [calibration.reason_for(score, fitted) for score in scores]
    expected[-3] = "broken"
    assert reasons == expected


def test_what_is_new_gets_no_verdict(describe):
    labels = np.arange(400) % 2
    fitted = fit_calibration(4.0 * labels - 2, labels)
    novelty = Novelty(from_reals=1.0, from_known=2.0, quantile=0.985, n_valid=400)
    info = describe(calibration=fitted.to_dict(), preprocessing={"size": 64}, novelty=novelty)
    logits = np.repeat([-9.0, 9.0], 4)
    distances = np.array([[0.9, 9], [1.1, 0], [3, 3], [1, 1]] * 2, float)
    answers = np.column_stack([logits, distances])
    said = judge(tf.constant(answers), tf.fill([8], ""), info)
    verdicts = [verdict.decode() for verdict in said["verdict"].numpy()]
    new, known = "inconclusive", ["real"] * 4 + ["fake"] * 4
    assert verdicts == ["real", new, new, "real", "fake", "fake", new, "fake"]
    assert [novelty.is_new(*row) for row in zip(known, distances, strict=True)] == [
        verdict == new for verdict in verdicts
    ]
    reasons = said["reason"].numpy().tolist()
    assert reasons == [OUTSIDE.encode() if verdict == new else b"" for verdict in verdicts]

import io

import keras
import numpy as np
import pytest
from PIL import Image

from dfd_tf.data.preprocess import resize_to
from dfd_tf.layers import QuantisedLumaDCT
from dfd_tf.layers.jpeg_table import quantisation_table

SIDE = 96


def photo(seed=0, side=SIDE + 32):
    """Colour noise that falls off towards the high frequencies, as photographs do."""
    rng = np.random.default_rng(seed)
    octaves = [
        resize_to(rng.integers(0, 256, (side // s, side // s, 3), dtype=np.uint8), side, side)
        for s in (32, 16, 8, 4, 2)
    ]
    weights = (0.4, 0.25, 0.15, 0.12, 0.08)
    mixed = sum(w * octave for w, octave in zip(weights, octaves, strict=True))
    return np.clip(mixed, 0, 255).astype("uint8")


def compressed(pixels, **options):
    """A JPEG's RGB pixels, its luma and its table, as the file itself has them."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", **options)
    opened = Image.open(buffer)
    table = np.array(opened.quantization[0]).reshape(8, 8)
    opened.draft("YCbCr", opened.size)
    luma = np.array(opened)[..., 0]
    return np.array(Image.open(buffer).convert("RGB")), luma, table


@pytest.fixture(scope="module")
def layer():
    made = QuantisedLumaDCT()
    made.build((None, SIDE, SIDE, 3))
    return made


def recovered(layer, pixels, top=0, left=0):
    square = pixels[None, top : top + SIDE, left : left + SIDE].astype("float32")
    table = np.array(layer.table(layer.coefficients(square)))[0]
    return np.array(layer(square))[0], table


def own_coefficients(luma, table):
    layer = QuantisedLumaDCT(50)
    layer.build((None, SIDE, SIDE, 3))
    grey = np.repeat(luma[None, :SIDE, :SIDE, None], 3, axis=-1).astype("float32")
    exact = np.array(layer.coefficients(grey))[0]
    return np.round(exact / np.tile(table, (SIDE // 8, SIDE // 8)))


@pytest.mark.parametrize("subsampling", [0, 2])
@pytest.mark.parametrize("quality", [50, 60, 75, 85, 90, 95])
def test_gives_back_table_and_coefficients_of_a_file(layer, quality, subsampling):
    pixels, luma, expected = compressed(photo(), quality=quality, subsampling=subsampling)
    quantised, table = recovered(layer, pixels)
    coefficients = own_coefficients(luma, expected)
    used = np.abs(coefficients).reshape(SIDE // 8, 8, -1, 8).sum(axis=(0, 2)) >= 10
    assert used.sum() >= 12
    assert (table == expected)[used].mean() >= 0.95
    assert (quantised[..., 0] == coefficients).mean() > 0.995
    assert not quantised[..., 1].any()


def test_assumes_no_family_of_tables(layer):
    odd = np.random.default_rng(0).integers(3, 24, 64).tolist()
    pixels, luma, expected = compressed(photo(), qtables=[odd, odd])
    assert sorted(expected.ravel()) == sorted(odd)
    quantised, _ = recovered(layer, pixels)
    assert (quantised[..., 0] == own_coefficients(luma, expected)).mean() > 0.995


def test_grid_is_whole_eight_pixels_on_and_mirrored(layer):
    pixels, _, expected = compressed(photo(), quality=80)
    _, table = recovered(layer, pixels, 8, 16)
    _, mirrored = recovered(layer, pixels[:, ::-1].copy())
    for found in (table, mirrored):
        assert (found == expected)[:4, :4].all()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda pixels: pixels[3:, 5:], id="shifted"),
        pytest.param(lambda pixels: pixels[4:, :], id="half a block down"),
        pytest.param(lambda pixels: resize_to(pixels, 110, 110), id="resized"),
        pytest.param(lambda pixels: resize_to(pixels, 160, 160), id="enlarged"),
    ],
)
def test_says_missing_off_the_grid(layer, change):
    pixels, _, _ = compressed(photo(), quality=75)
    assert recovered(layer, pixels)[1].all()
    quantised, table = recovered(layer, change(pixels))
    assert not table.any()
    assert not quantised[..., 0].any()
    assert quantised[..., 1].all()


@pytest.mark.parametrize("seed", range(3))
def test_says_missing_of_what_was_never_compressed(layer, seed):
    assert not recovered(layer, photo(seed))[1].any()
    flat = np.full((SIDE, SIDE, 3), 90, np.uint8)
    assert not recovered(layer, flat)[1].any()


def test_images_of_a_batch_have_tables_of_their_own(layer):
    files = [photo(), compressed(photo(), quality=70)[0], compressed(photo(), quality=90)[0]]
    batch = np.stack([pixels[:SIDE, :SIDE] for pixels in files]).astype("float32")
    tables = np.array(layer.table(layer.coefficients(batch)))
    assert not tables[0].any()
    for table, quality in zip(tables[1:], (70, 90), strict=True):
        assert (table == quantisation_table(quality))[:3, :3].all()


def test_a_litert_file_reads_the_same_tables_with_builtin_operations(layer):
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    import tensorflow as tf

    pixels = keras.Input((SIDE, SIDE, 3), batch_size=1)
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(pixels, layer(pixels)))
    lite = interpreter.Interpreter(model_content=converter.convert())
    lite.allocate_tensors()
    for picture in (compressed(photo(), quality=80)[0], photo()):
        square = picture[None, :SIDE, :SIDE].astype("float32")
        lite.set_tensor(lite.get_input_details()[0]["index"], square)
        lite.invoke()
        found = lite.get_tensor(lite.get_output_details()[0]["index"])
        # A coefficient halfway between two steps may round either way.
        assert (found == np.array(layer(square))).mean() > 0.9999


@pytest.mark.parametrize(
    ("folder", "corner"), [("140k", 64), ("openforensics", 64), ("ciplab", 64), ("dfdc_faces", 48)]
)
def test_tables_of_real_photos(layer, data_root, folder, corner):
    """The centre of some photos, as a detector of 128 pixels sees it."""
    paths = sorted((data_root / folder).rglob("*.jpg"))
    known = []
    for path in paths[:: max(1, len(paths) // 12)][:12]:
        opened = Image.open(path)
        expected = np.array(opened.quantization[0]).reshape(8, 8)
        _, table = recovered(layer, np.array(opened.convert("RGB")), corner, corner)
        known.append(table.any())
        if known[-1]:
            assert (table == expected)[:2, :2].mean() >= 0.75
    assert np.mean(known) >= 0.9

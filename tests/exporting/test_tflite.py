"""LiteRT files of every detector, at tiny size."""

import json
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import dfd_tf
from dfd_tf.detectors.detector import Detector
from dfd_tf.errors import UserError
from dfd_tf.exporting.kernels import Stored, find_kernels, store, unpack
from dfd_tf.exporting.metadata import operations, read_metadata
from dfd_tf.exporting.rounding import to_int8
from dfd_tf.exporting.saved_model import save_saved_model
from dfd_tf.exporting.tflite import (
    QUANTISATIONS,
    UnsupportedOperation,
    convert,
    in_float16,
    in_int8,
    to_float32,
)
from dfd_tf.lite import LiteModel
from dfd_tf.models import architecture, list_detectors

# Fewer blocks of each kind, where converting hundreds of layers would take a minute.
SHALLOW = {name: {"blocks": (1, 1, 1, 1)} for name in ("resnet18", "resnet34", "resnet50")}
SHALLOW |= {"densenet121": {"blocks": (1, 1, 1, 1)}, "clip_vit": {"read": (1,)}}
SHALLOW |= {"dinov2": {"read": (1,), "size": 56}}
SHALLOW |= {
    name: {"blocks": (1, 1, 1, 1, 1, 1, 1)} for name in ("efficientnet_lite0", "mobilenetv2")
}
# Largest change of a logit, relative to its size or to 1; weights are random, so these are loose.
NEAR = {"none": 1e-4, "float16": 0.05, "dynamic": 1.0, "int8": 2.0, "mixed": 1.0}


@pytest.fixture(scope="module")
def squares():
    return np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)


def logits(network, squares):
    floats = squares.astype(np.float32)
    return np.concatenate([network.predict_on_batch(floats[i : i + 1]) for i in range(len(floats))])


@pytest.fixture(
    scope="module",
    params=[
        n
        for n in list_detectors()
        if architecture(n).takes == "image" and not architecture(n).settle
    ],
)
def any_detector(make_detector, request):
    """Each registered detector in turn, built once for all forms."""
    return make_detector(request.param, **SHALLOW.get(request.param, {}))


@pytest.fixture(scope="module")
def its_squares(any_detector, squares):
    side = any_detector.preprocessing.size
    return squares[:, :side, :side]


@pytest.fixture(scope="module")
def any_file(any_detector):
    """Its float32 file, converted once for all forms that are made of it."""
    return to_float32(any_detector)


def eight_and_sixteen_bits(content):
    """What `mixed` writes, without the search for the best."""
    kernels = find_kernels(unpack(content))
    forms = [
        to_int8(kernel) if i % 2 else Stored(kernel.values.astype(np.float16))
        for i, kernel in enumerate(kernels)
    ]
    return store(content, {k.tensor: (k, form) for k, form in zip(kernels, forms, strict=True)})


FORMS = {
    "none": lambda detector, content, squares: content,
    "float16": lambda detector, content, squares: in_float16(content),
    "dynamic": lambda detector, content, squares: to_float32(detector, weights_in_int8=True),
    "int8": lambda detector, content, squares: in_int8(detector, squares),
    "mixed": lambda detector, content, squares: eight_and_sixteen_bits(content),
}


def test_every_form_is_tried():
    assert tuple(FORMS) == QUANTISATIONS


@pytest.mark.parametrize("quantize", FORMS)
def test_every_detector_takes_every_form(any_detector, any_file, its_squares, quantize):
    content = FORMS[quantize](any_detector, any_file, its_squares)
    assert "CUSTOM" not in operations(content)
    expected = np.asarray(any_detector.model(its_squares.astype(np.float32)))
    apart = np.abs(logits(LiteModel(content), its_squares) - expected)
    assert (apart / np.maximum(1, np.abs(expected))).max() < NEAR[quantize]


@pytest.mark.slow
def test_every_detector_becomes_a_saved_model(any_detector, its_squares, tmp_path):
    save_saved_model(any_detector, tmp_path)
    run = tf.saved_model.load(str(tmp_path)).signatures["pixels"]
    pixels = its_squares.astype(np.float32)
    expected = np.asarray(any_detector.model(pixels))[:, 0]
    np.testing.assert_allclose(
        run(pixels=tf.constant(pixels))["logit"], expected, atol=1e-4, rtol=1e-4
    )


@pytest.mark.parametrize(
    ("quantize", "share", "difference"),
    [("float16", 0.6, 0.01), ("dynamic", 0.35, 0.2), ("int8", 0.35, 0.5)],
)
def test_quantised_it_is_smaller_and_alike(detector, squares, quantize, share, difference):
    content = convert(detector, quantize, squares)
    assert len(content) < share * 4 * detector.model.count_params()
    expected = np.array(detector.model(squares.astype(np.float32)))
    got = logits(LiteModel(content), squares)
    assert 0 < np.abs(got - expected).max() < difference


def test_nothing_private_of_tensorflow_is_imported():
    """Private modules move without notice; whoever needs one again adds a test of its own."""
    sources = [
        path.read_text(encoding="utf-8") for path in Path(dfd_tf.__file__).parent.rglob("*.py")
    ]
    private = re.compile(r"(?:from|import) +tensorflow\.(?:python|lite\.python|core|compiler)\b")
    assert not [line for text in sources for line in private.findall(text)]


def test_int8_of_dense_layers_alone_keeps_the_convolutions(detector, squares):
    content = convert(detector, "int8", squares, only_dense=True)
    whole = convert(detector, "int8", squares)
    expected = np.array(detector.model(squares.astype(np.float32)))
    near, far = (np.abs(logits(LiteModel(c), squares) - expected).max() for c in (content, whole))
    assert near < far
    assert len(content) < 0.5 * 4 * detector.model.count_params()


def test_int8_without_images_is_refused(detector):
    with pytest.raises(UserError, match="--data"):
        convert(detector, "int8")


@keras.saving.register_keras_serializable(package="tests")
class Spectrum(keras.layers.Layer):
    """A layer that LiteRT has no operation for."""

    def call(self, pixels):
        return keras.ops.fft2((pixels[..., 0], 0 * pixels[..., 0]))[0]


def test_an_operation_that_is_no_builtin_is_named(detector):
    pixels = keras.Input((64, 64, 3))
    x = keras.layers.Flatten()(Spectrum(name="spectrum")(pixels))
    model = keras.Model(pixels, keras.layers.Dense(1)(x))
    with pytest.raises(UnsupportedOperation, match=r"LiteRT has no Complex, FFT2D \(in .*spectrum"):
        convert(Detector(model, detector.info))


READER = """
import json, sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
from dfd_tf.exporting.kernels import Stored, find_kernels, store, unpack
from dfd_tf.exporting.metadata import read_metadata
print(json.dumps(read_metadata(sys.argv[1])))
"""


def test_the_file_describes_itself_without_tensorflow(detector, tmp_path):
    path = tmp_path / "amtenet.tflite"
    path.write_bytes(convert(detector, "float16"))
    command = [sys.executable, "-c", READER, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout)
    assert said == read_metadata(path)
    assert said["labels"] == ["real", "fake"]
    assert said["temperature"] == detector.calibration.temperature
    assert [t["value"] for t in said["thresholds"]] == [
        t.value for t in detector.calibration.thresholds
    ]
    assert said["licence"]["weights"] == detector.info.licence
    assert said["detector"]["preprocessing"] == detector.preprocessing.to_dict()

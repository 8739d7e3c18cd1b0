"""Detectors of sound as LiteRT files: samples in, the engine's logit out."""

import keras
import numpy as np
import pytest

from dfd_tf.audio.hearing import hearing
from dfd_tf.detectors.detector import Detector
from dfd_tf.exporting.metadata import describe, operations
from dfd_tf.exporting.tflite import in_float16, to_float32
from dfd_tf.lite import LiteModel
from dfd_tf.models import architecture, build_model, list_detectors

HEARING = [name for name in list_detectors() if architecture(name).takes == "sound"]
SIZE = 32_000


@pytest.fixture(scope="module")
def samples():
    return (0.1 * np.random.default_rng(0).standard_normal((3, SIZE))).astype(np.float32)


@pytest.fixture(scope="module", params=HEARING)
def any_detector(make_detector, request):
    """Each in turn, scaled so that its logits are apart."""
    keras.utils.set_random_seed(1)
    model = build_model(request.param, input_size=SIZE, **architecture(request.param).tiny)
    logit = model.get_layer("logit")
    logit.set_weights([30 * weights for weights in logit.get_weights()])
    info = make_detector("meso4").info
    described = info.replace(name=request.param, preprocessing=hearing(SIZE))
    return Detector(model, described)


@pytest.mark.parametrize(("form", "near"), [(lambda content: content, 1e-4), (in_float16, 0.05)])
def test_the_file_says_what_the_engine_says(any_detector, samples, form, near):
    content = form(to_float32(any_detector))
    assert "CUSTOM" not in operations(content)
    light = LiteModel(content)
    found = np.concatenate([light.predict_on_batch(one[None]) for one in samples])
    expected = any_detector.model.predict_on_batch(samples)
    assert np.ptp(expected) > 0.01
    np.testing.assert_allclose(found, expected, atol=near)


def test_the_description_names_the_input(any_detector):
    described = describe(any_detector.info, "none")
    assert described["input"].startswith("samples: float32 mono at 16 kHz")
    assert described["preprocessing"]["takes"] == "sound"

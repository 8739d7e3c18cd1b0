"""What every registered detector must do.

Only the parameters are counted at the default input size; the rest runs at about 64 pixels, where
the same graph with the same stages is cheap enough to be run for every detector.
"""

import contextlib
import inspect
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from dfd_tf.config import load_config
from dfd_tf.errors import UserError
from dfd_tf.explaining.geometry import cells_of, on_square
from dfd_tf.explaining.heat import cam_layer
from dfd_tf.explaining.methods import make_mapper
from dfd_tf.layers import CBAM
from dfd_tf.models import architecture, build_model, list_detectors
from dfd_tf.models.cost import default_cost

DEEP = ("clip_vit", "dinov2")
HINDERED = ("aasist",)  # by dropout between its graphs, which is part of the published network
CONFIGS = Path(__file__).resolve().parents[2] / "configs"
SIDES = (64, 56)  # of the input; the second in patches of 14 pixels
SAMPLES = 16_000  # of sound, a second
# With as many fakes as photos, which an untrained network tells hardly apart, the gradient of the
# last bias cancels to nothing; with fakes alone batch normalisation cancels all before it.
LABELS = [[0.0], [1.0], [1.0]]


def inputs(model, n=2, seed=0):
    shape, rng = (n, *model.input_shape[1:]), np.random.default_rng(seed)
    if len(shape) == 2:
        return (0.1 * rng.standard_normal(shape)).astype("float32")
    return rng.integers(0, 256, shape).astype("float32")


def size_of(name):
    if architecture(name).takes == "sound":
        return SAMPLES
    for side in SIDES:
        with contextlib.suppress(UserError):
            return architecture(name).complete({"input_size": side})["input_size"]
    pytest.fail(f"{name} takes none of {SIDES}")


def build(name, **arguments):
    keras.utils.set_random_seed(1)
    if name in DEEP:  # seventy million weights tell no more than fourteen
        arguments = {**architecture(name).tiny, **arguments}
    model = build_model(name, input_size=size_of(name), **arguments)
    for layer in model.layers:
        if isinstance(layer, CBAM):
            # CBAM starts with a scale of zero, which lets no gradient pass to what is before it.
            layer.place_norm.gamma.assign([1.0])
    return model


# One detector after the other, so that each is built once for the tests that leave it as it is.
@pytest.fixture(params=[n for n in list_detectors() if not architecture(n).settle], scope="module")
def name(request):
    return request.param


@pytest.fixture(scope="module")
def model(name):
    return build(name)


@pytest.fixture(scope="module")
def shallow(name, request):
    """The same with fewer blocks, where compiling it or adding up its errors calls for that."""
    tiny = architecture(name).tiny
    return build(name, **tiny) if tiny else request.getfixturevalue("model")


def test_has_the_published_number_of_parameters(name):
    assert default_cost(name).trainable == architecture(name).parameters


def test_recipe_names_it_and_gives_arguments_it_takes(name):
    recipe = load_config(CONFIGS / f"{name}.yaml").model
    assert recipe.name == name
    inspect.signature(architecture(name).build).bind(**recipe.args)


def test_one_float32_logit_out(name, model):
    logits = np.array(model(inputs(model)))
    assert logits.shape == (2, 1)
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()


def test_graph_is_flat_and_names_its_cam_layer(name, model):
    assert not any(isinstance(layer, keras.Model) for layer in model.layers)
    assert len(model.get_layer(architecture(name).cam_layer).output.shape) == 4


def test_config_round_trip_gives_the_same_function(name, model):
    again = keras.Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(inputs(model)), model(inputs(model)))


def test_saved_and_loaded_it_gives_the_same_logits(name, model, tmp_path):
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(again(inputs(model)), model(inputs(model)))


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_keeps_weights_and_logit_in_float32(name, shallow, policy):
    # In a deep untrained network, whose moving statistics normalise nothing, errors add up.
    keras.config.set_dtype_policy(policy)
    try:
        half = build(name, **architecture(name).tiny)
    finally:
        keras.config.set_dtype_policy("float32")
    half.set_weights(shallow.get_weights())
    logits = np.array(half(inputs(half)))
    assert logits.dtype == np.float32
    assert all(weight.dtype == "float32" for weight in half.trainable_weights)
    np.testing.assert_allclose(logits, shallow(inputs(half)), atol=0.1, rtol=0.05)


def test_gradient_reaches_every_weight(name):
    import tensorflow as tf

    model = build(name, **architecture(name).tiny)
    x, labels = tf.constant(inputs(model, n=len(LABELS))), tf.constant(LABELS)
    with tf.GradientTape() as tape:
        loss = keras.losses.BinaryCrossentropy(from_logits=True)(labels, model(x, training=True))
    gradients = tape.gradient(loss, [weight.value for weight in model.trainable_weights])
    starved = [
        weight.path
        for weight, gradient in zip(model.trainable_weights, gradients, strict=True)
        if gradient is None or not np.any(gradient)
    ]
    assert not starved


@pytest.mark.slow
def test_overfits_eight_inputs(name):
    if architecture(name).kind == "one-class":  # tests/one_class has their losses
        pytest.skip("learns no labels")
    if name in HINDERED:
        pytest.skip("too much dropout in the published network for so few steps")
    # Dropout is there to hinder this.
    model = build(name, dropout=0.0, **architecture(name).tiny)
    x, labels = inputs(model, n=8), np.array([[0.0], [1.0]] * 4)
    model.compile(
        keras.optimizers.Adam(1e-3),
        keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=False,
    )
    for _ in range(30):
        model.reset_metrics()
        # With a mean loss below an eighth of ln 2 no image was on the wrong side.
        if model.train_on_batch(x, labels) < np.log(2) / 8:
            break
    logits = np.array(model(x, training=True))
    assert ((logits > 0) == (labels > 0)).all()


# Serves one folder after the other: to import JAX and Keras takes longer than most detectors.
JAX_SIDE = """
import sys
import jax, keras, numpy as np
import dfd_tf.models
labels = np.array(LABELS, "float32")
criterion = keras.losses.BinaryCrossentropy(from_logits=True)
def answer(folder):
    model = keras.models.load_model(f"{folder}/model.keras")
    x = np.load(f"{folder}/x.npy")
    others = [v.value for v in model.non_trainable_variables]
    def loss(trainable, x):
        logits, _ = model.stateless_call(trainable, others, x, training=True)
        return criterion(labels, logits)
    @jax.jit  # to which all is an argument: what is constant the compiler would work out by itself
    def run(trainable, x):
        value_and_gradients = jax.value_and_grad(loss)(trainable, x)
        return model.stateless_call(trainable, others, x)[0], value_and_gradients
    logits, (value, gradients) = run([v.value for v in model.trainable_variables], x)
    paths = [v.path for v in model.trainable_variables]
    starved = [p for p, g in zip(paths, gradients) if not np.any(np.array(g))]
    assert np.isfinite(value) and not starved, starved
    np.save(f"{folder}/jax.npy", np.array(logits))
for folder in sys.stdin:
    answer(folder.strip())
    print("done", flush=True)
""".replace("LABELS", str(LABELS))
JAX_ENVIRONMENT = {
    "KERAS_BACKEND": "jax",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} --xla_backend_optimization_level=0",
}


class JaxSide:
    """A process on the other backend, started anew after one that failed."""

    process = None

    def run(self, folder):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [sys.executable, "-c", JAX_SIDE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | JAX_ENVIRONMENT,
            )
        print(folder, file=self.process.stdin, flush=True)
        assert self.process.stdout.readline() == "done\n"


@pytest.fixture(scope="session")
def jax_side():
    pytest.importorskip("jax")
    side = JaxSide()
    yield side
    if side.process is not None:
        side.process.communicate()


def test_runs_and_differentiates_on_jax(shallow, jax_side, tmp_path):
    shallow.save(tmp_path / "model.keras")
    x = inputs(shallow, n=len(LABELS))
    np.save(tmp_path / "x.npy", x)
    jax_side.run(tmp_path)
    logits = np.load(tmp_path / "jax.npy")
    np.testing.assert_allclose(logits, shallow(x), atol=1e-3, rtol=1e-3)


def test_grad_cam_gives_a_map(name, shallow):
    if architecture(name).takes == "sound":
        pytest.skip("maps are laid over pictures")
    layer = cam_layer(shallow, name, "gradcam")
    mapper = make_mapper("gradcam", shallow, layer.name)
    # What does not speak for fake speaks for real.
    maps = np.stack([mapper(inputs(shallow).astype("uint8"), target) for target in (0, 1)])
    heat = on_square(maps.sum(axis=0), cells_of(shallow, layer), size_of(name))
    assert heat.shape == (2, size_of(name), size_of(name))
    assert np.isfinite(heat).all()
    assert np.ptp(heat, axis=(1, 2)).min() > 0
    assert maps.min() >= 0

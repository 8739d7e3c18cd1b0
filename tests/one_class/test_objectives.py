import keras
import numpy as np
import pytest

from dfd_tf.models import build_model
from dfd_tf.one_class.objectives import (
    DataDescription,
    Pretraining,
    Reconstruction,
    centre_of,
    semi_supervised_loss,
    soft_boundary_loss,
    summed_errors,
)


def tiny(name="deep_svdd", **arguments):
    keras.utils.set_random_seed(0)
    return build_model(name, input_size=32, **arguments)


@pytest.fixture(scope="module")
def svdd():
    return tiny(widths=(4, 4, 8, 8), kernel=3, dimensions=6)


def photos(n=8):
    return np.random.default_rng(0).integers(0, 256, (n, 32, 32, 3)).astype("float32")


def array(*values):
    return keras.ops.convert_to_tensor(np.array(values, dtype="float32"))


def test_soft_boundary_by_hand():
    # Outside a radius of 2 lie 5 and 12, by 1 and 8: 4 + (9 / 4) / 0.5.
    loss = soft_boundary_loss(array(1.0, 4.0, 5.0, 12.0), array(2.0)[0], nu=0.5)
    assert float(loss) == pytest.approx(4 + 9 / 4 / 0.5)


def test_semi_supervised_by_hand():
    distances = array(2.0, 4.0, 0.5, 0.0)
    is_fake = np.array([False, False, True, True])
    loss = semi_supervised_loss(distances, is_fake, eta=3.0)
    # (d + eps)^-1, capped at a squared distance of a thousandth.
    expected = (2 + 4 + 3 / (0.5 + 1e-6) + 3 / (1e-3 + 1e-6)) / 4
    assert float(loss) == pytest.approx(expected, rel=1e-6)
    hard = semi_supervised_loss(distances, np.zeros(4, bool))
    assert float(hard) == pytest.approx(6.5 / 4)


def test_errors_are_summed_over_an_example_and_averaged_over_photos(svdd):
    original, copy = (
        np.zeros((3, 2, 1)),
        np.array([1.0, 2.0, 30.0])[:, None, None] * np.ones((2, 1)),
    )
    np.testing.assert_allclose(summed_errors(original, copy), [2, 8, 1800])
    embedding = keras.Input((6,))
    objective = Pretraining(svdd, keras.Model(embedding, keras.layers.Dense(2)(embedding)))
    found = {"trace": original, "reconstruction": copy}
    loss = objective.compute_loss(y=np.array([[0.0], [0.0], [1.0]]), y_pred=found)
    assert float(loss) == pytest.approx(5)


def test_no_component_of_a_centre_is_near_zero():
    embeddings = np.array([[0.3, 0.02, -0.02, 0.0, -5.0], [0.5, 0.04, -0.04, 0.0, -7.0]])
    np.testing.assert_allclose(centre_of(embeddings), [0.4, 0.1, -0.1, 0.1, -6.0], rtol=1e-6)


def test_deep_svdd_has_nothing_that_makes_a_constant(svdd):
    assert all(weight.name == "kernel" for weight in svdd.trainable_weights)
    black = np.full((2, 32, 32, 3), 127.5, dtype="float32")
    embed = keras.Model(svdd.input, svdd.get_layer("embedding").output)
    np.testing.assert_allclose(embed(black), 0, atol=1e-4)


def test_radius_rests_and_then_is_the_quantile_of_the_batch(svdd):
    objective = DataDescription(svdd, soft=True, nu=0.25, warmup_steps=2)
    distances = array(1.0, 4.0, 9.0, 16.0, 25.0)[:, None]
    labels = np.zeros((5, 1), dtype="float32")
    radii = []
    for _ in range(4):
        objective.compute_loss(y=labels, y_pred={"distance": distances})
        radii.append(float(objective.radius))
    assert radii == pytest.approx([0, 0, 4, 4])
    further = distances * 4  # the roots' quantile is 8, of which a tenth comes in
    objective.compute_loss(y=labels, y_pred={"distance": further})
    assert float(objective.radius) == pytest.approx(0.9 * 4 + 0.1 * 8)
    objective.compute_loss(y=labels, y_pred={"distance": distances}, training=False)
    assert float(objective.radius) == pytest.approx(4.4)


def test_description_loss_adds_coupled_weight_decay(svdd):
    distances, labels = array(1.0, 2.0)[:, None], np.array([[0.0], [1.0]])
    squares = sum(float((w.numpy() ** 2).sum()) for w in svdd.trainable_weights)
    loss = DataDescription(svdd, l2=0.1).compute_loss(y=labels, y_pred={"distance": distances})
    assert float(loss) == pytest.approx((1 + 1 / (2 + 1e-6)) / 2 + 0.05 * squares, rel=1e-5)


def test_fitted_with_fakes_it_holds_photos_and_pushes_fakes():
    model = tiny(widths=(4, 4, 8, 8), kernel=3, dimensions=6)
    labels = np.array([[0.0], [1.0]] * 4)
    objective = DataDescription(model)
    objective.compile(keras.optimizers.Adam(1e-2), jit_compile=False)
    losses = objective.fit(photos(), labels, batch_size=8, epochs=25, verbose=0).history["loss"]
    logits = np.array(model(photos(), training=True))[:, 0]
    assert losses[-1] < losses[0]
    assert logits[1::2].min() > logits[::2].max()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("autoencoder", {"widths": (4, 4, 8, 8), "dimensions": 8}),
        ("oc_fakedect", {"widths": (4, 4, 4, 4), "hidden": 8, "dimensions": 8, "version": 2}),
    ],
)
def test_fitted_autoencoders_reconstruct_better(name, arguments):
    model = tiny(name, **arguments)
    objective = Reconstruction(model)
    objective.compile(keras.optimizers.Adam(1e-2), jit_compile=False)
    zeros = np.zeros((8, 1))
    losses = objective.fit(photos(), zeros, batch_size=8, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    again = np.array(model(photos()))
    np.testing.assert_array_equal(again, model(photos()))
    assert np.isfinite(again).all()

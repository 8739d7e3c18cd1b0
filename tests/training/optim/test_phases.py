import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers

from dfd_tf.config import TrainConfig, parse_config
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.data.sets.inventory import Inventory
from dfd_tf.errors import UserError
from dfd_tf.training.batches import EpochBatches
from dfd_tf.training.checkpoint import ARRAY_FIELDS, load_state
from dfd_tf.training.context import RunContext
from dfd_tf.training.dataset import RunData
from dfd_tf.training.fit import fit
from dfd_tf.training.optim.phases import compile_for_training, start_phase

BACKBONE = ("body", "body_norm")
STEPS = 4
VALID = np.random.default_rng(9).normal(2, 3, (8, 8)).astype("float32")
TABLE = pd.DataFrame({"label": [0, 1] * 4, "source": "a", "split": "valid"})
RUN = parse_config({"model": {"name": "its own"}})
DATA = RunData(TABLE, TABLE, TABLE[:0], "", Inventory(TABLE[:0], TABLE[:0]))


def config(**changes):
    base = {"epochs": 3, "freeze_epochs": 1, "learning_rate": 0.05, "warmup_epochs": 0.5}
    return TrainConfig(**base | {"ema": 0.9} | changes)


def network(seed=0):
    keras.utils.set_random_seed(seed)
    pixels = keras.Input((8,))
    x = layers.Dense(6, use_bias=False, name="body")(pixels)
    x = layers.BatchNormalization(momentum=0.5, name="body_norm")(x)
    x = layers.Dropout(0.2, seed=3, name="dropout")(x)
    return keras.Model(pixels, layers.Dense(1, name="logit")(x))


def batches(epoch):
    rng = np.random.default_rng(epoch)
    x = rng.normal(2, 3, (STEPS * 8, 8)).astype("float32")
    y = (x.sum(axis=1, keepdims=True) > 16).astype("float32")
    return tf.data.Dataset.from_tensor_slices((x, y)).batch(8)


def backbone_of(model):
    return [array for name in BACKBONE for array in model.get_layer(name).get_weights()]


class Killed(Exception):
    pass


def train(folder, settings, *, resume=False, seed=0, kill_in=None):
    """Train the network; return it and its backbone and logit as they were after each epoch."""
    model, seen = network(seed), []

    def validate(model):
        if len(seen) + 1 == kill_in:
            raise Killed
        seen.append((backbone_of(model), model.get_layer("logit").get_weights()))
        return np.array(model(VALID)).ravel().astype(float)

    folder.mkdir(exist_ok=True)
    run = RunContext(RUN, folder, DATA, Preprocessing(8), resume=resume)
    shown = EpochBatches(batches, STEPS)
    fit(model, run, shown, validate, options=settings, backbone=BACKBONE)
    return model, seen


def all_equal(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_frozen_layers_stand_still_with_their_statistics_and_move_afterwards(tmp_path):
    start = network()
    _, seen = train(tmp_path, config())
    (frozen, logit), (thawed, _), _ = seen
    assert all_equal(frozen, backbone_of(start))
    assert not np.array_equal(logit[0], start.get_layer("logit").get_weights()[0])
    assert not any(np.array_equal(a, b) for a, b in zip(frozen, thawed, strict=True))


@pytest.mark.parametrize("epoch", [2, 3])  # after the last frozen epoch, after the first thawed
def test_killed_and_resumed_it_ends_in_the_same_weights(tmp_path, epoch):
    train(tmp_path / "whole", config())
    with pytest.raises(Killed):
        train(tmp_path / "cut", config(), kill_in=epoch)
    train(tmp_path / "cut", config(), resume=True, seed=9)
    whole, cut = (load_state(tmp_path / name / "checkpoints") for name in ("whole", "cut"))
    assert whole.epoch == 3
    for part in ARRAY_FIELDS:
        assert all_equal(getattr(whole, part), getattr(cut, part))
    assert whole.history == cut.history


def test_logits_that_are_no_numbers_are_divergence_though_the_loss_is_finite(tmp_path):
    run = RunContext(RUN, tmp_path, DATA, Preprocessing(8))
    nothing = np.full(len(TABLE), np.nan)
    with pytest.raises(UserError, match=r"diverged in epoch 1: the logit .* nan. Lower train"):
        fit(network(), run, EpochBatches(batches, STEPS), lambda _: nothing, options=config())


def test_everything_may_stay_frozen(tmp_path):
    model, _ = train(tmp_path, config(epochs=2, freeze_epochs=2))
    assert all_equal(backbone_of(model), backbone_of(network()))


def test_rate_is_constant_while_frozen_then_warms_up_and_falls_to_zero():
    model = network()
    start_phase(model, config(), STEPS, BACKBONE, 0)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)
    start_phase(model, config(), STEPS, BACKBONE, 1)
    rates = []
    for _ in range(2 * STEPS):
        rates.append(float(model.optimizer.learning_rate))
        model.optimizer.iterations.assign_add(1)
    np.testing.assert_allclose(rates[:2], [0.025, 0.05], rtol=1e-5)
    assert float(model.optimizer.learning_rate) == pytest.approx(0, abs=1e-8)


def test_first_step_of_both_rates_by_hand():
    model = network()
    settings = config(backbone_rate=0.1, weight_decay=0.5, clip_norm=None)
    compile_for_training(model, settings, 0.01, BACKBONE)
    before = {weight.path: np.array(weight) for weight in model.trainable_weights}
    rng = np.random.default_rng(0)
    gradients = [rng.normal(size=weight.shape) for weight in model.trainable_weights]
    model.optimizer.apply([keras.ops.convert_to_tensor(g, "float32") for g in gradients])
    for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
        rate = 0.001 if weight.path.startswith("body") else 0.01
        kept = 1 - 0.5 * rate if weight.name == "kernel" else 1
        # Adam's first step has the length of the rate, whatever the gradient.
        expected = before[weight.path] * kept - rate * np.sign(gradient)
        np.testing.assert_allclose(weight, expected, rtol=1e-4, atol=1e-6)


def test_with_one_rate_it_is_the_adamw_of_keras():
    ours, theirs = network(), network()
    settings = config(weight_decay=0.1, clip_norm=1.0)
    compile_for_training(ours, settings, 0.01)
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.1, global_clipnorm=1.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    rng = np.random.default_rng(0)
    for _ in range(5):
        gradients = [
            keras.ops.convert_to_tensor(rng.normal(size=w.shape), "float32")
            for w in ours.trainable_weights
        ]
        ours.optimizer.apply(gradients)
        optimizer.apply(gradients, theirs.trainable_weights)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)

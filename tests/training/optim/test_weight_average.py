import keras
import numpy as np

from dfd_tf.training.optim.weight_average import STEPS_BETWEEN_UPDATES, WeightAverage


def one_weight_model(value):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.array([[value]])])
    return model


def step(average, model, value):
    model.set_weights([np.array([[value]])])
    for _ in range(STEPS_BETWEEN_UPDATES):
        average.on_train_batch_end(0)


def test_follows_the_hand_computed_average():
    model = one_weight_model(0.0)
    average = WeightAverage(model, 0.5)
    step(average, model, 1.0)
    step(average, model, 3.0)
    # At step 8 the decay is min(0.5, 9 / 18) = 0.5 a step.
    expected = 3.0 + (1.0 - 3.0) * 0.5**STEPS_BETWEEN_UPDATES
    np.testing.assert_allclose(average.arrays[0], expected)


def test_is_in_the_model_for_a_while_only():
    model = one_weight_model(0.0)
    average = WeightAverage(model, 0.9)
    step(average, model, 1.0)
    step(average, model, 5.0)
    with average.in_model():
        assert 1.0 < model.get_weights()[0].item() < 5.0
    assert model.get_weights()[0].item() == 5.0


def test_zero_switches_it_off():
    model = one_weight_model(2.0)
    average = WeightAverage(model, 0.0)
    step(average, model, 7.0)
    with average.in_model():
        assert model.get_weights()[0].item() == 7.0

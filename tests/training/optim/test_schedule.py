import keras
import numpy as np
import pytest

from dfd_tf.training.optim.schedule import WarmupCosine


def test_rises_to_the_peak_and_falls_to_zero():
    rates = [float(WarmupCosine(0.1, 10, 110)(step)) for step in range(111)]
    np.testing.assert_allclose(rates[:10], np.arange(1, 11) * 0.01, rtol=1e-5)
    assert max(rates) == pytest.approx(0.1)
    assert rates[60] == pytest.approx(0.05, rel=1e-4)  # half of the way down
    assert rates[110] == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_trains_under_every_policy(policy):
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(1, dtype=policy)(inputs))
    optimizer = keras.optimizers.AdamW(WarmupCosine(0.1, 2, 8))
    model.compile(optimizer, "mse", jit_compile=False)
    model.fit(np.ones((8, 4)), np.ones((8, 1)), batch_size=1, verbose=0)
    assert float(model.optimizer.learning_rate) == pytest.approx(0, abs=1e-7)


def test_survives_serialisation():
    schedule = WarmupCosine(0.1, 10, 110)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    assert again.get_config() == schedule.get_config()

import keras
import numpy as np
import pytest

from dfd_tf import hardware
from dfd_tf.errors import UserError


def test_a_named_precision_is_taken():
    assert hardware.choose_precision("mixed_float16") == "mixed_float16"


@pytest.mark.parametrize(
    ("has", "depthwise", "expected"),
    [
        (True, False, "mixed_bfloat16"),
        (True, True, "float32"),  # depthwise convolutions are slower in bfloat16
        (False, False, "float32"),  # half precision is never emulated
    ],
)
def test_on_a_cpu_bfloat16_is_chosen_where_it_is_fast(monkeypatch, has, depthwise, expected):
    monkeypatch.setattr(hardware, "gpus", list)
    monkeypatch.setattr(hardware, "tpus", list)
    monkeypatch.setattr(hardware, "cpu_has_bfloat16", lambda: has)
    assert hardware.choose_precision("auto", depthwise) == expected


def test_mirrored_strategy_trains():
    with hardware.choose_strategy("mirrored"):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse", jit_compile=False)
    history = model.fit(np.ones((8, 2)), np.ones((8, 1)), epochs=5, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_absent_tpu_is_an_error_in_words():
    with pytest.raises(UserError, match="No TPU can be reached"), hardware.choose_strategy("tpu"):
        pass

"""Learning from another detector's probabilities."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from scipy.special import expit

from dfd_tf.config import parse_config
from dfd_tf.data.sets.seen_files import read_seen
from dfd_tf.errors import UserError
from dfd_tf.models import build_model
from dfd_tf.training.optim.teacher import Teacher, _Taught
from dfd_tf.training.run import train


@pytest.fixture
def batches():
    """Two batches of noise with labels and weights."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 4, 32, 32, 3), dtype=np.uint8)
    labels = rng.integers(0, 2, (2, 4, 1)).astype(np.float32)
    return list(zip(images, labels, labels + 1, strict=True))


def test_a_target_is_a_mean_of_label_and_probability(batches):
    keras.utils.set_random_seed(0)
    network = build_model("meso4", input_size=32)
    teacher = Teacher(network, 0.7)
    shown = tf.data.Dataset.from_tensor_slices(tuple(map(np.stack, zip(*batches, strict=True))))
    in_graph, of_arrays = teacher.teach(shown), _Taught(batches, teacher)
    for (images, labels, weights), first, second in zip(batches, in_graph, of_arrays, strict=False):
        logits = np.array(network(images, training=False))
        for given in (first, second):
            np.testing.assert_array_equal(given[0], images)
            np.testing.assert_allclose(given[1], 0.3 * labels + 0.7 * expit(logits), atol=1e-5)
            np.testing.assert_array_equal(given[2], weights)


def _config(data, **more):
    model = {"name": "meso4", "args": {"input_size": 32}}
    return parse_config({"model": model, "data": {"paths": [str(data)]}}).replace(
        {"train.batch_size": 8, "train.epochs": 1, "device.precision": "float32"} | more
    )


def test_a_student_has_seen_what_its_teacher_has(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("old", "new"):
        for place in (f"{s}/{c}" for s in ("train", "valid", "test") for c in ("real", "fake")):
            (tmp_path / name / place).mkdir(parents=True)
            for number in range(4):
                pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(tmp_path / name / place / f"{number}.png")
    first, second = tmp_path / "first", tmp_path / "second"
    train(_config(tmp_path / "old"), first)
    learning = {"train.teacher": str(first), "train.teacher_share": 0.5}
    train(_config(tmp_path / "new", **learning), second)
    assert read_seen(first / "bundle") < read_seen(second / "bundle")
    larger = _config(tmp_path / "new", **learning, **{"model.args.input_size": 48})
    with pytest.raises(UserError, match="at 32 pixels, this detector by crop at 48"):
        train(larger, tmp_path / "third")


@pytest.mark.parametrize(
    "settings", [{"train.freeze_epochs": 1, "train.init": "pretrained"}, {"one_class": {}}]
)
def test_only_whole_networks_are_taught(settings):
    with pytest.raises(UserError, match="teacher"):
        _config("data", **{"train.teacher": "somewhere"}, **settings)

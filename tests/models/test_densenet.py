import numpy as np
import pytest

from dfd_tf.models import build_model


def trainable(model):
    return sum(np.prod(weight.shape) for weight in model.trainable_weights)


# Published with a head of 1000 classes: torchvision's models; for 121 also SPEC 1.6.
@pytest.mark.parametrize(
    ("blocks", "features", "published"),
    [((6, 12, 24, 16), 1024, 7_978_856), ((6, 12, 32, 32), 1664, 14_149_480)],
)
def test_body_has_the_published_parameters(blocks, features, published):
    body = trainable(build_model("densenet121", input_size=64, blocks=blocks)) - (features + 1)
    assert body + 1000 * (features + 1) == published


def test_cbam_follows_each_dense_block():
    model = build_model("densenet121", input_size=64, cbam=True)
    assert trainable(model) - 6_954_881 == 306_496
    channels = [model.get_layer(f"block{block}_cbam").output.shape[-1] for block in range(1, 5)]
    assert channels == [256, 512, 1024, 1024]
    assert model.get_layer("block4_cbam").input is model.get_layer("relu").output


def test_growth_and_compression_set_the_widths():
    model = build_model(
        "densenet121", input_size=64, blocks=(2, 3), growth=8, compression=0.25, cbam=True
    )
    assert model.get_layer("block1_2").output.shape[-1] == 64 + 2 * 8
    assert model.get_layer("transition1").output.shape[-1] == 20
    assert model.get_layer("relu").output.shape[-1] == 20 + 3 * 8


def test_stage_sides_at_224_pixels():
    model = build_model("densenet121")
    names = ("conv1", "pool1", "transition1", "transition2", "transition3", "relu")
    assert [model.get_layer(name).output.shape[1] for name in names] == [112, 56, 28, 14, 7, 7]

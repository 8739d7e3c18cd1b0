import pytest

from dfd_tf.models import build_model


@pytest.mark.parametrize("name", ["meso4", "mesoinception4"])
def test_stage_sides_at_256_pixels(name):
    model = build_model(name)
    stages = [layer.output.shape[1] for layer in model.layers if layer.name.endswith("_pool")]
    assert stages == [128, 64, 32, 8]


def test_inception_looks_at_one_three_five_and_seven_pixels():
    model = build_model("mesoinception4", input_size=64)
    reach = {letter: model.get_layer(f"inception2_{letter}") for letter in "abcd"}
    assert [reach[letter].dilation_rate[0] for letter in "abcd"] == [1, 1, 2, 3]
    assert [reach[letter].kernel_size[0] for letter in "abcd"] == [1, 3, 3, 3]
    assert model.get_layer("inception2").output.shape[-1] == 2 + 4 + 4 + 2

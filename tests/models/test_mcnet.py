import keras
import numpy as np
import pytest

from dfd_tf.errors import UserError
from dfd_tf.models import build_model
from dfd_tf.models.cost import cost_of


def trainable(model, prefix=""):
    weights = (w for w in model.trainable_weights if w.path.startswith(prefix))
    return sum(int(np.prod(weight.shape)) for weight in weights)


@pytest.fixture(scope="module")
def vanet():
    return build_model("vanet")


@pytest.fixture(scope="module")
def mcnet():
    return build_model("mcnet")


def test_vanet_has_the_computed_parameters_and_one_gain_per_stream(vanet):
    """3,202,689 is the bias-free graph without layer normalisation, as computed by itself."""
    gains = 2
    assert trainable(vanet) == 3_202_689 + gains
    assert vanet.count_params() == 3_209_857 + gains
    # The open re-implementation's 3,255,425 has biases before every normalisation, which undoes
    # them, and an affine layer normalisation over (384, 8, 8) in place of the gains.
    biases = {"spatial": 1_648, "frequency": 1_168, "fusion": 768}
    assert trainable(vanet) - gains + sum(biases.values()) + 2 * 384 * 8 * 8 == 3_255_425


def test_mcnet_has_the_computed_parameters_and_those_of_gains_and_missing_map(mcnet):
    """5,030,601 is the graph with eleven maps in the volume, as computed by itself."""
    gains, missing = 3, 3 * 3 * 64
    assert trainable(mcnet) == 5_030_601 + gains + missing
    assert mcnet.count_params() == 5_040_337 + gains + missing
    assert trainable(mcnet, "compression") == 680_392 + 1 + missing


def test_cost_is_the_computed_one(vanet, mcnet):
    assert cost_of(vanet).multiply_adds / 1e9 == pytest.approx(2.34, abs=0.01)
    # The computed 2.70, and the search for the file's quantisation table.
    assert cost_of(mcnet).multiply_adds / 1e9 == pytest.approx(2.72, abs=0.01)


def test_streams_end_at_a_sixteenth(mcnet):
    assert mcnet.get_layer("dct").output.shape == (None, 63, 63, 48)
    assert mcnet.get_layer("volume").output.shape == (None, 128, 128, 12)
    assert mcnet.get_layer("compression_stem3_conv").input.shape == (None, 16, 16, 256)
    for stream, channels in (("spatial", 256), ("frequency", 128), ("compression", 128)):
        assert mcnet.get_layer(f"{stream}_gain").output.shape == (None, 8, 8, channels)


@pytest.mark.parametrize("name", ["vanet", "mcnet"])
def test_any_multiple_of_eight_will_do_and_nothing_else(name):
    assert build_model(name, input_size=40).get_layer("fused").output.shape[1:3] == (3, 3)
    with pytest.raises(UserError, match="multiple of 8, got 100"):
        build_model(name, input_size=100)


def test_every_stream_moves_the_logit():
    model = build_model("mcnet", input_size=32)
    x = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3)).astype("float32")
    before = float(model(x)[0, 0])
    for stream in ("spatial", "frequency", "compression"):
        gain = model.get_layer(f"{stream}_gain")
        gain.set_weights([np.array(0.0)])
        assert abs(float(model(x)[0, 0]) - before) > 1e-5
        gain.set_weights([np.array(1.0)])


def test_streams_reach_the_fusion_as_unit_vectors():
    model = build_model("mcnet", input_size=32)
    x = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3)).astype("float32")
    fused = np.array(keras.Model(model.input, model.get_layer("fused").output)(x))
    for channels in (slice(0, 256), slice(256, 384), slice(384, 512)):
        np.testing.assert_allclose(np.linalg.norm(fused[..., channels], axis=-1), 1, atol=1e-4)


def test_spectrum_and_volume_follow_the_pixels_when_they_are_mirrored():
    """Mirrored pixels change signs of odd frequencies, and nothing else in either stream."""
    model = build_model("mcnet", input_size=32, quality=90)
    middle = keras.Model(
        model.input, [model.get_layer("dct").output, model.get_layer("volume").output]
    )
    x = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3)).astype("float32")
    spectrum, volume = (np.array(maps) for maps in middle(x))
    mirrored_spectrum, mirrored_volume = (np.array(maps) for maps in middle(x[:, :, ::-1]))
    np.testing.assert_allclose(np.abs(mirrored_spectrum), np.abs(spectrum[:, :, ::-1]), atol=1e-4)
    blocks = volume.reshape(1, 32, 4, 8, 12)[:, :, ::-1]
    agreement = (mirrored_volume.reshape(blocks.shape) == blocks).mean()
    assert agreement > 0.999  # a coefficient halfway between two steps may round either way


@pytest.mark.parametrize(
    ("name", "attention"), [("vanet", 2 * 2_284 + 18_940), ("mcnet", 3 * 2_284 + 33_412)]
)
def test_attention_adds_one_module_per_stream_and_one_on_the_fused_maps(name, attention):
    plain = build_model(name, input_size=32)
    attentive = build_model(name, input_size=32, cbam=True)
    assert trainable(attentive) - trainable(plain) == attention

import keras
import numpy as np
import pytest

from dfd_tf.models import build_model
from dfd_tf.models.backbone import backbone_and_head, load_pretrained


@pytest.fixture(scope="module")
def tower(published):
    """Our network read at its first and last block, and the published file."""
    published("clip_vit")
    model = build_model("clip_vit", read=(1, 12))
    load_pretrained(model, "clip_vit")
    return backbone_and_head(model, "clip_vit")[0]


def dequantised(path):
    """The published graph with its own eight-bit matrices, multiplied in float32.

    As published it multiplies eight-bit numbers, which saturate on processors without the
    instructions for that.
    """
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    users = {name: node for node in model.graph.node for name in node.input}
    source = {name: node for node in model.graph.node for name in node.output}
    for node in [node for node in model.graph.node if node.op_type == "MatMulInteger"]:
        stem = node.input[1].removesuffix("_quantized")
        number, zero, scale = (
            arrays[stem + part].astype("float32")
            for part in ("_quantized", "_zero_point", "_scale")
        )
        matrix = numpy_helper.from_array((number - zero) * scale, f"{stem}_float")
        scaled = users[users[node.output[0]].output[0]]
        product = helper.make_node(
            "MatMul", [source[node.input[0]].input[0], matrix.name], list(scaled.output)
        )
        model.graph.initializer.append(matrix)
        model.graph.node.insert(list(model.graph.node).index(scaled), product)
        model.graph.node.remove(scaled)
    return model.SerializeToString()


def test_backbone_has_the_published_number_of_parameters(tower):
    # 85,799,424 in the published tower, of which we leave its last normalisation out.
    assert tower.count_params() == 85_799_424 - 2 * 768


def test_it_sees_what_the_published_file_sees(tower, published):
    runtime = pytest.importorskip("onnxruntime")
    photos = np.random.default_rng(0).uniform(0, 255, (2, 14, 14, 3)).astype("float32")
    photos = np.array(keras.ops.image.resize(photos, (224, 224), "bicubic"))
    normalised = np.array(keras.Model(tower.input, tower.get_layer("normalise").output)(photos))
    session = runtime.InferenceSession(dequantised(published("clip_vit").verified()))
    tokens = session.run(["onnx::Gather_1524"], {"pixel_values": normalised.transpose(0, 3, 1, 2)})[
        0
    ]
    theirs = np.concatenate([tokens[:, 0], tokens[:, 1:].mean(axis=1)], axis=1)
    ours = np.array(tower(photos))[:, 2 * 768 :]
    np.testing.assert_allclose(ours, theirs, atol=2e-3 * np.abs(theirs).max())

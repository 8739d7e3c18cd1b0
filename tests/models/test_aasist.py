"""AASIST-L against its structure written down in NumPy, from weights as PyTorch names them."""

from pathlib import Path

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import correlate

from dfd_tf.models import build_model
from dfd_tf.models.backbone import backbone_and_head
from dfd_tf.pretrained import aasist as published
from dfd_tf.pretrained.torch_file import read_torch_file

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "weights" / "AASIST-L.pth"
SIZE = 20_000
WIDTHS = [(1, 32), (32, 32), (32, 24), (24, 24), (24, 24), (24, 24)]


def random_tensors(seed=0):
    """By the names and shapes of the published file."""
    rng = np.random.default_rng(seed)
    shapes = {"pos_S": (1, 23, 24), "master1": (1, 1, 24), "master2": (1, 1, 24)}

    def dense(name, units, features):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (units, features), (units,)

    def conv(name, units, maps, bands):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (units, maps, bands, 3), (units,)

    def norm(name, units):
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.{part}"] = (units,)

    norm("first_bn", 1)
    for i, (maps, units) in enumerate(WIDTHS):
        conv(f"encoder.{i}.0.conv1", units, maps, 2)
        conv(f"encoder.{i}.0.conv2", units, units, 2)
        norm(f"encoder.{i}.0.bn2", units)
        if maps != units:
            conv(f"encoder.{i}.0.conv_downsample", units, maps, 1)
    for name in ("GAT_layer_S", "GAT_layer_T"):
        shapes[f"{name}.att_weight"] = (24, 1)
        for part in ("att_proj", "proj_with_att", "proj_without_att"):
            dense(f"{name}.{part}", 24, 24)
        norm(f"{name}.bn", 24)
    for way in "12":
        for step, features in (("1", 24), ("2", 32)):
            name = f"HtrgGAT_layer_ST{way}{step}"
            for kind in ("11", "22", "12", "M"):
                shapes[f"{name}.att_weight{kind}"] = (32, 1)
            for part in ("proj_type1", "proj_type2"):
                dense(f"{name}.{part}", features, features)
            for part in ("att_proj", "proj_with_att", "proj_without_att"):
                dense(f"{name}.{part}", 32, features)
                dense(f"{name}.{part}M", 32, features)
            norm(f"{name}.bn", 32)
        for kind in "ST":
            dense(f"pool_h{kind}{way}.proj", 1, 32)
    for kind in "ST":
        dense(f"pool_{kind}.proj", 1, 24)
    dense("out_layer", 2, 160)
    tensors = {n: (0.2 * rng.standard_normal(s)).astype("float32") for n, s in shapes.items()}
    return {n: np.abs(t) + 0.5 if n.endswith("running_var") else t for n, t in tensors.items()}


class Reference:
    """The network for one recording, (n,), in float64; maps are (channels, bands, time)."""

    def __init__(self, tensors):
        self.t = {name: np.asarray(tensor, np.float64) for name, tensor in tensors.items()}

    def dense(self, x, name):
        return x @ self.t[f"{name}.weight"].T + self.t[f"{name}.bias"]

    def norm(self, x, name, axis=-1):
        shape = [1] * x.ndim
        shape[axis] = -1
        weight, bias, mean, var = (
            self.t[f"{name}.{part}"].reshape(shape)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        return (x - mean) / np.sqrt(var + 1e-5) * weight + bias

    def conv(self, x, name, padded_bands):
        kernel = self.t[f"{name}.weight"]
        x = np.pad(x, ((0, 0), (padded_bands,) * 2, (1, 1)))
        windows = sliding_window_view(x, kernel.shape[2:], axis=(1, 2))
        maps = np.tensordot(kernel, windows, axes=((1, 2, 3), (0, 3, 4)))
        return maps + self.t[f"{name}.bias"][:, None, None]

    def block(self, x, name):
        shortcut = x
        y = selu(self.norm(self.conv(x, f"{name}.conv1", 1), f"{name}.bn2", axis=0))
        y = self.conv(y, f"{name}.conv2", 0)
        if f"{name}.conv_downsample.weight" in self.t:
            shortcut = self.conv(x, f"{name}.conv_downsample", 0)
        return pooled(y + shortcut, 1, 3)

    def attend(self, x, name, temperature, weights):
        pairs = np.tanh(self.dense(x[:, None] * x[None], f"{name}.att_proj"))
        logits = np.einsum("ijd,ijd->ij", pairs, weights(len(x)))
        mixture = softmax(logits / temperature, axis=1) @ x
        y = self.dense(mixture, f"{name}.proj_with_att")
        return selu(self.norm(y + self.dense(x, f"{name}.proj_without_att"), f"{name}.bn"))

    def graph(self, x, name):
        weight = self.t[f"{name}.att_weight"][:, 0]
        return self.attend(x, name, 2.0, lambda n: np.broadcast_to(weight, (n, n, len(weight))))

    def mixed(self, one, two, master, name):
        n = len(one)
        x = np.concatenate(
            [self.dense(one, f"{name}.proj_type1"), self.dense(two, f"{name}.proj_type2")]
        )

        def weights(size):
            board = np.empty((size, size, 32))
            board[:] = self.t[f"{name}.att_weight12"][:, 0]
            board[:n, :n] = self.t[f"{name}.att_weight11"][:, 0]
            board[n:, n:] = self.t[f"{name}.att_weight22"][:, 0]
            return board

        heard = np.tanh(self.dense(x * master, f"{name}.att_projM"))
        share = softmax(heard @ self.t[f"{name}.att_weightM"] / 100, axis=0)
        said = self.dense((share * x).sum(0, keepdims=True), f"{name}.proj_with_attM")
        said = said + self.dense(master, f"{name}.proj_without_attM")
        nodes = self.attend(x, name, 100.0, weights)
        return nodes[:n], nodes[n:], said

    def pool(self, x, name, share):
        gates = 1 / (1 + np.exp(-self.dense(x, f"{name}.proj")))
        order = np.argsort(-gates[:, 0])[: max(int(len(x) * share), 1)]
        return (x * gates)[order]

    def way(self, time, spectrum, n):
        name = f"HtrgGAT_layer_ST{n}"
        time, spectrum, master = self.mixed(time, spectrum, self.t[f"master{n}"][0], f"{name}1")
        spectrum = self.pool(spectrum, f"pool_hS{n}", 0.7)
        time = self.pool(time, f"pool_hT{n}", 0.7)
        after = self.mixed(time, spectrum, master, f"{name}2")
        return [a + b for a, b in zip((time, spectrum, master), after, strict=True)]

    def __call__(self, samples):
        x = np.abs(np.stack([correlate(samples, f, mode="valid") for f in sinc_filters()]))
        x = selu(self.norm(pooled(x[None], 3, 3), "first_bn", axis=0))
        for i in range(6):
            x = self.block(x, f"encoder.{i}.0")
        spectrum = np.abs(x).max(axis=2).T + self.t["pos_S"][0]
        spectrum = self.pool(self.graph(spectrum, "GAT_layer_S"), "pool_S", 0.4)
        time = self.pool(self.graph(np.abs(x).max(axis=1).T, "GAT_layer_T"), "pool_T", 0.5)
        ways = [self.way(time, spectrum, n) for n in (1, 2)]
        time, spectrum, master = (np.maximum(a, b) for a, b in zip(*ways, strict=True))
        parts = [np.abs(time).max(0), time.mean(0), np.abs(spectrum).max(0), spectrum.mean(0)]
        fake, real = self.dense(np.concatenate([*parts, master[0]]), "out_layer")
        return fake - real


def sinc_filters():
    def hertz(mel):
        return 700 * (10 ** (mel / 2595) - 1)

    edges = hertz(np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 71))
    time = np.arange(-64, 65)
    low = [2 * f / 16_000 * np.sinc(2 * f * time / 16_000) for f in edges]
    return np.hamming(129) * np.diff(low, axis=0)


def selu(x):
    return 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))


def softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def pooled(x, bands, times):
    maps, height, width = x.shape
    x = x[:, : height // bands * bands, : width // times * times]
    return x.reshape(maps, height // bands, bands, -1, times).max(axis=(2, 4))


def compare(tensors, monkeypatch, seconds=SIZE):
    monkeypatch.setattr(published, "read_torch_file", lambda path: tensors)
    model = build_model("aasist", input_size=seconds)
    published.fill_aasist(model, Path("of tensors"))
    samples = np.random.default_rng(1).standard_normal((2, seconds)) * [[0.02], [0.3]]
    expected = [Reference(tensors)(one) for one in samples]
    found = model.predict_on_batch(samples.astype("float32"))[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-3, rtol=1e-3)
    return found


def test_it_computes_what_its_structure_says(monkeypatch):
    assert np.ptp(compare(random_tensors(), monkeypatch)) > 1e-3


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published weights are not here")
def test_with_the_published_weights(monkeypatch):
    tensors = read_torch_file(PUBLISHED)
    # What the published network holds and never uses: see the module.
    assert sum(t.size for n, t in tensors.items() if "running" not in n and t.ndim) == 85_306
    compare(tensors, monkeypatch)


def test_other_weights_are_refused(monkeypatch):
    tensors = random_tensors()
    del tensors["pool_hT1.proj.bias"]
    monkeypatch.setattr(published, "read_torch_file", lambda path: tensors)
    with pytest.raises(ValueError, match="does not hold the weights of AASIST-L"):
        published.fill_aasist(build_model("aasist", input_size=SIZE), Path("of tensors"))


def test_all_blocks_are_read_beside_the_graphs(monkeypatch):
    tensors = random_tensors()
    monkeypatch.setattr(published, "read_torch_file", lambda path: tensors)
    model = build_model("aasist", input_size=SIZE, read="all")
    before = model.get_layer("logit").get_weights()
    published.fill_aasist(model, Path("of tensors"))
    np.testing.assert_array_equal(model.get_layer("logit").get_weights()[0], before[0])
    backbone, head = backbone_and_head(model, "aasist")
    # Five readings of 32 from the graphs, three of each map of the six blocks.
    assert backbone.output.shape[-1] == 5 * 32 + 3 * (2 * 32 + 4 * 24)
    samples = 0.1 * np.random.default_rng(1).standard_normal((2, SIZE)).astype("float32")
    features = backbone.predict_on_batch(samples)
    published_one = build_model("aasist", input_size=SIZE)
    published.fill_aasist(published_one, Path("of tensors"))
    graphs, _ = backbone_and_head(published_one, "aasist")
    seen = graphs.predict_on_batch(samples)
    squashed = np.sign(seen) * np.log1p(np.abs(seen))
    np.testing.assert_allclose(features[:, : 5 * 32], squashed, rtol=1e-4, atol=1e-5)
    logits = model.predict_on_batch(samples)
    np.testing.assert_allclose(head.predict_on_batch(features), logits, rtol=1e-4, atol=1e-5)

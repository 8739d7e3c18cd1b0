"""AASIST: raw samples, a residual encoder, and graphs over its spectrum and over its time.

Jung, Heo, Tak, Shim, Chung, Lee, Yu, Evans: "AASIST: Audio Anti-Spoofing using Integrated
Spectro-Temporal Graph Attention Networks", ICASSP 2022, arXiv:2110.01200. The defaults are its
light variant, AASIST-L. The published code normalises before the first convolution of a block and
then convolves what was not normalised; what it does is what is built here, so of its 85,306
weights 272 have no place, and neither have the 161 of a second class's logit.

That earlier layers of a network tell more of forgeries of another kind than its last does, as with
pictures (`clip_vit`), was measured for this one: docs/audio.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import keras
from keras import layers, ops

from dfd_tf.layers import GraphAttention, GraphPool, MixedGraphAttention, NodePlaces, SincBands
from dfd_tf.layers.graphs import EPSILON, MOMENTUM
from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register
from dfd_tf.models.sounds import samples_in
from dfd_tf.pretrained import Pretrained, PublishedFile
from dfd_tf.pretrained.aasist import fill_aasist, filled_layers

_BANDS, _TAPS = 70, 129
_WAY_DROPOUT = 0.2
_FEATURES = "features"


class _Graphs(NamedTuple):
    """Nodes of time and of spectrum, and the master over both."""

    time: Any
    spectrum: Any
    master: Any


@register(
    "aasist",
    paper="Jung et al., ICASSP 2022, arXiv:2110.01200",
    input_size=64_600,
    cam_layer="block6_pool",
    parameters=84_873,
    takes="sound",
    # Of few units one way can have the larger master in all: the other learns nothing.
    tiny={"widths": (4, 4, 4, 4, 4, 4), "units": (4, 16)},
    weights=Pretrained(
        PublishedFile(
            name="AASIST-L.pth",
            home="https://github.com/clovaai/aasist, models/weights",
            sha256="814331d088032bb4c3fa61cc014789eadeed464209dd094ab3a2dd6ffbdce27a",
            licence="MIT (NAVER)",
            fill=fill_aasist,
        ),
        filled_layers,
        features=_FEATURES,
    ),
)
def aasist(
    *,
    input_size: Size = 64_600,
    widths: Sequence[Size] = (32, 32, 24, 24, 24, 24),
    units: tuple[Size, Size] = (24, 32),
    dropout: Share = 0.5,
    read: Literal["graphs", "all"] = "graphs",
) -> keras.Model:
    """Build AASIST-L, or another of its family.

    Args:
        input_size: samples at 16 kHz that are judged at once.
        widths: maps of each residual block, each of which looks at a third of the time.
        units: features of a node in the two graphs, and in the mixed one.
        dropout: share dropped before the logit.
        read: what the logit is made of: "graphs", as published, or "all", the statistics of the
            encoder's blocks beside them.

    Returns:
        Model from (batch, input_size) samples in [-1, 1] to (batch, 1) logits.
    """
    samples = samples_in(input_size)
    blocks = _encoded(samples, widths)
    x = blocks[-1]  # (batch, bands, time, maps)
    spectrum = NodePlaces(name="spectral_places")(ops.max(ops.abs(x), axis=2))
    spectrum = GraphAttention(units[0], 2.0, name="spectral")(spectrum)
    spectrum = GraphPool(0.4, name="spectral_pool")(spectrum)
    time = GraphAttention(units[0], 2.0, name="temporal")(ops.max(ops.abs(x), axis=1))
    time = GraphPool(0.5, name="temporal_pool")(time)
    ways = [_way(time, spectrum, units[1], f"way{number}") for number in (1, 2)]
    both = _Graphs(*(layers.Maximum()(pair) for pair in zip(*ways, strict=True)))
    x = _read_out(both)
    if read == "all":
        x = layers.Concatenate(name="all")([x, *(_statistics(block) for block in blocks)])
        # Blocks differ in scale, and the largest values of a map by orders.
        x = ops.sign(x) * ops.log1p(ops.abs(x))
    x = layers.Identity(name=_FEATURES)(x)
    if read == "all":
        x = layers.BatchNormalization(name="features_norm")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(samples, layers.Dense(1, dtype="float32", name="logit")(x), name="aasist")


def _encoded(samples: Any, widths: Sequence[int]) -> list[Any]:
    """What each block gives."""
    x = SincBands(_BANDS, _TAPS, name="bands")(samples)  # (batch, time, bands)
    x = layers.Reshape((*x.shape[1:], 1), name="bands_as_map")(ops.abs(x))
    x = layers.Permute((2, 1, 3), name="bands_first")(layers.MaxPooling2D(3, name="bands_pool")(x))
    x = layers.Activation("selu", name="bands_selu")(_norm(x, "bands_norm"))
    blocks = []
    for number, width in enumerate(widths, start=1):
        x = _block(x, width, f"block{number}")
        blocks.append(x)
    return blocks


def _block(x: Any, width: int, name: str) -> Any:
    """Two convolutions of two bands and three times beside a shortcut; a third of the time."""
    shortcut = x if x.shape[-1] == width else _conv(x, width, 1, 0, f"{name}_shortcut")
    x = _norm(_conv(x, width, 2, 1, f"{name}_conv1"), f"{name}_norm")
    x = layers.Activation("selu", name=f"{name}_selu")(x)
    x = layers.Add(name=f"{name}_add")([_conv(x, width, 2, 0, f"{name}_conv2"), shortcut])
    return layers.MaxPooling2D((1, 3), name=f"{name}_pool")(x)


def _conv(x: Any, width: int, bands: int, padded_bands: int, name: str) -> Any:
    x = layers.ZeroPadding2D((padded_bands, 1), name=f"{name}_pad")(x)
    return layers.Conv2D(width, (bands, 3), name=name)(x)


def _norm(x: Any, name: str) -> Any:
    return layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name=name)(x)


def _way(time: Any, spectrum: Any, units: int, name: str) -> _Graphs:
    """Two mixed graphs one after the other, the second beside a shortcut."""
    first = MixedGraphAttention(units, 100.0, own_master=True, name=f"{name}_1")
    time, spectrum, master = first([time, spectrum])
    time = GraphPool(0.7, name=f"{name}_temporal_pool")(time)
    spectrum = GraphPool(0.7, name=f"{name}_spectral_pool")(spectrum)
    before = _Graphs(time, spectrum, master)
    after = MixedGraphAttention(units, 100.0, name=f"{name}_2")(list(before))
    added = [layers.Add()(pair) for pair in zip(before, after, strict=True)]
    return _Graphs(*(layers.Dropout(_WAY_DROPOUT)(part) for part in added))


def _statistics(maps: Any) -> Any:
    """Mean and largest size, and deviation, of each map over bands and time: (batch, 3 x maps)."""
    size = ops.abs(maps)
    places = (1, 2)
    parts = [ops.mean(size, places), ops.max(size, places), ops.std(maps, places)]
    return layers.Concatenate()(parts)


def _read_out(graphs: _Graphs) -> Any:
    """Largest and mean of the nodes of each kind, and the master: (batch, 5 x units)."""
    parts = []
    for nodes in (graphs.time, graphs.spectrum):
        parts += [ops.max(ops.abs(nodes), axis=1), ops.mean(nodes, axis=1)]
    return layers.Concatenate(name="read_out")([*parts, graphs.master[:, 0]])

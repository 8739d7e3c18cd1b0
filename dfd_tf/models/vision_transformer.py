"""What the vision transformers share: blocks, what is read of them, a small head.

Dosovitskiy et al.: "An Image is Worth 16x16 Words", ICLR 2021, arXiv:2010.11929. Layers of the
block n are called `block{n}_*`, by which pretrained weights find them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from keras import layers

from dfd_tf.layers import CBAM, LayerScale, SelfAttention
from dfd_tf.one_class.heads import sphere_head, typicality_head
from dfd_tf.one_class.typicality import Side

Head = Literal["classifier", "sphere", "typicality"]
SEEN = "seen"


@dataclass(frozen=True)
class Tower:
    """What tells one vision transformer from another.

    Attributes:
        width: numbers of a token.
        heads: of the attention.
        epsilon: of the normalisations.
        gelu: activation of the two-layer networks.
        scaled: whether each branch passes through a `LayerScale`.
    """

    width: int
    heads: int
    epsilon: float
    gelu: str | Callable[[Any], Any]
    scaled: bool = False

    def read(self, tokens: Any, blocks: Sequence[int], cbam: bool) -> Any:
        """Run the blocks up to the last that is read.

        Args:
            tokens: (batch, 1 + patches, width), the class token first, patches in a square.
            blocks: numbers from 1, rising.
            cbam: attention over the last block's patches, whose maps are named "features".

        Returns:
            Class token and mean patch of each block read: (batch, len(blocks) x 2 x width).
        """
        x, seen = tokens, []
        for number in range(1, max(blocks) + 1):
            x = self._block(x, f"block{number}")
            if number in blocks:
                seen += self._seen(x, f"block{number}", number == max(blocks), cbam)
        return layers.Concatenate(dtype="float32", name=SEEN)(seen)

    def norm(self, x: Any, name: str) -> Any:
        """Normalise each token."""
        return layers.LayerNormalization(epsilon=self.epsilon, name=name)(x)

    def _block(self, x: Any, name: str) -> Any:
        """Attention and a two-layer network, each on the normalised tokens and added to them."""
        y = self.norm(x, f"{name}_norm1")
        projected = [_dense(y, self.width, f"{name}_{part}") for part in ("query", "key", "value")]
        y = SelfAttention(self.heads, name=f"{name}_attention")(*projected)
        y = self._scale(_dense(y, self.width, f"{name}_out"), f"{name}_scale1")
        x = layers.Add(name=f"{name}_add1")([x, y])
        y = _dense(self.norm(x, f"{name}_norm2"), 4 * self.width, f"{name}_wide")
        y = layers.Activation(self.gelu, name=f"{name}_gelu")(y)
        y = self._scale(_dense(y, self.width, f"{name}_narrow"), f"{name}_scale2")
        return layers.Add(name=f"{name}_add2")([x, y])

    def _scale(self, x: Any, name: str) -> Any:
        return LayerScale(name=name)(x) if self.scaled else x

    def _seen(self, tokens: Any, name: str, last: bool, cbam: bool) -> list[Any]:
        """Class token and mean patch."""
        patches = tokens.shape[1] - 1
        across = round(patches**0.5)
        maps = layers.Cropping1D((1, 0), name=f"{name}_patches")(tokens)
        map_name = "features" if last else f"{name}_maps"
        maps = layers.Reshape((across, across, self.width), name=map_name)(maps)
        if last and cbam:
            maps = CBAM(name="cbam")(maps)
        class_token = layers.Cropping1D((0, patches), name=f"{name}_first")(tokens)
        return [
            layers.Flatten(name=f"{name}_class")(class_token),
            layers.GlobalAveragePooling2D(name=f"{name}_mean")(maps),
        ]


def patches_in_a_row(x: Any, tower: Tower, side: int, bias: bool) -> Any:
    """Cut a square picture into patches: (batch, patches, width).

    Args:
        x: normalised pixels, whose sides are multiples of `side`.
        tower: gives the width.
        side: of a patch.
        bias: whether the published convolution has one.
    """
    x = layers.Conv2D(tower.width, side, side, use_bias=bias, name="patches")(x)
    return layers.Reshape((x.shape[1] * x.shape[2], tower.width), name="row")(x)


def head_of(
    kind: Head,
    seen: Any,
    blocks: int,
    *,
    hidden: int,
    dropout: float,
    dimensions: int,
    rank: int,
    side: Side,
) -> Any:
    """From what was read of a number of blocks to a logit.

    Args:
        kind: "classifier", with `hidden` and `dropout`; or of one class: "sphere", of Deep SVDD and
            DeepSAD, with `hidden`, `dropout` and `dimensions`; or "typicality" of the mean patches,
            with `rank` and `side`.
        seen: see `Tower.read`.
        blocks: how many were read.
        hidden: units of the one hidden layer.
        dropout: share dropped before each of the layers.
        dimensions: see `sphere_head`.
        rank: see `typicality_head`.
        side: see `typicality_head`.
    """
    if kind == "typicality":
        return typicality_head(_mean_patches(seen, blocks), rank, side)
    if kind == "sphere":
        return sphere_head(seen, hidden, dimensions, dropout)
    return _classifier(seen, hidden, dropout)


def _mean_patches(seen: Any, blocks: int) -> Any:
    """What generators leave traces in; class tokens tell what is shown."""
    width = seen.shape[-1] // (2 * blocks)
    x = layers.Reshape((blocks, 2, width), name="seen_by_block")(seen)
    x = layers.Cropping2D(((0, 0), (1, 0)), name="seen_means")(x)
    return layers.Flatten(name="means")(x)


def _classifier(x: Any, hidden: int, dropout: float) -> Any:
    """Features of mean 0 and deviation 1 over the photos, through one hidden layer, to a logit."""
    x = layers.BatchNormalization(center=False, scale=False, name="seen_norm")(x)
    x = layers.Dropout(dropout, name="seen_dropout")(x)
    x = layers.Dense(hidden, activation="gelu", name="hidden")(x)
    x = layers.Dropout(dropout, name="hidden_dropout")(x)
    return layers.Dense(1, dtype="float32", name="logit")(x)


def _dense(x: Any, units: int, name: str) -> Any:
    return layers.Dense(units, name=name)(x)

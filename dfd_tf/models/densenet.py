"""DenseNet-121 and its family, with or without CBAM.

Huang, Liu, van der Maaten, Weinberger: "Densely Connected Convolutional Networks", CVPR 2017,
arXiv:1608.06993. The CBAM paper has no place in a DenseNet; here it follows each dense block.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from dfd_tf.layers import CBAM
from dfd_tf.models import imagenet
from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register
from dfd_tf.pretrained import IMAGENET, KerasApplication, Pretrained, weight_maps


@register(
    "densenet121",
    paper="Huang et al., CVPR 2017, arXiv:1608.06993",
    input_size=224,
    cam_layer="relu",
    # torchvision's 7,978,856 less its 1000-class head (1,024,000 + 1,000) plus one logit (1,025).
    parameters=6_954_881,
    tiny={"blocks": (2, 2, 2, 2)},
    weights=Pretrained(
        KerasApplication("DenseNet121", licence=f"BSD-3-Clause; {IMAGENET}"),
        weight_maps.densenet121,
    ),
)
def densenet121(
    *,
    input_size: Size = 224,
    blocks: Sequence[Size] = (6, 12, 24, 16),
    growth: Size = 32,
    compression: Share = 0.5,
    stem: imagenet.Stem = "imagenet",
    dropout: Share = 0.3,
    cbam: bool = False,
) -> keras.Model:
    """Build DenseNet-121, or another of its family.

    Args:
        input_size: side of the square input in pixels; any works, published for 224.
        blocks: layers of each dense block; (6, 12, 32, 32) is DenseNet-169.
        growth: maps that each layer adds.
        compression: share of the maps that a transition between two blocks keeps.
        stem: "imagenet" shrinks the image to a quarter before the first block;
            "full_resolution" keeps its detail, at fifteen times the cost.
        dropout: share dropped before the logit.
        cbam: attention after each dense block, at the last after its normalisation.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = imagenet.stem(pixels, stem)  # 224 -> 56
    for block, depth in enumerate(blocks, start=1):
        if block > 1:  # 56 -> 28 -> 14 -> 7
            x = _attend(x, cbam, f"block{block - 1}_cbam")
            x = _transition(x, int(x.shape[-1] * compression), f"transition{block - 1}")
        for number in range(1, depth + 1):
            x = _grow(x, growth, f"block{block}_{number}")
    x = imagenet.relu(imagenet.norm(x, "norm"), "relu")
    x = _attend(x, cbam, f"block{len(blocks)}_cbam")
    return keras.Model(pixels, imagenet.head(x, dropout), name="densenet121")


def _attend(x: Any, cbam: bool, name: str) -> Any:
    return CBAM(name=name)(x) if cbam else x


def _grow(x: Any, growth: int, name: str) -> Any:
    """Append `growth` new maps to all earlier ones."""
    new = _activated_conv(x, 4 * growth, 1, f"{name}_conv1")
    new = _activated_conv(new, growth, 3, f"{name}_conv2")
    return layers.Concatenate(name=name)([x, new])


def _transition(x: Any, filters: int, name: str) -> Any:
    x = _activated_conv(x, filters, 1, f"{name}_conv")
    return layers.AveragePooling2D(2, name=name)(x)


def _activated_conv(x: Any, filters: int, kernel: int, name: str) -> Any:
    x = imagenet.relu(imagenet.norm(x, f"{name}_norm"), f"{name}_relu")
    # Scaled by the outputs as in a ResNet, the maps of an untrained network overflow float16.
    return imagenet.conv(x, filters, kernel, name, initializer="he_normal")

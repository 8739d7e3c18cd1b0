"""ResNet-18, 34 and 50, with or without CBAM.

He, Zhang, Ren, Sun: "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv:1512.03385,
in the form "v1.5": a bottleneck's stride sits in its 3x3 convolution. CBAM as Woo et al. place it:
on the output of every residual block's last normalisation, before the addition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from dfd_tf.layers import CBAM
from dfd_tf.models import imagenet
from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register

_PAPER = "He et al., CVPR 2016, arXiv:1512.03385"
_Residual = Callable[[Any, int, int, str], Any]


# torchvision's 11,689,512 less its 1000-class head (512,000 + 1,000) plus one logit (512 + 1).
@register(
    "resnet18",
    paper=_PAPER,
    input_size=224,
    cam_layer="conv5_2",
    parameters=11_177_025,
    tiny={"blocks": (1, 2, 1, 1)},
)
def resnet18(
    *,
    input_size: Size = 224,
    blocks: Sequence[Size] = (2, 2, 2, 2),
    stem: imagenet.Stem = "imagenet",
    dropout: Share = 0.3,
    cbam: bool = False,
) -> keras.Model:
    """Build ResNet-18; arguments as for `resnet50`."""
    return _resnet("resnet18", _basic, 1, blocks, input_size, stem, dropout, cbam)


# torchvision's 21,797,672 less its head (512,000 + 1,000) plus one logit (512 + 1).
@register(
    "resnet34",
    paper=_PAPER,
    input_size=224,
    cam_layer="conv5_3",
    parameters=21_285_185,
    tiny={"blocks": (1, 2, 1, 1)},
)
def resnet34(
    *,
    input_size: Size = 224,
    blocks: Sequence[Size] = (3, 4, 6, 3),
    stem: imagenet.Stem = "imagenet",
    dropout: Share = 0.3,
    cbam: bool = False,
) -> keras.Model:
    """Build ResNet-34; arguments as for `resnet50`."""
    return _resnet("resnet34", _basic, 1, blocks, input_size, stem, dropout, cbam)


# torchvision's 25,557,032 less its head (2,048,000 + 1,000) plus one logit (2,048 + 1).
@register(
    "resnet50",
    paper=_PAPER,
    input_size=224,
    cam_layer="conv5_3",
    parameters=23_510_081,
    tiny={"blocks": (1, 2, 1, 1)},
)
def resnet50(
    *,
    input_size: Size = 224,
    blocks: Sequence[Size] = (3, 4, 6, 3),
    stem: imagenet.Stem = "imagenet",
    dropout: Share = 0.3,
    cbam: bool = False,
) -> keras.Model:
    """Build ResNet-50.

    Args:
        input_size: side of the square input in pixels; any works, published for 224.
        blocks: residual blocks of each stage; (3, 4, 23, 3) is ResNet-101.
        stem: "imagenet" shrinks the image to a quarter before the first block;
            "full_resolution" keeps its detail, at fifteen times the cost.
        dropout: share dropped before the logit.
        cbam: attention in every residual block.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    return _resnet("resnet50", _bottleneck, 4, blocks, input_size, stem, dropout, cbam)


def _resnet(
    name: str,
    residual: _Residual,
    expansion: int,
    blocks: Sequence[int],
    input_size: int,
    stem: imagenet.Stem,
    dropout: float,
    cbam: bool,
) -> keras.Model:
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = imagenet.stem(pixels, stem)  # 224 -> 56
    for stage, depth in enumerate(blocks):  # 56 -> 28 -> 14 -> 7
        for number in range(1, depth + 1):
            stride = 2 if stage > 0 and number == 1 else 1
            block = f"conv{stage + 2}_{number}"
            x = _block(x, residual, 64 * 2**stage, expansion, stride, block, cbam)
    return keras.Model(pixels, imagenet.head(x, dropout), name=name)


def _block(
    x: Any, residual: _Residual, width: int, expansion: int, stride: int, name: str, cbam: bool
) -> Any:
    shortcut = x
    if stride > 1 or x.shape[-1] != width * expansion:
        shortcut = imagenet.conv(x, width * expansion, 1, f"{name}_shortcut", stride)
        shortcut = imagenet.norm(shortcut, f"{name}_shortcut_norm")
    x = residual(x, width, stride, name)
    if cbam:
        x = CBAM(name=f"{name}_cbam")(x)
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return imagenet.relu(x, name)


def _basic(x: Any, width: int, stride: int, name: str) -> Any:
    """Two 3x3 convolutions, the last without ReLU."""
    x = _normed_conv(x, width, 3, f"{name}_conv1", stride)
    x = imagenet.relu(x, f"{name}_conv1_relu")
    return _normed_conv(x, width, 3, f"{name}_conv2")


def _bottleneck(x: Any, width: int, stride: int, name: str) -> Any:
    """Narrow, look at the neighbourhood, widen fourfold without ReLU."""
    x = imagenet.relu(_normed_conv(x, width, 1, f"{name}_conv1"), f"{name}_conv1_relu")
    x = _normed_conv(x, width, 3, f"{name}_conv2", stride)
    x = imagenet.relu(x, f"{name}_conv2_relu")
    return _normed_conv(x, 4 * width, 1, f"{name}_conv3")


def _normed_conv(x: Any, filters: int, kernel: int, name: str, stride: int = 1) -> Any:
    return imagenet.norm(imagenet.conv(x, filters, kernel, name, stride), f"{name}_norm")

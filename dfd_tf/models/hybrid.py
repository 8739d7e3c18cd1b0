"""The hybrid of AMTEN's traces, the block spectrum and CBAM.

Put together by the open student projects on these three papers: Guo et al. 2021,
arXiv:2005.04945 (AMTEN), Yu et al. 2020 (VANet's streams) and Woo et al. 2018, arXiv:1807.06521
(CBAM). Their 98.97 % accuracy on 140k Real and Fake Faces names neither split nor seed.
"""

from __future__ import annotations

import keras

from dfd_tf.layers import AMTEN
from dfd_tf.layers.amten import TraceSplit
from dfd_tf.models.arguments import BlockSize, Share
from dfd_tf.models.mcnet import (
    centred,
    classifier,
    frequency_stream,
    pixel_input,
    spatial_stream,
)
from dfd_tf.models.registry import register


@register(
    "hybrid",
    paper="AMTEN (Guo et al. 2021), VANet's streams (Yu et al. 2020), CBAM (Woo et al. 2018)",
    input_size=128,
    cam_layer="fused",
    parameters=3_227_620,
)
def hybrid(
    *,
    input_size: BlockSize = 128,
    dropout: Share = 0.0,
    norm_momentum: Share = 0.9,
    cbam: bool = True,
) -> keras.Model:
    """Build the hybrid detector.

    The spatial stream reads AMTEN's twelve trace maps in place of the pixels. AMTEN is the linear
    one of its authors, started as residual filters; DCT is taken of the pixels.

    Args:
        input_size: side of the square input in pixels, a multiple of 8.
        dropout: share dropped before the logit.
        norm_momentum: momentum of the moving statistics.
        cbam: attention before the last spatial block, after the last block of the spectrum and
            on the fused maps; without it, what it contributes can be measured.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    pixels = pixel_input(input_size)
    # Residuals are differences of nearly equal numbers: eight bits of mantissa would lose them.
    front_end = AMTEN(predictor_initializer=TraceSplit(), dtype="float32", name="amten")
    traces = front_end(centred(pixels))
    streams = {
        "spatial": spatial_stream(traces, norm_momentum, residual_blocks=3, cbam=cbam),
        "frequency": frequency_stream(pixels, norm_momentum, cbam=cbam),
    }
    return classifier(pixels, streams, "hybrid", norm_momentum, dropout, cbam=cbam)

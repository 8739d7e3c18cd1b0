"""MCNet and its part VANet: streams for pixels, spectrum and compression. A reconstruction.

Yu, Nam, Ahn, Kwon, Lee: "Manipulation Classification for JPEG Images Using Multi-Domain Features",
IEEE Access 8 (2020). The authors published no code. VANet (pixels and spectrum) follows the open
re-implementations where they agree with SRNet; CANet (compression) follows the same group's
CAT-Net. Numbers printed in the paper say nothing about this graph.
"""

from __future__ import annotations

from typing import Annotated, Any

import keras
from keras import layers, ops
from pydantic import Field

from dfd_tf.layers import CBAM, BlockDCT, CoefficientVolume, Gain, QuantisedLumaDCT
from dfd_tf.models.arguments import BlockSize, Share
from dfd_tf.models.blocks import (
    block_type_1,
    block_type_2,
    block_type_3,
    block_type_4,
    conv_norm,
    grouped_block_type_1,
)
from dfd_tf.models.registry import register

BLOCK = 8


@register(
    "vanet",
    paper="Yu et al., IEEE Access 2020, MCNet without compression stream (reconstruction)",
    input_size=128,
    cam_layer="fused",
    parameters=3_202_691,
)
def vanet(
    *,
    input_size: BlockSize = 128,
    dropout: Share = 0.0,
    norm_momentum: Share = 0.9,
    cbam: bool = False,
) -> keras.Model:
    """Build VANet, the visual artifact network: a stream of pixels beside one of 4x4 block DCT.

    Args:
        input_size: side of the square input in pixels, a multiple of 8.
        dropout: share dropped before the logit.
        norm_momentum: momentum of the moving statistics.
        cbam: attention in each stream and on the fused maps, at the places of the hybrid detector.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    pixels = pixel_input(input_size)
    streams = {
        "spatial": spatial_stream(centred(pixels), norm_momentum, cbam=cbam),
        "frequency": frequency_stream(pixels, norm_momentum, cbam=cbam),
    }
    return classifier(pixels, streams, "vanet", norm_momentum, dropout, cbam=cbam)


@register(
    "mcnet",
    paper="Yu et al., IEEE Access 2020 (reconstruction)",
    input_size=128,
    cam_layer="fused",
    parameters=5_031_180,
)
def mcnet(
    *,
    input_size: BlockSize = 128,
    quality: Annotated[int, Field(ge=1, le=100)] | None = None,
    dropout: Share = 0.0,
    norm_momentum: Share = 0.9,
    cbam: bool = False,
) -> keras.Model:
    """Build MCNet: VANet and, beside it, CANet, the compression artefact network.

    The compression stream sees the file's own coefficients where the input lies on the grid of a
    JPEG, and elsewhere that they are missing (see `dfd_tf.layers.jpeg_volume`). It can feed on a
    codec, or on a missing one, that differs between the classes of a dataset: compare with `vanet`,
    the same detector without it. Cut windows at multiples of 8 pixels (`preprocess.grid`), or
    hardly any will lie on a grid.

    Args:
        input_size: side of the square input in pixels, a multiple of 8.
        quality: None for the table of the file; or the JPEG quality, 1 to 100, whose luminance
            table quantises the coefficients of every image.
        dropout: share dropped before the logit.
        norm_momentum: momentum of the moving statistics.
        cbam: attention in each stream and on the fused maps.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    pixels = pixel_input(input_size)
    streams = {
        "spatial": spatial_stream(centred(pixels), norm_momentum, cbam=cbam),
        "frequency": frequency_stream(pixels, norm_momentum, cbam=cbam),
        "compression": _compression_stream(pixels, quality, norm_momentum, cbam=cbam),
    }
    return classifier(pixels, streams, "mcnet", norm_momentum, dropout, cbam=cbam)


def pixel_input(input_size: int) -> Any:
    """The input of a detector whose streams end at the same size, a multiple of 8."""
    return keras.Input((input_size, input_size, 3), name="pixels")


def centred(pixels: Any) -> Any:
    """Pixels in [-1, 1]."""
    return layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32", name="normalise")(pixels)


def spatial_stream(x: Any, momentum: float, *, residual_blocks: int = 4, cbam: bool = False) -> Any:
    """From maps at full size to (batch, size / 16, size / 16, 256)."""
    x = block_type_1(x, 64, "spatial_stem1", momentum)
    x = block_type_1(x, 16, "spatial_stem2", momentum)
    for index in range(residual_blocks):
        x = block_type_2(x, f"spatial_same{index + 1}", momentum)
    for filters in (32, 64, 128):
        x = block_type_3(x, filters, f"spatial_down{filters}", momentum)
    if cbam:
        x = CBAM(name="spatial_cbam")(x)
    return block_type_3(x, 256, "spatial_down256", momentum)


def frequency_stream(pixels: Any, momentum: float, *, cbam: bool = False) -> Any:
    """From pixels in [0, 255] to (batch, size / 16, size / 16, 128), through the block DCT."""
    x = layers.Rescaling(1 / 64, offset=-2.0, dtype="float32", name="frequency_normalise")(pixels)
    x = BlockDCT(name="dct")(x)  # 128 -> 63, 48 channels
    # Four groups: bands of four frequencies each, of all three colours.
    x = grouped_block_type_1(x, 48, 4, "frequency_stem1", momentum)
    x = block_type_1(x, 96, "frequency_stem2", momentum)
    x = block_type_1(x, 32, "frequency_stem3", momentum)
    for index in range(5):
        x = block_type_2(x, f"frequency_same{index + 1}", momentum)
    for filters in (32, 64, 128):
        x = block_type_3(x, filters, f"frequency_down{filters}", momentum)  # 63 -> 32 -> 16 -> 8
    return CBAM(name="frequency_cbam")(x) if cbam else x


def _compression_stream(pixels: Any, quality: int | None, momentum: float, *, cbam: bool) -> Any:
    """CANet: from pixels in [0, 255] to (batch, size / 16, size / 16, 128)."""
    x = QuantisedLumaDCT(quality, name="quantised_dct")(pixels)
    x = CoefficientVolume(name="volume")(x)
    # One map more than published says where coefficients are missing.
    # Eight pixels apart lies the same frequency of the neighbouring block.
    x = conv_norm(x, 64, 3, "compression_stem1", momentum, dilation=BLOCK)
    x = conv_norm(x, 4, 1, "compression_stem2", momentum)
    x = ops.space_to_depth(x, BLOCK)  # 128 -> 16, 4 -> 256 channels: one place per block
    x = block_type_1(x, 64, "compression_stem3", momentum)
    for index in range(4):
        x = block_type_2(x, f"compression_same{index + 1}", momentum)
    x = block_type_3(x, 128, "compression_down128", momentum)
    return CBAM(name="compression_cbam")(x) if cbam else x


def classifier(
    pixels: Any, streams: dict[str, Any], name: str, momentum: float, dropout: float, *, cbam: bool
) -> keras.Model:
    """Fuse streams of equal height and width into the logit of a detector."""
    x = [_levelled(maps, stream) for stream, maps in streams.items()]
    x = layers.Concatenate(name="streams" if cbam else "fused")(x)
    if cbam:
        x = CBAM(name="fused")(x)
    x = block_type_4(x, "fusion", momentum)
    x = layers.Dropout(dropout, name="dropout")(x)
    logit = layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(pixels, logit, name=name)


def _levelled(maps: Any, stream: str) -> Any:
    """Bring every place's vector to one learned length, so that no stream drowns another."""
    # Half precision would round the guard against a division by zero to zero.
    x = layers.UnitNormalization(axis=-1, dtype="float32", name=f"{stream}_unit")(maps)
    return Gain(name=f"{stream}_gain")(x)

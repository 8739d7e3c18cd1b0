"""What a layer of ours is called in the network whose weights it takes.

One function for each architecture, from a built detector to pairs of names: our layer, theirs. A
layer that is in no pair, as the logit and CBAM, starts untrained.
"""

from __future__ import annotations

import re
from typing import Any

import keras

from dfd_tf.pretrained.sources import TOKENS

_BLOCK = re.compile(r"block(\d+)_(expand|depthwise|project)(_norm)?")
_UNTRAINED = ("logit", "cbam")


def efficientnet_lite0(model: keras.Model) -> dict[str, str]:
    """Prefixes of the tensors in the PyTorch port of EfficientNet-Lite0."""
    roles = {
        ("expand", False): "_expand_conv",
        ("expand", True): "_bn0",
        ("depthwise", False): "_depthwise_conv",
        ("depthwise", True): "_bn1",
        ("project", False): "_project_conv",
        ("project", True): "_bn2",
    }
    ends = {
        "stem": "_conv_stem",
        "stem_norm": "_bn0",
        "features": "_conv_head",
        "features_norm": "_bn1",
    }

    def theirs(name: str) -> str:
        if not (block := _BLOCK.fullmatch(name)):
            return ends[name]
        number, role, norm = block.groups()
        return f"_blocks.{int(number) - 1}.{roles[role, bool(norm)]}"

    return {name: theirs(name) for name in _weighted(model)}


def mobilenetv2(model: keras.Model) -> dict[str, str]:
    """Prefixes of the tensors in torchvision's MobileNetV2."""
    ends = {
        "stem": "features.0.0",
        "stem_norm": "features.0.1",
        "features": "features.18.0",
        "features_norm": "features.18.1",
    }
    # A block is a list: [expand], depthwise, projection, normalisation; each of the first two
    # is a list of convolution and normalisation itself.
    places = {
        ("expand", False): "0.0",
        ("expand", True): "0.1",
        ("depthwise", False): "1.0",
        ("depthwise", True): "1.1",
        ("project", False): "2",
        ("project", True): "3",
    }
    # The first block does not expand.
    first = {
        ("depthwise", False): "0.0",
        ("depthwise", True): "0.1",
        ("project", False): "1",
        ("project", True): "2",
    }

    def theirs(name: str) -> str:
        if not (block := _BLOCK.fullmatch(name)):
            return ends[name]
        number, role, norm = block.groups()
        place = (first if number == "1" else places)[role, bool(norm)]
        return f"features.{number}.conv.{place}"

    return {name: theirs(name) for name in _weighted(model)}


def densenet121(model: keras.Model) -> dict[str, str]:
    """Layers of `keras.applications.DenseNet121`."""
    ends = {"conv1": "conv1_conv", "conv1_norm": "conv1_bn", "norm": "bn"}
    # Both networks normalise before they convolve; theirs names a normalisation after the
    # convolution before it, ours after the one behind it.
    roles = {"conv1_norm": "0_bn", "conv1": "1_conv", "conv2_norm": "1_bn", "conv2": "2_conv"}

    def theirs(name: str) -> str:
        if layer := re.fullmatch(r"block(\d+)_(\d+)_(conv[12](?:_norm)?)", name):
            block, number, role = layer.groups()
            return f"conv{int(block) + 1}_block{number}_{roles[role]}"
        if layer := re.fullmatch(r"transition(\d+)_conv(_norm)?", name):
            number, norm = layer.groups()
            return f"pool{int(number) + 1}_{'bn' if norm else 'conv'}"
        return ends[name]

    return {name: theirs(name) for name in _weighted(model)}


def clip_vit(model: keras.Model) -> dict[str, str]:
    """Prefixes of the tensors in the image tower of CLIP as Hugging Face names them."""
    ends = {
        "patches": "vision_model.embeddings.patch_embedding",
        "tokens": TOKENS,
        "first_norm": "vision_model.pre_layrnorm",  # sic
    }
    roles = {
        "norm1": "layer_norm1",
        "query": "self_attn.q_proj",
        "key": "self_attn.k_proj",
        "value": "self_attn.v_proj",
        "out": "self_attn.out_proj",
        "norm2": "layer_norm2",
        "wide": "mlp.fc1",
        "narrow": "mlp.fc2",
    }
    return _transformer(model, ends, "vision_model.encoder.layers", roles)


def dinov2(model: keras.Model) -> dict[str, str]:
    """Prefixes of the tensors in DINOv2 as Hugging Face names them."""
    ends = {
        "patches": "backbone.embeddings.patch_embeddings.projection",
        "tokens": TOKENS,
    }
    roles = {
        "norm1": "norm1",
        "query": "attention.attention.query",
        "key": "attention.attention.key",
        "value": "attention.attention.value",
        "out": "attention.output.dense",
        "scale1": "layer_scale1",
        "norm2": "norm2",
        "wide": "mlp.fc1",
        "narrow": "mlp.fc2",
        "scale2": "layer_scale2",
    }
    return _transformer(model, ends, "backbone.encoder.layer", roles)


def _transformer(
    model: keras.Model, ends: dict[str, str], blocks: str, roles: dict[str, str]
) -> dict[str, str]:
    """The pairs of a vision transformer, whose blocks from 0 lie under one prefix."""

    def theirs(name: str) -> str | None:
        if not (layer := re.fullmatch(r"block(\d+)_(\w+)", name)):
            return ends.get(name)
        number, role = layer.groups()
        return f"{blocks}.{int(number) - 1}.{roles[role]}"

    names = {name: theirs(name) for name in _weighted(model)}
    return {ours: name for ours, name in names.items() if name}


def xception(model: keras.Model) -> dict[str, str]:
    """Places among the layers of `keras.applications.Xception`, some of which have no name."""
    return {name: str(place) for place, name in enumerate(_weighted(model))}


def _weighted(model: keras.Model) -> list[str]:
    """Layers with weights that come before attention and the logit, in order."""
    return [layer.name for layer in model.layers if layer.weights and not _is_untrained(layer)]


def _is_untrained(layer: Any) -> bool:
    return layer.name.endswith(_UNTRAINED)

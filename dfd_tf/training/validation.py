"""What a network says of the validation images while it is trained."""

from __future__ import annotations

from typing import Any

import numpy as np

from dfd_tf.detectors.scoring import score_files
from dfd_tf.errors import UserError
from dfd_tf.training.context import RunContext
from dfd_tf.training.lost_images import refuse_lost
from dfd_tf.types import Floats


def validation_logits(context: RunContext, scorer: Any) -> Floats:
    """Logits of the validation images, in the order of their table.

    Args:
        context: of the run.
        scorer: the network, or what scores as it does.

    Raises:
        UserError: an image cannot be read any more.
    """
    valid = context.valid
    logits, reasons = score_files(
        scorer,
        context.inputs,
        valid.path,
        progress=context.reporter.progress,
        description="validation",
    )
    lost = [(path, why) for path, why in zip(valid.path, reasons, strict=True) if why]
    if lost:
        refuse_lost(*lost[0])
    return logits


def check_finite(numbers: Any, what: str, epoch: int) -> None:
    """Refuse to go on after a divergence.

    Args:
        numbers: of which all should be finite.
        what: they are, in words.
        epoch: counted from 1.

    Raises:
        UserError: one is infinite or no number.
    """
    numbers = np.atleast_1d(np.asarray(numbers, np.float64))
    wrong = numbers[~np.isfinite(numbers)]
    if len(wrong):
        raise UserError(
            f"The training diverged in epoch {epoch}: {what} {wrong[0]}. Lower "
            "train.learning_rate, or set device.precision to float32."
        )

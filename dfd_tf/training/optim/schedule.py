"""Learning rate: linear warm-up, then half a cosine down to zero."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="dfd_tf")
class WarmupCosine(keras.optimizers.schedules.LearningRateSchedule):
    """Rise to `peak` over `warmup_steps`, fall to zero at `total_steps`.

    Branch-free in float32, because `CosineDecay` with warm-up fails under mixed_bfloat16 in
    Keras 3.15.
    """

    def __init__(self, peak: float, warmup_steps: int, total_steps: int) -> None:
        self.peak = peak
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps

    def __call__(self, step: Any) -> Any:
        """Rate at `step`, counted from 0."""
        step = ops.cast(step, "float32")
        rise = (step + 1) / max(self.warmup_steps, 1)
        left = max(self.total_steps - self.warmup_steps, 1)
        passed = ops.clip((step - self.warmup_steps) / left, 0.0, 1.0)
        fall = 0.5 * (1 + ops.cos(math.pi * passed))
        return self.peak * ops.minimum(rise, fall)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {
            "peak": self.peak,
            "warmup_steps": self.warmup_steps,
            "total_steps": self.total_steps,
        }

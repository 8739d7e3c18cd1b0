"""What rooms hand to one another."""

from __future__ import annotations

from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # RGB, (height, width, 3)
Floats = NDArray[np.float64]

Takes = Literal["image", "sound"]  # of what a detector's examples are

REAL, FAKE = 0, 1
CLASS_NAMES = ("real", "fake")  # by label


class Scorer(Protocol):
    """Whatever makes logits of squares: a Keras model, a LiteRT file, a network with a cache.

    One that takes another number of squares a call than `detectors.scoring.SQUARES_PER_CALL` says
    so in an attribute `squares_per_call`; one that takes a single square may be called from
    several threads.
    """

    def predict_on_batch(self, squares: NDArray[np.float32]) -> Any:
        """Logits, (n, 1), of RGB pixels in [0, 255], (n, size, size, 3), or samples, (n, size).

        What measures how far an image is from all that the detector knows adds its two distances:
        (n, 3), see `dfd_tf.calibration.novelty`.
        """

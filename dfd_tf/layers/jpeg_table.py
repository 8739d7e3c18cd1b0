"""The quantisation table of the JPEG file that pixels were decoded from, read off the pixels.

A decoded JPEG's luma has, on the file's own 8x8 grid, DCT coefficients at multiples of a step for
each frequency, blurred by the decoder's rounding to whole grey levels. As Fan and de Queiroz (2003,
"Identification of bitmap compression history", https://doi.org/10.1109/TIP.2002.807361) do, the
step is found by likelihood; here of each frequency by itself, so that no family of tables is
assumed. What was never compressed, is off its grid, or was resized, blurred or made noisy since
has no such lattice, and neither has what was compressed in steps of 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

BLOCK = 8
# ITU-T T.81, table K.1: quantisation of luminance at quality 50.
LUMINANCE_TABLE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)

# Coefficients that survive a longer step are rare, so that there is nothing to read it from.
STEPS = np.arange(1, 65, dtype="float32")
# How many steps are tried at once: a bound on memory.
STEPS_AT_ONCE = 8
# Rounding luma to whole numbers moves a coefficient by 1 / sqrt(12) on average; a little more, for
# pixels that were clipped.
SPREAD = 0.3
# ln of the share of coefficients, against a smooth density, that fall between the multiples anyhow.
OUTLIER = -4.0
# Evidence, in nats, that makes a step known, and evidence per block that makes a table known.
# Photos on their grid have three nats a block or more, but for nearly plain ones, and photos off it
# none.
LEAST_FOR_STEP = 12.0
LEAST_PER_BLOCK = 0.5


def quantisation_table(quality: int) -> NDArray[np.int64]:
    """The luminance table of a quality from 1 to 100 by libjpeg's rule, shape (8, 8)."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((LUMINANCE_TABLE * percent + 50) // 100, 1, 255)


def recover_table(coefficients: Any) -> Any:
    """Read quantisation tables off DCT coefficients, on any Keras backend.

    Args:
        coefficients: (batch, blocks, 64), float32, orthonormal, of luma in whole grey levels;
            frequencies row by row.

    Returns:
        (batch, 64) float32, steps from 1, or all 0 where no table can be recognised. A frequency
        that has too few coefficients off 0 to be read from gets the step of the standard table of
        the strength that fits the others; whatever it is, it explains the zeros.
    """
    tried = np.split(STEPS, range(STEPS_AT_ONCE, len(STEPS), STEPS_AT_ONCE))
    evidence = ops.concatenate([_evidence(coefficients, steps) for steps in tried], axis=-1)
    found = ops.max(evidence, axis=-1)  # (batch, 64)
    # Keras' argmax knows signed zeros, for which LiteRT has no operation.
    is_best = ops.cast(evidence >= found[..., None], "float32")
    step = ops.max(is_best * STEPS, axis=-1)
    is_known = ops.cast(found > LEAST_FOR_STEP, "float32")
    standard = LUMINANCE_TABLE.reshape(1, -1).astype("float32")
    strength = _total(step * is_known) / ops.maximum(_total(standard * is_known), 1.0)
    likely = ops.maximum(ops.round(strength * standard), 1.0)
    filled = is_known * step + (1 - is_known) * likely
    # Brightness alone proves nothing: in a plain area it is the same in every block.
    per_block = _total((found * is_known)[:, 1:]) / coefficients.shape[1]
    return filled * ops.cast(per_block > LEAST_PER_BLOCK, "float32")


def _evidence(coefficients: Any, steps: NDArray[np.float32]) -> Any:
    """Log likelihood of lattices against a smooth density, (batch, 64, steps).

    Coefficients that a step takes for 0 say nothing: every longer step does so, too.
    """
    x = coefficients[..., None]  # (batch, blocks, 64, 1)
    multiple = ops.round(x * (1 / steps))
    apart = x - multiple * steps
    peak = np.log(steps / (SPREAD * np.sqrt(2 * np.pi)))
    gain = ops.maximum(peak - ops.square(apart) * (0.5 / SPREAD**2), OUTLIER)
    counts = ops.minimum(ops.abs(multiple), 1.0)
    return ops.sum(gain * counts, axis=1)


def _total(values: Any) -> Any:
    return ops.sum(values, axis=-1, keepdims=True)

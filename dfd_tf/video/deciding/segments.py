"""When a face looks forged: the likeliest course of a state that seldom changes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfd_tf.types import Floats

# Log-odds times seconds that a change of state costs: a stretch a little above the level for two
# seconds is found, or one far above it for two thirds of a second.
CHANGE_COST = 1.0
MOST_EVIDENCE = 3.0  # log-odds that one frame can bring, so that none decides alone
LONGEST_FRAME = 1.0  # seconds that one frame can stand for


class Segment(NamedTuple):
    """A stretch in which a face looks forged.

    Attributes:
        start: in seconds, half-way between the frames on its two sides.
        end: likewise.
        frames: the slice of the track's frames that lie in it.
    """

    start: float
    end: float
    frames: slice


def forged_segments(times: Floats, log_odds: Floats, level: float) -> list[Segment]:
    """Stretches of a track that look forged.

    Viterbi's path through a chain of two states, real and forged. A frame speaks for forged by
    how far it lies above `level`, in proportion to how long it is shown.

    Args:
        times: of the frames in seconds, rising, shape (n,).
        log_odds: of a fake, shape (n,).
        level: in log-odds, from which on a frame looks forged.
    """
    if not len(times):
        return []
    edges = _edges(times)
    shown = np.minimum(np.diff(edges), LONGEST_FRAME)
    evidence = shown * np.clip(log_odds - level, -MOST_EVIDENCE, MOST_EVIDENCE)
    forged = _likeliest(evidence)
    changes = np.flatnonzero(np.diff(np.concatenate([[0], forged, [0]])))
    return [
        Segment(float(edges[first]), float(edges[end]), slice(int(first), int(end)))
        for first, end in changes.reshape(-1, 2)
    ]


def _likeliest(evidence: Floats) -> NDArray[np.int8]:
    """By frame 1 for forged and 0 for real, so that evidence less changes is greatest."""
    n = len(evidence)
    came_from = np.zeros((n, 2), np.int8)
    best = np.array([0.0, -CHANGE_COST])
    for i, gain in enumerate(evidence):
        stay, change = best, best[::-1] - CHANGE_COST
        came_from[i] = np.where(stay >= change, [0, 1], [1, 0])
        best = np.maximum(stay, change)
        best[1] += gain
    path = np.zeros(n, np.int8)
    state = int(best[1] - CHANGE_COST > best[0])
    for i in range(n - 1, -1, -1):
        path[i] = state
        state = int(came_from[i, state])
    return path


def _edges(times: Floats) -> Floats:
    """Where each frame begins and ends to count, shape (n + 1,): half-way to its neighbours."""
    middles = (times[1:] + times[:-1]) / 2
    half = float(np.median(np.diff(times))) / 2 if len(times) > 1 else LONGEST_FRAME / 2
    return np.concatenate([[max(0.0, times[0] - half)], middles, [times[-1] + half]])

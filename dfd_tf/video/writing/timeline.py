"""A person's scores over time, as a figure."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from dfd_tf.calibration import sigmoid
from dfd_tf.reporting.style import ACCENT, FAKE, GRID, INK, MUTED, REAL, house_style, share_axis
from dfd_tf.video.deciding.thresholds import VideoThresholds
from dfd_tf.video.deciding.verdict import as_score
from dfd_tf.video.result import Person

SIZE = (10.0, 2.5)  # inches
# A dot a frame as far as dots can be told apart.
MOST_DOTS = 600
BREAK = 1.5  # seconds without the face, over which no line is drawn


@house_style()
def timeline(person: Person, thresholds: VideoThresholds, persons: int, seconds: float) -> Figure:
    """Scores of a person's frames with the band without a verdict and the forged segments.

    Args:
        person: whose.
        thresholds: between which there is no verdict.
        persons: how many the video has that were judged.
        seconds: length of the time axis.
    """
    figure = Figure(figsize=SIZE, layout=ConstrainedLayoutEngine(w_pad=0.05, h_pad=0.05))
    axes = figure.add_subplot()
    low, high = as_score(thresholds.low), as_score(thresholds.fake_from(persons))
    draw_band(axes, low, high)
    for segment in person.ruling.segments:
        axes.axvspan(segment.start, segment.end, color=FAKE, alpha=0.18, linewidth=0)
    _draw_scores(axes, person)
    _draw_estimate(axes, person)
    axes.set_xlim(0, max(1.0, seconds))
    axes.set_xlabel("seconds")
    return figure


def draw_band(axes: Axes, low: float, high: float) -> None:
    """The axis of P(fake), and on it the band in which there is no verdict."""
    axes.axhspan(low, high, color=GRID, alpha=0.6, linewidth=0)
    for limit, colour in ((low, REAL), (high, FAKE)):
        axes.axhline(limit, color=colour, linewidth=1)
    axes.set_ylabel("P(fake)")
    axes.grid(False)
    share_axis(axes.yaxis, percent=False)


def _draw_estimate(axes: Axes, person: Person) -> None:
    """The value that decides, with its interval, over the stretch that it is of."""
    found, part = person.ruling.estimate, person.ruling.decisive
    if found is None:
        return
    first, last = person.sights[0].time, person.sights[-1].time
    stretch = (part.start, part.end) if part else (first, last)
    low, value, high = (as_score(x) for x in (found.low, found.value, found.high))
    axes.fill_between(stretch, low, high, color=ACCENT, alpha=0.25, linewidth=0)
    axes.plot(stretch, (value, value), color=ACCENT, linewidth=2)


def _draw_scores(axes: Axes, person: Person) -> None:
    judged = np.isfinite(person.log_odds)
    times = np.array([sight.time for sight in person.sights])[judged]
    scores = sigmoid(person.log_odds[judged])
    gaps = np.flatnonzero(np.diff(times) > BREAK) + 1
    for part in np.split(np.arange(len(times)), gaps):
        axes.plot(times[part], scores[part], color=MUTED, linewidth=1)
    if len(times) <= MOST_DOTS:
        axes.scatter(times, scores, s=10, color=INK, zorder=3)

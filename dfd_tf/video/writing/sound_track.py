"""The sound of a video over time, as a figure: how loud it is, and the score of each window."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from dfd_tf.detectors.recordings import RecordingJudgement
from dfd_tf.reporting.style import ACCENT, INK, MUTED, house_style
from dfd_tf.video.result import SoundJudge
from dfd_tf.video.writing.timeline import MOST_DOTS, draw_band
from dfd_tf.video.writing.waveform import Waveform

WIDTH, WAVE, SCORES = 10.0, 0.9, 2.3  # inches, as wide as a person's timeline


@house_style()
def sound_track(
    sound: RecordingJudgement, judge: SoundJudge, wave: Waveform, seconds: float
) -> Figure:
    """The waveform and, where there was speech to judge, the scores of its windows below.

    Args:
        sound: what is said of it.
        judge: who says so, with the band without a verdict.
        wave: how loud it is.
        seconds: length of the time axis, that of the persons' timelines.
    """
    heights = [WAVE, SCORES] if sound.windows else [WAVE + 0.5]
    layout = ConstrainedLayoutEngine(w_pad=0.05, h_pad=0.05)
    figure = Figure(figsize=(WIDTH, sum(heights)), layout=layout)
    grid = figure.subplots(len(heights), sharex=True, squeeze=False, height_ratios=heights)
    panels = grid[:, 0]
    _draw_wave(panels[0], wave)
    if sound.windows:
        _draw_scores(panels[-1], sound, judge, wave)
    panels[-1].set_xlim(0, max(1.0, seconds))
    panels[-1].set_xlabel("seconds")
    for panel in panels[:-1]:
        panel.spines["bottom"].set_visible(False)
        panel.tick_params(axis="x", length=0)
    return figure


def _draw_wave(axes: Axes, wave: Waveform) -> None:
    axes.fill_between(wave.times, -wave.loudness, wave.loudness, color=MUTED, linewidth=0.4)
    axes.set_ylim(-1.05, 1.05)
    axes.set_yticks([])
    axes.set_ylabel("loudness")
    axes.grid(False)
    axes.spines["left"].set_visible(False)


def _draw_scores(axes: Axes, sound: RecordingJudgement, judge: SoundJudge, wave: Waveform) -> None:
    """A dot in the middle of each window, a bar as long as it, and the score of all of them."""
    draw_band(axes, judge.low, judge.high)
    starts = wave.begins + np.array([window.start for window in sound.windows])
    ends = np.minimum(starts + judge.window, wave.ends)
    scores = np.array([window.score for window in sound.windows])
    axes.hlines(scores, starts, ends, color=MUTED, alpha=0.5, linewidth=1)
    axes.plot((starts + ends) / 2, scores, color=MUTED, linewidth=1)
    if len(scores) <= MOST_DOTS:
        axes.scatter((starts + ends) / 2, scores, s=10, color=INK, zorder=3)
    if sound.interval:
        axes.fill_between((starts[0], ends[-1]), *sound.interval, color=ACCENT, alpha=0.25, lw=0)
    axes.plot((starts[0], ends[-1]), (sound.score, sound.score), color=ACCENT, linewidth=2)

"""Figures: what they show equals the data, and the files are the same every time."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image
from scipy.stats import norm
from sklearn.metrics import det_curve

from dfd_tf.evaluation.plots.curves import (
    draw_det,
    draw_learning_curves,
    draw_risk_coverage,
    draw_roc,
)
from dfd_tf.evaluation.plots.distributions import draw_confusion, draw_reliability, draw_scores
from dfd_tf.evaluation.plots.figures import draw_all
from dfd_tf.reporting.style import CSS_VARIABLES, inline_svg, save_pngs

ALL = {"scores", "confusion", "reliability", "roc", "precision_recall", "learning_curves"} | {
    "det",
    "risk_coverage",
}


def arrays(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return table["label"].to_numpy(int), table["score"].to_numpy(float)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_every_figure_is_saved_as_a_picture_with_content(
    evaluate: Callable, history: pd.DataFrame, tmp_path: Path
) -> None:
    made = evaluate()
    save_pngs(
        tmp_path / "plots",
        draw_all(made.predictions, made.metrics, made.calibration, history),
    )
    files = sorted((tmp_path / "plots").iterdir())
    assert {file.name for file in files} == {f"{name}.png" for name in ALL}
    for file in files:
        with Image.open(file) as picture:
            assert picture.size == (960, 720)
            assert len(picture.convert("RGB").getcolors(1 << 20)) > 20


def test_saved_figures_are_the_same_byte_for_byte(evaluate: Callable, tmp_path: Path) -> None:
    made = evaluate()
    for name in ("one", "two"):
        save_pngs(tmp_path / name, draw_all(made.predictions, made.metrics, made.calibration))
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


@pytest.mark.parametrize(
    ("n_real", "n_fake", "expected"),
    [
        (20, 0, {"scores", "confusion", "reliability", "risk_coverage"}),
        (0, 20, {"scores", "confusion", "reliability", "risk_coverage"}),
        (0, 0, set()),
    ],
)
def test_figures_that_need_both_classes_are_left_out(
    evaluate: Callable, n_real: int, n_fake: int, expected: set[str]
) -> None:
    made = evaluate(n_real, n_fake, failures=(("/x.png", "empty file"),))
    assert set(draw_all(made.predictions, made.metrics, made.calibration)) == expected


def test_roc_marks_the_stored_thresholds_where_they_came_to_lie(evaluate: Callable) -> None:
    made = evaluate()
    labels, scores = arrays(made.predictions)
    axes = draw_roc(labels, scores, made.metrics, made.calibration).axes[0]
    points = [line.get_xydata()[0] for line in axes.lines if line.get_marker() in ("o", "s", "D")]
    expected = [
        ((scores[labels == 0] >= t.value).mean(), (scores[labels == 1] >= t.value).mean())
        for t in made.calibration.thresholds
    ]
    np.testing.assert_allclose(points, expected)
    assert f"{made.metrics['auc']['value']:.3f}" in axes.get_title(loc="left")


def test_det_is_on_normal_axes_and_the_risk_starts_from_the_surest(evaluate: Callable) -> None:
    made = evaluate()
    labels, scores = arrays(made.predictions)
    curve = draw_det(labels, scores, made.calibration).axes[0].lines[0].get_xydata()
    fpr, fnr, _ = det_curve(labels, scores)
    inside = (fpr > 0.01) & (fpr < 0.99) & (fnr > 0.01) & (fnr < 0.99)
    np.testing.assert_allclose(norm.cdf(curve[inside]), np.stack([fpr, fnr], 1)[inside])
    risk = draw_risk_coverage(labels, scores, made.calibration).axes[0].lines[0].get_xydata()
    wrong = (scores >= made.calibration.threshold) != (labels == 1)
    np.testing.assert_allclose(risk[-1], [1, wrong.mean()])


def test_reliability_shows_what_the_network_itself_claims(evaluate: Callable) -> None:
    made = evaluate()
    labels, scores = arrays(made.predictions)
    figure = draw_reliability(labels, scores, made.metrics, np.full(len(labels), 0.9))
    assert "before calibration, ECE 0.400" in figure.axes[0].get_legend().texts[0].get_text()


def test_confusion_shows_counts_and_shares(evaluate: Callable) -> None:
    made = evaluate()
    confusion = {"tn": 90, "fp": 10, "fn": 50, "tp": 150}
    shown = texts(draw_confusion({**made.metrics, "confusion": confusion}))
    assert shown == ["90", "90\u00a0%", "10", "10\u00a0%", "50", "25\u00a0%", "150", "75\u00a0%"]


def test_score_histogram_holds_every_image_and_the_band(evaluate: Callable) -> None:
    made = evaluate(40, 70)
    axes = draw_scores(*arrays(made.predictions), made.calibration).axes[0]
    band, *stairs = axes.patches
    assert [stair.get_data().values.sum() for stair in stairs] == [40, 40, 70, 70]
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx(made.calibration.band)


def test_reliability_points_are_bin_means(evaluate: Callable) -> None:
    made = evaluate()
    figure = draw_reliability(np.array([0, 1, 1]), np.array([0.01, 0.05, 1.0]), made.metrics)
    points = figure.axes[0].lines[-1].get_xydata()
    np.testing.assert_allclose(points, [[0.03, 0.5], [1.0, 1.0]])
    above, below = figure.axes
    assert above.get_xlim() == below.get_xlim()


def test_learning_curves_draw_the_columns_that_are_there(history: pd.DataFrame) -> None:
    figure = draw_learning_curves(history.drop(columns=["val_auc", "learning_rate"]))
    assert [len(axes.lines) for axes in figure.axes] == [2, 1, 0]


def test_inline_svg_takes_its_colours_from_the_page_and_shares_no_id(evaluate: Callable) -> None:
    made = evaluate()
    figures = draw_all(made.predictions, made.metrics, made.calibration)
    drawn = {name: inline_svg(figure, name) for name, figure in figures.items()}
    for name, svg in drawn.items():
        ElementTree.fromstring(svg)
        assert not any(colour in svg for colour in CSS_VARIABLES)
        assert all(i.startswith(f"{name}-") for i in re.findall(r'\bid="([^"]*)"', svg))
        used = re.findall(r'(?:href="#|url\(#)([^")]*)', svg)
        assert used and all(f'id="{target}"' in svg for target in used)


def test_settings_of_matplotlib_stay_as_they_were(evaluate: Callable) -> None:
    before = dict(matplotlib.rcParams)
    made = evaluate()
    for name, figure in draw_all(made.predictions, made.metrics, made.calibration).items():
        inline_svg(figure, name)
    assert dict(matplotlib.rcParams) == before

"""The report and the folder of an evaluation: complete, safe, the same every time."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dfd_tf.errors import UserError
from dfd_tf.evaluation.beside import Beside, read_audit, read_robustness
from dfd_tf.evaluation.metrics import evaluate_scores
from dfd_tf.evaluation.mistakes import accused_reals, missed_fakes
from dfd_tf.evaluation.plots.figures import draw_all
from dfd_tf.evaluation.predictions import judged
from dfd_tf.evaluation.report import write_report
from dfd_tf.evaluation.results import write_evaluation
from dfd_tf.reporting.thumbnails import thumbnail

HOSTILE = "/a/<script>alert(1)</script>/\"onload='x' & \u202eb,\n\udcff.jpg"
PROVENANCE = {"model": "<b>m</b>", "fingerprint": "ab12", "versions": {"keras": "3"}}


class Page(HTMLParser):
    """Collects the elements, the attributes and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if not self.tags or self.tags[-1] != "style":
            self.words.append(data)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    def write(made, history=None, **others) -> str:
        write_report(
            tmp_path / "report.html",
            title="A <title>",
            predictions=made.predictions,
            metrics=made.metrics,
            calibration=made.calibration,
            figures=draw_all(made.predictions, made.metrics, made.calibration, history),
            **{"provenance": PROVENANCE, **others},
        )
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    return write


def test_the_page_says_what_the_metrics_say(
    evaluate: Callable, written: Callable, history: pd.DataFrame
) -> None:
    made = evaluate(failures=(("/x/huge.png", "too large: 900 megapixels"),))
    made.metrics["recall"] = {"value": 0.684, "low": 0.652, "high": 0.715}
    made.metrics["fpr_at_threshold"] = {"value": 0.0712, "low": 0.0604, "high": 0.1012}
    page = Page(written(made, history=history))
    assert "Of 100 fake photos it finds 68 95 % interval 65 to 72" in page.text
    assert "Of 100 real photos it wrongly accuses 7.1 95 % interval 6.0 to 10" in page.text
    assert "set to accuse at most 5 % of real photos but accuses 7.1 % of these" in page.text
    for name in ("auc", "ece", "log_loss"):
        metric = made.metrics[name]
        assert f"{metric['value']:.3f} {metric['low']:.3f} to {metric['high']:.3f}" in page.text
    assert "counted in no number here: 1 file, listed below" in page.text
    assert "too large: 900 megapixels" in page.text
    assert "versions.keras" in page.text
    assert page.tags.count("svg") == 8


def test_evidence_of_other_verbs_stands_on_the_page(
    evaluate: Callable, written: Callable, tmp_path: Path
) -> None:
    made = evaluate()
    path = tmp_path / "a.png"
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(path)
    made.predictions["path"] = str(path)
    seen = []

    def map_of(image, score):
        seen.append(score)
        return 255 - image

    audit = {
        "verdict": "Do not train: 1 fault found.",
        "n": 7,
        "findings": [{"level": "finding", "title": "Copies <b>", "text": "Two are the same."}],
    }
    html = written(made, beside=Beside(map_of=map_of, audit=audit))
    page = Page(html)
    assert "Do not train: 1 fault found. (7 photos audited.)" in page.text
    assert "Copies <b>" in page.text and "Copies <b>" not in html
    assert len(seen) == html.count('class="map"') == 16
    without = Page(written(made))
    assert "The data themselves" not in without.text


def test_results_of_another_detector_are_refused(tmp_path: Path) -> None:
    (tmp_path / "robustness.json").write_text('{"threshold": 0.4}')
    assert read_robustness(tmp_path, 0.4) == {"threshold": 0.4}
    with pytest.raises(UserError, match="another detector"):
        read_robustness(tmp_path, 0.5)
    with pytest.raises(UserError, match="dfd audit --out"):
        read_audit(tmp_path)


def test_threshold_table_by_hand(evaluate: Callable, written: Callable) -> None:
    made = evaluate(20, 10)
    high = made.calibration.thresholds[2].value
    scores = [high + 1e-6] * 2 + [0.0] * 18 + [high + 1e-6] * 8 + [0.0] * 2
    table = made.predictions.assign(score=scores)
    page = Page(written(type(made)(table, made.metrics, made.calibration)))
    # 2 of 20 reals and 8 of 10 fakes: 990 reals give 99 false alarms, 10 fakes 8 right ones.
    # Of the source "one" 1 of 7 reals, of "two" 1 of 13.
    assert f"1 % {high:.4f} 10 % one: 14 % 80 % 99 7.5 %" in page.text


def test_hostile_names_stay_text(evaluate: Callable, written: Callable) -> None:
    made = evaluate(failures=((HOSTILE, "<img src=x onerror=alert(1)>"),))
    made.predictions.loc[[0, 200], ["path", "score"]] = [[HOSTILE, 0.999999], [HOSTILE, 0.000001]]
    made.predictions["source"] = "<u>source</u>"
    table = judged(made.predictions)
    metrics = evaluate_scores(
        table["label"],
        table["score"],
        0.5,
        groups=table["path"],
        sources=table["source"],
        replicates=10,
    )
    page = Page(written(type(made)(made.predictions, metrics, made.calibration)))
    assert not {"script", "u"} & set(page.tags)
    assert page.tags.count("title") == 1
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text and "<u>source</u>" in page.text
    assert "<img src=x onerror=alert(1)>" in page.text and "<b>m</b>" in page.text


def test_the_page_loads_nothing(evaluate: Callable, written: Callable) -> None:
    page = Page(written(evaluate()))
    assert not {"script", "link", "iframe"} & set(page.tags)
    targets = [v for n, v in page.attributes if n in ("src", "href", "xlink:href") and v]
    assert all(target.startswith(("data:", "#")) for target in targets)


@pytest.mark.parametrize(("n_real", "n_fake"), [(30, 0), (0, 30), (0, 0), (1, 1)])
def test_few_or_one_sided_data_still_give_a_page(
    evaluate: Callable, written: Callable, n_real: int, n_fake: int
) -> None:
    made = evaluate(n_real, n_fake, failures=(("/x.png", "empty file"),))
    page = Page(written(made))
    assert "nan" not in page.text.lower().split() and "None%" not in page.text
    assert ("The numbers stand without intervals" in page.text) == (n_real == 1)
    assert ("1.000 to 1.000" in page.text) == (n_real == 30)
    assert ("Of 100 fake photos it finds" in page.text) == (n_fake > 0)
    assert ("it wrongly accuses" in page.text) == (n_real > 0)


def test_a_rate_of_zero_does_not_claim_certainty(evaluate: Callable, written: Callable) -> None:
    made = evaluate(60, 60)
    scores = np.where(made.predictions["label"] == 1, 1.0, 0.0)
    metrics = evaluate_scores(made.predictions["label"], scores, 0.5, replicates=10)
    page = Page(
        written(type(made)(made.predictions.assign(score=scores), metrics, made.calibration))
    )
    assert "wrongly accuses 0 tested on 60: up to 5 cannot be ruled out" in page.text
    assert "it finds 100 tested on 60: down to 95 cannot be ruled out" in page.text


def test_mistakes_are_the_worst_ones_with_their_pictures(tmp_path: Path) -> None:
    Image.fromarray(np.full((300, 200, 3), (200, 30, 30), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    names = ["a.png", "b.png", "gone.png", "right.png"]
    table = pd.DataFrame(
        {
            "path": [str(tmp_path / name) for name in names],
            "label": 0,
            "score": [0.9, 0.99, 0.8, 0.1],
        }
    )
    mistakes = accused_reals(table, 0.5)
    assert [Path(m.path).name for m in mistakes] == ["b.png", "a.png", "gone.png"]
    assert [bool(m.picture) for m in mistakes] == [False, True, False]
    header, data = mistakes[1].picture.split(",")
    assert header == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert picture.size == (85, 128)
        np.testing.assert_allclose(picture.getpixel((40, 60)), (200, 30, 30), atol=4)
    fakes = table.assign(label=1)
    assert [m.score for m in missed_fakes(fakes, 0.85)] == [0.1, 0.8]
    many = pd.concat([table] * 5, ignore_index=True)
    assert len(accused_reals(many, 0.5)) == 8
    assert thumbnail("\0") == ""


def test_the_folder_is_complete_and_the_same_byte_for_byte(
    evaluate: Callable, history: pd.DataFrame, tmp_path: Path
) -> None:
    made = evaluate(failures=((HOSTILE, "empty file"),))
    for name in ("one", "two"):
        write_evaluation(
            tmp_path / name, made.predictions, made.metrics, made.calibration, PROVENANCE, history
        )
    first, second = (
        {p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*.*")}
        for n in ("one", "two")
    )
    assert first == second
    assert {"metrics.json", "predictions.csv", "report.html"} <= {str(p) for p in first}
    assert json.loads(first[Path("metrics.json")])["n_failed"] == 1


def test_predictions_csv_has_every_file_and_survives_any_name(
    evaluate: Callable, tmp_path: Path
) -> None:
    odd = '/a/quo"te, comma\r\nand lines.png'
    made = evaluate(2, 2, failures=((odd, "empty file"), (HOSTILE, "too small")))
    write_evaluation(tmp_path, made.predictions, made.metrics, made.calibration, {})
    with open(tmp_path / "predictions.csv", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["path", "label", "score", "verdict", "reason"]
    assert len(rows) == 6
    assert rows[4] == [odd, "1", "", "error", "empty file"]
    assert rows[5][0] == HOSTILE.replace("\udcff", "\\udcff")
    for row, score in zip(rows, made.predictions["score"][:4], strict=False):
        assert row[1] in "01" and re.fullmatch(r"[01]\.\d{6}", row[2])
        assert float(row[2]) == pytest.approx(score, abs=5.1e-7)

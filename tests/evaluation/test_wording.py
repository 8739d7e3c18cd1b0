"""Numbers in words, worked out by hand."""

from __future__ import annotations

import pytest

from dfd_tf.evaluation.wording import cautions, grade
from dfd_tf.reporting.numbers import of_hundred, rate_in_words, with_interval

GOOD = {
    "auc": {"value": 0.95, "low": 0.93, "high": 0.97},
    "fpr_at_threshold": {"value": 0.05, "low": 0.03, "high": 0.07},
    "recall": {"value": 0.9, "low": 0.85, "high": 0.94},
    "ece": {"value": 0.03, "low": 0.02, "high": 0.05},
    "accuracy": {"value": 0.9, "low": 0.88, "high": 0.92},
    "n_real": 400,
    "bootstrap": {"unit": "group"},
    "per_source": {},
}
NO_INTERVAL = {"accuracy": {"value": 1.0, "low": None, "high": None}}
TWO_KINDS = {"value": 1.0, "low": None, "high": None}
ONE_KIND = {"value": None, "low": None, "high": None}


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0"), (0.0004, "0.04"), (0.034, "3.4"), (0.03, "3"), (0.123, "12"),
        (0.9, "90"), (0.954, "95.4"), (0.9996, "99.96"), (1.0, "100"),
    ],
)  # fmt: skip
def test_of_hundred_is_finer_near_the_ends(share: float, text: str) -> None:
    assert of_hundred(share) == text


def test_intervals_in_words() -> None:
    assert with_interval(GOOD["auc"]) == "0.950 (0.930 to 0.970)"
    assert with_interval({"value": None, "low": None, "high": None}) == "undefined"
    assert rate_in_words(GOOD["fpr_at_threshold"], 400) == "95 % interval 3 to 7"


def test_no_false_alarm_is_no_proof_of_none() -> None:
    none = {"value": 0.0, "low": 0.0, "high": 0.0}
    assert rate_in_words(none, 300) == "tested on 300: up to 1 cannot be ruled out"
    assert rate_in_words(none, 2) == "tested on 2: up to 100 cannot be ruled out"


@pytest.mark.parametrize(
    ("low", "words"),
    [(0.99, "very well"), (0.93, "apart well"), (0.8, "often wrong"), (0.51, "little better"),
     (0.5, "no better"), (0.2, "no better")],
)  # fmt: skip
def test_the_grade_follows_the_cautious_end_of_the_interval(low: float, words: str) -> None:
    assert words in grade({**GOOD, "auc": {"value": 0.99, "low": low, "high": 1.0}})


@pytest.mark.parametrize(
    ("auc", "words"), [(TWO_KINDS, "Too few photos"), (ONE_KIND, "one kind only")]
)
def test_without_an_interval_there_is_no_praise(auc: dict, words: str) -> None:
    assert words in grade({**GOOD, "auc": auc})


@pytest.mark.parametrize(
    "change",
    [
        {"fpr_at_threshold": {"value": 0.2, "low": 0.15, "high": 0.25}},
        {"recall": {"value": 0.3, "low": 0.2, "high": 0.4}},
    ],
)
def test_a_good_ranking_is_no_praise_for_a_misplaced_threshold(change: dict) -> None:
    assert "its threshold does not fit" in grade({**GOOD, **change})


def test_a_sound_evaluation_needs_no_caution() -> None:
    assert cautions(GOOD) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fpr_at_threshold": {"value": 0.2, "low": 0.15, "high": 0.25}}, "20\u00a0% of these"),
        ({"n_real": 60}, "With 60 real photos"),
        ({"ece": {"value": 0.22, "low": 0.2, "high": 0.25}}, "off by 22\u00a0%"),
        ({"n_failed": 3}, "3 files"),
        (NO_INTERVAL, "without intervals: fewer than 10 groups of photos of a class"),
        (NO_INTERVAL | {"bootstrap": {"unit": "image"}}, "fewer than 10 photos of a class"),
        ({"per_source": {"a": NO_INTERVAL, "b": GOOD}}, "No intervals for a: fewer than 10"),
    ],
)
def test_each_weakness_is_named_once(change: dict, words: str) -> None:
    (caution,) = cautions({**GOOD, **change})
    assert words in caution

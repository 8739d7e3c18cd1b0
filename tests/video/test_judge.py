"""A planted forgery is found, when it is and in whom; what is no evidence gets no verdict."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from dfd_tf.calibration.novelty import OUTSIDE
from dfd_tf.video.files import read_verdict, tasks_of, write_results
from dfd_tf.video.judge import judge_video


def temporal_iou(segment, start, end):
    shared = max(0.0, min(segment.end, end) - max(segment.start, start))
    return shared / (segment.end - segment.start + end - start - shared)


@pytest.fixture(scope="module")
def spliced_result(spliced, brightness):
    return judge_video(brightness, spliced)


def test_a_planted_forgery_is_found(spliced_result):
    (person,) = spliced_result.persons
    ((segment, _),) = person.segments
    assert temporal_iou(segment, 3.0, 6.0) >= 0.8
    assert person.ruling.decisive == segment
    assert spliced_result.verdict == "fake"
    assert spliced_result.shots == 1


def test_results_are_written_and_read_again(spliced_result, spliced, brightness, tmp_path):
    write_results(tmp_path, spliced_result, brightness)
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    assert verdict["verdict"] == "fake"
    assert verdict["low"] <= verdict["score"] <= verdict["high"]
    assert verdict["thresholds"]["set_on"] == "photos"
    assert any("photos" in note for note in verdict["notes"])
    with (tmp_path / "frames.csv").open() as file:
        frames = list(csv.DictReader(file))
    assert len(frames) == spliced_result.frames == 32
    assert [float(row["time"]) for row in frames] == pytest.approx([i / 4 for i in range(32)])
    with (tmp_path / "segments.csv").open() as file:
        (segment,) = csv.DictReader(file)
    assert segment["decides"] == "yes"
    page = (tmp_path / "video.html").read_text()
    assert "Looks forged" in page and "set on photos" in page
    assert 'href="#person-1-1"' in page and 'id="person-1-1"' in page
    assert read_verdict(tmp_path, spliced, brightness, 4.0) == verdict
    assert read_verdict(tmp_path, spliced, brightness, 8.0) is None


def test_a_dark_face_is_real_and_a_middling_one_gets_no_verdict(
    sitters, scene, light, clip, brightness, tmp_path
):
    def judged(name, level):
        pictures = [scene([(light(sitters[1], level), 100, 16)]) for _ in range(36)]
        return judge_video(brightness, clip(tmp_path / f"{name}.mp4", pictures))

    real, unclear = judged("real", 80), judged("unclear", 130)
    assert (real.verdict, real.reason) == ("real", "")
    assert unclear.verdict == "inconclusive"
    assert "lies between" in unclear.reason


def test_a_person_unlike_all_that_is_known_gets_no_verdict(
    sitters, scene, light, clip, brightness, tmp_path
):
    class Unlike(type(brightness.model)):
        def predict_on_batch(self, squares):
            distances = np.full((len(squares), 2), 20.0)
            return np.concatenate([super().predict_on_batch(squares), distances], axis=1)

    novelty = {"from_reals": 10.0, "from_known": 10.0, "quantile": 0.985, "n_valid": 100}
    unlike = replace(brightness, model=Unlike(), info=brightness.info.replace(novelty=novelty))
    dark = clip(tmp_path / "dark.mp4", [scene([(light(sitters[1], 80), 100, 16)])] * 24)
    assert judge_video(brightness, dark).verdict == "real"
    result = judge_video(unlike, dark)
    assert (result.verdict, result.reason) == ("inconclusive", OUTSIDE)


def test_nobody_is_no_verdict(scene, clip, brightness, tmp_path):
    empty = clip(tmp_path / "empty.mp4", [scene([]) for _ in range(24)])
    result = judge_video(brightness, empty)
    assert (result.verdict, result.reason) == ("not applicable", "no face found")


def test_a_glimpse_is_no_verdict(sitters, scene, clip, brightness, tmp_path):
    short = clip(tmp_path / "short.mp4", [scene([(sitters[0], 100, 16)]) for _ in range(6)])
    result = judge_video(brightness, short)
    assert result.verdict == "not applicable"
    assert "frames only" in result.reason


def test_the_most_suspicious_person_decides(sitters, scene, light, clip, brightness, tmp_path):
    picture = scene([(light(sitters[0], 80), 0, 16), (light(sitters[3], 165), 256, 16)])
    result = judge_video(brightness, clip(tmp_path / "two.mp4", [picture] * 48))
    assert result.verdict == "fake"
    assert sorted(p.ruling.verdict for p in result.persons) == ["fake", "real"]
    # An accusation of one of two takes twice the odds of that of one alone.
    odds = [
        limit / (1 - limit)
        for limit in (result.thresholds.as_scores(n)["fake_from"] for n in (1, 2))
    ]
    assert odds[1] == pytest.approx(2 * odds[0])


def test_names_of_results_are_distinct(tmp_path):
    for name in ("a.mp4", "a.mkv", "b/a.mp4", "notes.txt", ".hidden.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    tasks = tasks_of([tmp_path])
    assert [task.name for task in tasks] == ["a", "a_2", "b/a"]

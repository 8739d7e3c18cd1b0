"""Sets of videos as they come, thresholds set on them, and what they say of a detector."""

import json

import numpy as np
import pytest

import dfd_tf
from dfd_tf.data.batches.degradations.video import CODECS, video_frame
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.errors import UserError
from dfd_tf.reporter import SILENT
from dfd_tf.video.judge import thresholds_of
from dfd_tf.video.measure import evaluate_videos, fit_on_videos
from dfd_tf.video.sets.reading import read_videos


def tree(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def rows(root):
    table = read_videos([root])
    return {
        row.path.rpartition("/")[2]: (row.label, row.group.partition(":")[2], row.split)
        for row in table.itertuples()
    }


def test_faceforensics(tmp_path):
    root = tree(
        tmp_path,
        *(f"original_sequences/youtube/c23/videos/{n}.mp4" for n in ("004", "982", "100")),
        "original_sequences/actors/c23/videos/01__walking.mp4",
        *(f"manipulated_sequences/FaceSwap/c23/videos/{n}.mp4" for n in ("004_982", "982_004")),
        "manipulated_sequences/DeepFakeDetection/c23/videos/01_02__walking__X.mp4",
    )
    found = rows(root)
    assert found["004.mp4"][:2] == (0, "004") and found["004_982.mp4"][:2] == (1, "004")
    pair = {found[name][2] for name in ("004.mp4", "982.mp4", "004_982.mp4", "982_004.mp4")}
    assert len(pair) == 1  # what was made of one another is in one split
    assert found["01__walking.mp4"][1] == found["01_02__walking__X.mp4"][1] == "actor 01"


def test_celebdf(tmp_path):
    root = tree(
        tmp_path,
        *("Celeb-real/id0_0000.mp4", "Celeb-real/id1_0000.mp4", "YouTube-real/00170.mp4"),
        *("Celeb-synthesis/id0_id1_0000.mp4", "Celeb-synthesis/id1_id0_0000.mp4"),
    )
    (root / "List_of_testing_videos.txt").write_text(
        "1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id0_id1_0000.mp4\n"
    )
    found = rows(root)
    assert found["00170.mp4"] == (0, "youtube 00170", "test")
    assert found["id0_id1_0000.mp4"] == (1, "id0", "test")
    assert found["id0_0000.mp4"][:2] == (0, "id0") and found["id0_0000.mp4"][2] != "test"


def test_dfdc(tmp_path):
    root = tree(tmp_path, "dfdc_train_part_0/a.mp4", "dfdc_train_part_0/b.mp4")
    (root / "dfdc_train_part_0" / "metadata.json").write_text(
        json.dumps(
            {
                "a.mp4": {"label": "FAKE", "split": "train", "original": "b.mp4"},
                "b.mp4": {"label": "REAL", "split": "train"},
                "../../c.mp4": {"label": "REAL"},
            }
        )
    )
    found = rows(root)
    assert {name: row[:2] for name, row in found.items()} == {
        "a.mp4": (1, "b.mp4"),
        "b.mp4": (0, "b.mp4"),
    }


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(UserError, match="no set of videos that is known"):
        read_videos([tmp_path])


def test_thresholds_keep_their_rate_for_crowds():
    """Set on the maximum over persons, they accuse as seldom as they say, in crowds, too."""
    import pandas as pd

    rng = np.random.default_rng(0)
    persons = rng.integers(1, 9, 4000)
    decided = np.array([rng.normal(0, 1, n).max() for n in persons])
    half = pd.DataFrame({"logit": decided, "label": 0, "source": "a"})
    fakes = pd.DataFrame({"logit": rng.normal(4, 1, 400), "label": 1, "source": "a"})
    fitted = fit_on_videos(pd.concat([half[:2000], fakes]), 0.1)
    threshold = np.log(fitted.threshold / (1 - fitted.threshold))
    assert (decided[2000:] >= threshold).mean() == pytest.approx(0.05, abs=0.015)


@pytest.fixture(scope="module")
def small_set(tmp_path_factory, sitters, scene, clip):
    root = tmp_path_factory.mktemp("set")
    for split in ("valid", "test"):
        for label in ("real", "fake"):
            folder = root / split / label
            folder.mkdir(parents=True)
            for i in range(2):
                shown = [scene([(sitters[i], 100, 16)])] * 16
                clip(folder / f"{i}.mp4", shown, fps=8, crf="23" if label == "real" else "40")
    return root


def test_calibrating_and_measuring(small_set, tmp_path):
    run = tmp_path / "run"
    metrics = dfd_tf.calibrate(small_set, run, video=True, progress=False)
    assert metrics["thresholds_set_on"] == "videos"
    assert (metrics["n"], metrics["n_real"], metrics["n_failed"]) == (4, 2, 0)
    assert (run / "report.html").is_file()
    detector = load_detector(run / "bundle")
    assert detector.info.video.counts[small_set.name].real == 2
    assert thresholds_of(detector).set_on == "videos"
    assert detector.calibration == load_detector("efficientnet_lite0").calibration
    again = evaluate_videos(
        detector, [str(small_set)], None, split="test", rate=4.0, reporter=SILENT
    )
    assert again["auc"] == metrics["auc"]
    verdict = dfd_tf.judge_video(small_set / "test" / "real" / "0.mp4", model=detector)
    assert verdict["thresholds"]["set_on"] == "videos"
    assert not verdict["notes"]


@pytest.mark.parametrize("codec", CODECS)
def test_a_frame_of_a_video_loses_more_at_a_higher_crf(codec, sitters):
    losses = [
        np.abs(video_frame(sitters[0], crf, codec).astype(int) - sitters[0]).mean()
        for crf in (10, 25, 40)
    ]
    assert losses == sorted(losses) and losses[0] < losses[2] / 1.5
    assert video_frame(sitters[0][:33, :47], 30, codec).shape == (33, 47, 3)

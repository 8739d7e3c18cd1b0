import wave

import numpy as np
import pytest
from PIL import Image


def test_harmonise_writes_a_folder_and_says_what_was_left_out(dfd, make_pixels, tmp_path):
    for split in ("train", "test"):
        for seed, name in enumerate(("real/a", "real/b", "fake/a", "fake/b")):
            path = tmp_path / "set" / split / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            image = make_pixels(seed if name == "real/a" else 10 * seed + len(split), 64, 64)
            Image.fromarray(image).save(path)
    done = dfd(
        "prepare", "--harmonise", "--data", tmp_path / "set", "--out", tmp_path / "alike", "--quiet"
    )
    assert done.returncode == 0, done.stderr
    assert "7 images of 64x64 pixels" in done.stdout
    assert "left out: train/real/a.png" in done.stdout
    again = dfd("prepare", "--harmonise", "--data", tmp_path / "set", "--out", tmp_path / "alike")
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_quality_without_harmonise_is_refused(dfd, tmp_path):
    done = dfd("prepare", "--data", tmp_path, "--out", tmp_path / "out", "--quality", 80)
    assert done.returncode == 2
    assert "--harmonise" in done.stderr


def test_pairs_of_the_control_come_back_as_a_dataset(dfd, faces, tmp_path):
    answer = dfd("prepare", "--through", "resize", "--data", faces, "--out", tmp_path / "p")
    assert answer.returncode == 1, answer.stderr  # one file of the set is damaged
    assert "left out:" in answer.stdout
    assert "Train on them: --data" in answer.stdout
    again = dfd("prepare", "--through", "resize", "--data", faces, "--out", tmp_path / "p")
    assert again.returncode == 2
    assert "is finished already" in again.stderr


def test_steps_of_prepare_are_not_mixed(dfd, faces, tmp_path):
    both = dfd("prepare", "--faces", "--through", "resize", "--data", faces, "--out", tmp_path)
    alone = dfd("prepare", "--limit", 3, "--data", faces, "--out", tmp_path)
    assert (both.returncode, alone.returncode) == (2, 2)
    assert "steps of their own" in both.stderr
    assert "belongs to --through" in alone.stderr


def test_fakes_of_speech_are_made_by_engines_that_are_asked_for(dfd, voice_files, tmp_path):
    pytest.importorskip("av", reason="needs the extra audio")
    out = tmp_path / "fakes"
    begin = ("prepare", "--speech-fakes", "--data", voice_files)
    done = dfd(*begin, "--out", out, "--engines", "splice", "--quiet")
    assert done.returncode == 0, done.stderr
    assert "2 real, 2 splice" in done.stdout
    assert f"--data {out / 'table.csv'}" in done.stdout
    unknown = dfd(*begin, "--out", out, "--engines", "robot")
    alone = dfd("prepare", "--engines", "splice", "--data", voice_files, "--out", out)
    assert (unknown.returncode, alone.returncode) == (2, 2)
    assert "There is no 'robot'" in unknown.stderr
    assert "add it" in alone.stderr


@pytest.fixture
def voice_files(tmp_path):
    """Two recordings of something like speech."""
    time = np.arange(32_000) / 16_000
    folder = tmp_path / "recordings"
    folder.mkdir()
    for pitch in (110, 190):
        tone = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 15))
        samples = 0.1 * tone * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))
        with wave.open(str(folder / f"{pitch}.wav"), "wb") as file:
            file.setparams((1, 2, 16_000, 0, "NONE", ""))
            file.writeframes((samples * 32767).astype("<i2").tobytes())
    return folder

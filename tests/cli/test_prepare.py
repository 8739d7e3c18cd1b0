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

import json


def test_gives_the_metrics_of_the_training_on_the_same_split(dfd, run, faces, tmp_path):
    out = tmp_path / "evaluation"
    done = dfd("evaluate", "--model", run, "--data", faces, "--out", out)
    assert done.returncode == 0, done.stderr
    assert (out / "metrics.json").read_bytes() == (run / "metrics.json").read_bytes()
    assert "AUC" in done.stdout
    page = (out / "report.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "<svg" in page


def test_counts_what_it_could_not_judge(dfd, run, faces, tmp_path):
    done = dfd(
        "evaluate", "--model", run, "--data", faces, "--split", "train", "--out", tmp_path / "e"
    )
    assert done.returncode == 1
    metrics = json.loads((tmp_path / "e" / "metrics.json").read_text())
    assert (metrics["n"], metrics["n_failed"]) == (48, 1)


def test_unknown_split_is_answered_with_those_there_are(dfd, run, faces, tmp_path):
    done = dfd(
        "evaluate", "--model", run, "--data", faces, "--split", "tset", "--out", tmp_path / "e"
    )
    assert done.returncode == 2
    assert "['test', 'train', 'valid']" in done.stderr

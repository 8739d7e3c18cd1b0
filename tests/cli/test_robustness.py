import json


def test_degrades_scores_and_reports_in_one_command(dfd, run, faces, tmp_path):
    arguments = ["--model", run, "--data", faces, "--limit", 8, "--out", tmp_path / "r", "--quiet"]
    done = dfd("robustness", *arguments)
    assert done.returncode == 0, done.stderr
    assert "jpeg-30" in done.stdout and "is kept" in done.stdout
    result = json.loads((tmp_path / "r" / "robustness.json").read_text())
    assert (result["n_real"], result["n_fake"]) == (4, 4)
    assert (tmp_path / "r" / "report.html").is_file()


def test_a_limit_below_two_is_refused(dfd, run, faces, tmp_path):
    done = dfd("robustness", "--data", faces, "--limit", 1, "--out", tmp_path / "r")
    assert done.returncode == 2
    assert "expected at least 2" in done.stderr

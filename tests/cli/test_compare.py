import json


def test_a_detector_against_itself(dfd, run, faces, tmp_path):
    arguments = [run, run / "bundle", "--data", faces, "--out", tmp_path / "c", "--quiet"]
    done = dfd("compare", *arguments)
    assert done.returncode == 0, done.stderr
    assert "No difference in ranking is shown" in done.stdout
    result = json.loads((tmp_path / "c" / "comparison.json").read_text())
    assert (result["n_real"], result["n_fake"]) == (12, 12)
    assert result["delong"]["p"] == result["mcnemar"]["all"]["p"] == 1
    assert (tmp_path / "c" / "report.html").is_file()


def test_an_unknown_detector_is_answered_before_anything_is_loaded(dfd, run, faces, tmp_path):
    done = dfd("compare", run, "nosuch", "--data", faces, "--out", tmp_path / "c")
    assert done.returncode == 2
    assert "No detector at 'nosuch'" in done.stderr

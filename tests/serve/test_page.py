"""The page: complete in itself, and allowed by its own policy."""

import re
import shutil
import subprocess

import pytest

from dfd_tf.serve.routes.page import TYPES


def test_the_page_asks_nobody_else(whole):
    answer = whole.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    parts = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    ours = [part for part in parts if part != "data:,"]
    assert sorted(ours) == ["page/page.css", "page/page.js"]
    for part in ours:
        assert whole.get(f"/{part}").status_code == 200
    for text in [answer.text, *(whole.get(f"/{part}").text for part in ours)]:
        assert not re.search(r"https?://|//cdn", text)
    # What the policy would not let run.
    assert not re.search(r"<script>|\son\w+=|\sstyle=|<style", answer.text)


def test_the_policy_allows_no_scripts_from_elsewhere(whole):
    policy = whole.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "connect-src 'self'" in policy


def test_only_the_parts_of_the_page_are_handed_out(whole):
    for path in ("/page/../settings.py", "/page/index.html", "/page/%2e%2e/app.py", "/page/"):
        assert whole.get(path).status_code in (404, 422)
    assert len(TYPES) == 3


def test_the_words_of_every_verdict_are_there(whole):
    model = whole.get("/v1/models/efficientnet_lite0").json()
    script = whole.get("/page/page.js").text
    for verdict in ("real", "fake", "inconclusive", "no face", "error"):
        assert model["meaning"][verdict]
        assert re.search(rf'^  "?{verdict}"?: \["', script, re.MULTILINE)
    assert 0 < model["inconclusive_from"] < model["fake_from"]
    assert {source["source"] for source in model["learned"]} >= {"openforensics", "dfdc"}
    assert "at most 1 get this verdict" in model["meaning"]["fake"]
    assert model["card"].startswith("# efficientnet_lite0")


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")
def test_a_browser_shows_what_the_detector_has_learned(start, tmp_path):
    _, address = start("--workers", "1")
    command = ["chromium", "--headless", "--no-sandbox", f"--user-data-dir={tmp_path}"]
    command += ["--virtual-time-budget=10000", "--dump-dom", f"{address}/"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    assert "<td>2,288</td>" in shown
    assert "at most 1 get this verdict" in shown

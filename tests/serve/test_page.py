"""The page: complete in itself, allowed by its own policy, told everything by the bundle."""

import json
import re

import pytest

import dfd_tf.serve.page.engine as engine
from dfd_tf.cli import main
from dfd_tf.detectors.info import read_info
from dfd_tf.detectors.locate import find_bundle
from dfd_tf.errors import UserError
from dfd_tf.serve.page.files import parts
from dfd_tf.serve.page.knowledge import HEADLINES
from dfd_tf.serve.rows import Row

IMPORT = re.compile(r'(?:from|import\(|new URL\()\s*"\./([\w./]+)"')


@pytest.fixture
def no_engine(monkeypatch, tmp_path):
    monkeypatch.setenv("DFD_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def some_engine(no_engine):
    """Files under the engine's names, which nobody runs."""
    folder = engine._folder()
    folder.mkdir(parents=True)
    for name in engine.FILES:
        (folder / name).write_text(name)


def test_the_page_asks_nobody_else(whole):
    answer = whole.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    linked = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert sorted(set(linked) - {"data:,"}) == ["page/page.css", "page/page.js"]
    own = [address for address in parts() if "engine/" not in address]
    texts = {address: whole.get(f"/{address}").text for address in own}
    for text in [answer.text, *texts.values()]:
        assert not re.search(r"https?://|//cdn", text)
    # What the policy would not let run.
    assert not re.search(r"<script>|\son\w+=|\sstyle=|<style", answer.text)
    imported = {f"page/{name}" for text in texts.values() for name in IMPORT.findall(text)}
    assert {name for name in imported if "engine/" not in name} <= {*own}
    assert {*own} - imported == {"page/page.css", "page/page.js"}


def test_the_policy_allows_no_scripts_from_elsewhere(whole):
    policy = whole.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")
    assert "connect-src 'self'" in policy
    assert "camera=(self)" in whole.get("/").headers["permissions-policy"]


def test_only_the_parts_of_the_page_are_handed_out(whole):
    for path in ("/page/../settings.py", "/page/index.html", "/page/%2e%2e/app.py", "/page/"):
        assert whole.get(path).status_code in (404, 422)
    for path in ("/v1/page/detector.json", "/v1/page/%2e%2e/model.keras"):
        assert whole.get(path).status_code in (404, 422)


def test_a_browser_may_keep_what_has_not_changed(whole):
    first = whole.get("/page/page.js")
    assert first.headers["cache-control"] == "no-cache"
    again = whole.get("/page/page.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert whole.get("/v1/models").headers["cache-control"] == "no-store"


def test_the_page_is_told_the_numbers_and_the_words(whole):
    known = whole.get("/v1/page/knowledge.json").json()
    model = known["model"]
    assert model == whole.get("/v1/models/efficientnet_lite0").json()
    verdicts = Row.model_json_schema()["properties"]["verdict"]["enum"]
    assert {*known["headlines"]} == {*HEADLINES} == {*verdicts} == {*model["meaning"]}
    assert 0 < model["inconclusive_from"] < model["fake_from"]
    assert {source["source"] for source in model["learned"]} >= {"openforensics", "dfdc"}
    assert "at most 1 get this verdict" in model["meaning"]["fake"]
    assert model["card"].startswith("# efficientnet_lite0")


def test_without_the_engine_the_page_says_how_to_get_it(no_engine, tmp_path, capsys):
    assert main(["serve", "--page-only", str(tmp_path / "page")]) == 2
    assert engine.HOW_TO_FETCH in capsys.readouterr().err
    assert not (tmp_path / "page").exists()


def test_a_page_is_written_for_any_web_server(some_engine, tmp_path, capsys):
    out = tmp_path / "page"
    assert main(["serve", "--page-only", str(out)]) == 0
    for address in parts():
        assert (out / address).is_file()
    bundle = find_bundle("efficientnet_lite0")
    assert (out / "v1/page/model.tflite").read_bytes() == (bundle / "model.tflite").read_bytes()
    known = json.loads((out / "v1/page/knowledge.json").read_text())
    assert known["server"] is False and known["no_device"] == ""
    assert known["rules"]["calibration"] == read_info(bundle).calibration.to_dict()
    assert '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';' in (
        out / "index.html"
    ).read_text(encoding="utf-8")
    assert main(["serve", "--page-only", str(out)]) == 2
    assert "is there already" in capsys.readouterr().err


def test_a_detector_without_a_light_file_is_not_for_devices(some_engine, tmp_path, capsys):
    options = ["--model", "clip_vit", "--page-only", str(tmp_path / "page")]
    assert main(["serve", *options]) == 2
    assert "clip_vit has no model.tflite" in capsys.readouterr().err


def test_packages_of_other_content_are_refused(no_engine, tmp_path):
    (tmp_path / "core.tgz").write_bytes(b"another")
    with pytest.raises(UserError, match=r"no.* hash of @litertjs/core"):
        engine.fetch_engine([tmp_path / "core.tgz"])
    assert engine.find_engine() is None


def test_without_npm_the_other_way_is_told(no_engine, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"npm is not installed.*name the files"):
        engine.fetch_engine()

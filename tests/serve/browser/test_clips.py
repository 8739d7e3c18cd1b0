"""Videos given to the page: judged by the server, shown, clicked, cancelled, refused."""

import subprocess

import pytest

import dfd_tf

from ..conftest import served
from .axe import SCRIPT, folder
from .conftest import saved, wait_until_judged

pytest.importorskip("av", reason="needs the extra video: pip install '.[video]'")
PLAYS_AT = "() => document.querySelector('.clip video').currentTime"


@pytest.fixture(scope="module")
def knowing(browser):
    """A service whose detector knows the demo's forgeries."""
    with served("--workers", "1", "--model", "demo", log=subprocess.DEVNULL) as (_, address):
        yield address


def judged(visit, at, clip, **options):
    page = visit(at=at, **options)
    page.locator("#files").set_input_files(clip)
    wait_until_judged(page)
    return page


def test_a_forged_stretch_is_shown_and_played(visit, knowing, demo_clip):
    page = judged(visit, knowing, demo_clip)
    expected = dfd_tf.judge_video(demo_clip, model="demo")
    (video,) = saved(page)["videos"]
    assert video == {name: expected[name] for name in video} | {"path": demo_clip.name}
    assert page.locator("#status").text_content() == "Done. Looks fake."
    interval = f"Score {video['score']:.2f}, 95\u00a0% interval {video['low']:.2f}"
    assert page.locator(".clip .score").text_content().startswith(interval)
    forged, untouched = page.locator(".person").all()
    for person in (forged, untouched):
        assert person.locator("circle").count() == video["frames"] == 32
    assert "No trace of forgery" in untouched.locator("h3").text_content()
    assert untouched.locator(".stretches").count() == 0
    (segment,) = video["persons"][1]["segments"]
    forged.locator(".stretches button").click()
    assert page.evaluate(PLAYS_AT) == pytest.approx(segment["start"], abs=0.01)
    forged.locator(".faces button").first.press("Enter")
    assert page.evaluate(PLAYS_AT) == 0
    page.get_by_role("button", name="Clear").click()
    assert page.locator(".clip").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everyone_can_use_it(visit, knowing, demo_clip, scheme):
    script = folder() / SCRIPT
    if not script.is_file():
        pytest.skip("needs axe-core: make page-engine")
    narrow = {"width": 320, "height": 640}
    page = judged(visit, knowing, demo_clip, color_scheme=scheme, viewport=narrow)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.evaluate(script.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    assert not [(rule["id"], rule["nodes"][0]["html"]) for rule in found]


def test_a_video_is_cancelled(visit, knowing, demo_clip):
    page = visit(at=knowing)
    page.locator("#files").set_input_files(demo_clip)
    with page.expect_request(lambda request: request.method == "DELETE") as forgotten:
        page.locator(".clip .stage").get_by_text("Judged").wait_for()
        page.get_by_role("button", name="Cancel").press("Enter")
    job = forgotten.value
    assert job.response().status == 204
    assert page.request.get(job.url).status == 404
    page.locator(".clip").wait_for(state="detached")
    assert page.locator("#after").is_hidden()


def test_what_is_no_video_gets_its_reason(visit, knowing):
    page = visit(at=knowing)
    junk = [{"name": "holiday.mp4", "mimeType": "video/mp4", "buffer": b"hello"}]
    page.locator("#files").set_input_files(junk)
    wait_until_judged(page)
    assert "Cannot be read as a video" in page.locator(".clip .reason").text_content()
    assert "cannot play it" in page.locator(".clip figcaption").text_content()


def test_a_video_is_not_sent_by_a_page_that_sends_nothing(visit, demo_clip):
    page = visit("device")
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    page.locator("#files").set_input_files(demo_clip)
    page.locator("#status").get_by_text("Only the server judges videos").wait_for()
    assert not sent
    assert page.locator(".clip").count() == 0

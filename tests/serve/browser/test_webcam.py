"""The webcam: frames are judged at the pace that is kept, and none is left when it ends."""

import re

from .conftest import saved, wait_until_judged

RUNNING = re.compile(
    r"^(A verdict in \d s, if the face stays|Over \d+ frames of \d+ s its score lies .*)\.$"
)
PACE = re.compile(r"^[\d.]+ frames a second, each \d+ ms old when judged$")


def test_frames_are_judged_on_this_device(visit):
    page = visit("device", permissions=["camera"])
    page.context.set_offline(True)
    page.get_by_role("button", name="Use the webcam").click()
    page.locator("#frame-rows .verdict").first.wait_for()
    assert PACE.match(page.locator("#pace").text_content())
    assert RUNNING.match(page.locator("#frame-rows .reason").first.text_content())
    page.get_by_role("button", name="Judge this frame").click()
    wait_until_judged(page)
    page.get_by_role("button", name="Stop").click()
    page.locator("#camera").wait_for(state="hidden")
    assert page.locator("#video").evaluate("e => e.srcObject") is None
    (row,) = saved(page)["rows"]
    assert row["path"] == "webcam.png" and row["score"] is not None


def test_frames_are_judged_by_the_server(visit):
    page = visit(permissions=["camera"])
    page.get_by_role("button", name="Use the webcam").click()
    page.locator("#frame-rows .verdict").first.wait_for()
    page.get_by_role("button", name="Stop").click()
    page.locator("#camera").wait_for(state="hidden")

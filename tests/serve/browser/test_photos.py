"""Photos by every way into the page, judged by the server; with the keyboard alone; saved."""

import json
from pathlib import Path

import httpx
import pytest

from .conftest import PORTRAIT, saved, wait_until_judged


@pytest.fixture(scope="module")
def answer(address):
    """What the API says of the portrait."""
    files = [("files", (PORTRAIT.name, PORTRAIT.read_bytes()))]
    return httpx.post(f"{address}/v1/images", files=files, timeout=60).json()


def test_a_chosen_photo_is_judged_and_saved(visit, answer):
    page = visit()
    page.locator("#files").set_input_files(PORTRAIT)
    wait_until_judged(page)
    assert saved(page)["rows"] == answer["rows"]
    score = f"Score {answer['rows'][0]['score']:.2f}"
    assert page.locator("#results .score").text_content().startswith(score)
    page.get_by_role("button", name="Clear").click()
    assert page.locator("#results .photo").count() == 0


def test_a_pasted_photo_is_judged(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(80, 60);
          canvas.getContext("2d").fillRect(0, 0, 40, 60);
          const picture = await canvas.convertToBlob();
          await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
        }"""
    )
    page.keyboard.press("Control+V")
    wait_until_judged(page)
    assert page.locator("#results .word").text_content() == "No face"


def test_a_file_that_is_no_image_gets_its_reason(visit):
    page = visit()
    files = [{"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"}]
    page.locator("#files").set_input_files(files)
    wait_until_judged(page)
    assert "Not an image" in page.locator("#results .reason").text_content()
    assert "cannot show it" in page.locator("#results figcaption").text_content()


def test_the_keyboard_is_enough(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert page.locator("#on-server").evaluate("e => e === document.activeElement")
    page.keyboard.press("Tab")
    with page.expect_file_chooser(timeout=20_000) as chooser:
        page.keyboard.press("Space")  # opens a chooser in every browser; Enter does so in some
    chooser.value.set_files(PORTRAIT)
    wait_until_judged(page)
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.locator("#save").evaluate("e => e === document.activeElement"):
            break
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert len(json.loads(Path(download.value.path()).read_text())["rows"]) == 1


def test_a_server_that_does_not_answer_is_said(visit):
    page = visit()
    page.context.set_offline(True)
    page.locator("#files").set_input_files(PORTRAIT)
    page.get_by_text("The server does not answer.").wait_for()

"""A real browser before a real service. Without a browser, or the page's engine, tests skip."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from PIL import Image

from dfd_tf.serve.page.engine import HOW_TO_FETCH, find_engine

from ..conftest import served

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PORTRAIT = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
PATIENCE = 120_000  # ms; the machine may have other things to do


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser's webcam sees: one picture, over and over."""
    path = tmp_path_factory.mktemp("camera") / "portrait.mjpeg"
    buffer = io.BytesIO()
    Image.open(PORTRAIT).resize((480, 560)).save(buffer, "JPEG", quality=95, subsampling=2)
    path.write_bytes(buffer.getvalue())
    return path


@pytest.fixture(scope="session")
def browser(camera: Path) -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"needs a browser: one of {', '.join(BROWSERS)}")
    options = [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    ]
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=options)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def address(browser: Any) -> Iterator[str]:
    """A service that a browser may ask."""
    with served("--workers", "1", log=subprocess.DEVNULL) as (_, address):
        yield address


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Open the page in a window of its own, ready to judge."""
    contexts = []

    def make(where: str = "server", at: str = address, **options: object) -> Any:
        if where == "device" and find_engine() is None:
            pytest.skip(f"needs the page's engine: {HOW_TO_FETCH}")
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        # Without its networks the page stays with the server, and is ready at once.
        if where == "server":
            page.route("**/v1/page/knowledge.json", _without_device)
        page.goto(at)
        page.locator("#goes").get_by_text("Photos").wait_for()
        if where == "device":
            page.get_by_text("Ready.").wait_for()
        return page

    yield make
    for context in contexts:
        context.close()


def _without_device(route: Any) -> None:
    answer = route.fetch()
    known = {**answer.json(), "rules": None, "no_device": "for this test"}
    route.fulfill(response=answer, json=known)


def wait_until_judged(page: Any) -> None:
    page.locator("#status").get_by_text("Done.").wait_for()


def saved(page: Any) -> dict[str, Any]:
    """What the page saves as JSON."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as JSON").click()
    return json.loads(Path(download.value.path()).read_text())

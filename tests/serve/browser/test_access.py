"""Everyone can use the page: what axe finds, narrow screens, dark ones."""

import pytest

from .axe import SCRIPT, folder
from .conftest import PORTRAIT, wait_until_judged


def shown(visit, **options):
    """The page with a verdict, an error and everything unfolded."""
    page = visit(**options)
    nothing = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"}
    for files in (PORTRAIT, nothing):
        page.locator("#files").set_input_files(files)
        wait_until_judged(page)
    page.get_by_text("Its card").click()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit, scheme):
    script = folder() / SCRIPT
    if not script.is_file():
        pytest.skip("needs axe-core: make page-engine")
    page = shown(visit, color_scheme=scheme)
    page.evaluate(script.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    assert not [(rule["id"], rule["nodes"][0]["html"]) for rule in found]


def test_a_narrow_screen_needs_no_scrolling_to_the_side(visit):
    page = shown(visit, viewport={"width": 320, "height": 640})
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1] == 320

"""The page judges on its own, as Python does, and without the network."""

import io
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from dfd_tf import load_detector
from dfd_tf.cli import main
from dfd_tf.detectors.reading import NamedBytes
from dfd_tf.serve.page.engine import HOW_TO_FETCH

from .conftest import PORTRAIT, saved, wait_until_judged

SAME = 1e-4


def encoded(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def portrait(side=None):
    picture = Image.open(PORTRAIT).convert("RGB")
    return picture.resize((side, side), Image.Resampling.BICUBIC) if side else picture


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def two_people():
    picture = portrait()
    both = Image.new("RGB", (1100, 620), "grey")
    both.paste(picture, (10, 10))
    both.paste(picture.resize((400, 470)), (640, 40))
    return both


def exact():
    """Files whose pixels every decoder agrees on."""
    picture = portrait()
    clear = picture.convert("RGBA")
    clear.putalpha(Image.new("L", picture.size, 255))
    return {
        "portrait.png": encoded(picture, "PNG"),
        "group.png": encoded(two_people(), "PNG"),
        "lying.png": encoded(picture.rotate(90, expand=True), "PNG"),
        "large.png": encoded(portrait(1100), "PNG", compress_level=1),
        "small.png": encoded(portrait(120), "PNG"),
        "tiny.png": encoded(portrait(31), "PNG"),
        "small face.png": encoded(two_people().resize((275, 155)), "PNG"),
        "nobody.png": encoded(Image.new("RGB", (300, 300), "teal"), "PNG"),
        "palette.gif": encoded(picture.quantize(), "GIF"),
        "grey.png": encoded(picture.convert("L"), "PNG"),
        "opaque.png": encoded(clear, "PNG"),
        "deep.png": cv2.imencode(".png", np.asarray(picture, np.uint16) * 257)[1].tobytes(),
        "plain.bmp": encoded(picture, "BMP"),
        "srgb.png": encoded(
            picture,
            "PNG",
            icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        ),
    }


def compressed():
    """Files whose pixels depend on the decoder."""
    picture = portrait()
    return {
        "portrait.jpg": PORTRAIT.read_bytes(),
        "coarse.jpg": encoded(picture, "JPEG", quality=40, subsampling=2),
        "progressive.jpg": encoded(picture, "JPEG", quality=90, progressive=True),
        "on its side.jpg": encoded(
            picture.rotate(90, expand=True), "JPEG", quality=95, exif=turned(6)
        ),
        "lossy.webp": encoded(picture, "WEBP", quality=80),
    }


def judged_here(page, files):
    """Rows of files by their names, as the page saves them; 16 at a time."""
    names = list(files)
    for start in range(0, len(names), 16):
        payload = [
            {"name": name, "mimeType": "", "buffer": files[name]}
            for name in names[start : start + 16]
        ]
        page.locator("#files").set_input_files(payload)
        wait_until_judged(page)
    rows = saved(page)["rows"]
    return {name: [row for row in rows if row["path"] == name] for name in names}


@pytest.fixture(scope="module")
def python():
    detector = load_detector(engine="lite")

    def rows(name, content):
        (judged,) = detector.judgements([NamedBytes(name, content)])
        return [judgement.as_row() for judgement in judged]

    return rows


def assert_same(here, there, most):
    assert len(here) == len(there)
    for ours, theirs in zip(here, there, strict=True):
        assert ours["verdict"] == theirs["verdict"]
        assert ours["reason"] == theirs["reason"]
        assert ours["face"] == theirs["face"]
        assert (ours["score"] is None) == (theirs["score"] is None)
        if ours["score"] is not None:
            assert abs(ours["score"] - theirs["score"]) <= most


def test_scores_are_those_of_python(visit, python):
    page = visit("device")
    files = exact()
    rows = judged_here(page, files)
    for name, content in files.items():
        assert_same(rows[name], python(name, content), SAME)
    verdicts = {name: rows[name][0]["verdict"] for name in files}
    assert verdicts["nobody.png"] == "no face" and verdicts["tiny.png"] == "error"
    assert len(rows["group.png"]) == 2


def test_scores_of_compressed_photos_are_those_of_python(visit, python):
    page = visit("device")
    files = compressed()
    rows = judged_here(page, files)
    for name, content in files.items():
        assert_same(rows[name], python(name, content), SAME)


def test_nothing_is_sent_and_no_network_is_needed(visit):
    page = visit("device")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(True)
    page.locator("#files").set_input_files(PORTRAIT)
    wait_until_judged(page)
    assert page.locator("#results .verdict").count() == 1
    assert not [url for url in asked if not url.startswith("blob:")]


@pytest.fixture
def page_alone(tmp_path):
    """The page as files of a web server that knows nothing of it."""
    folder = tmp_path / "page"
    if main(["serve", "--page-only", str(folder)]):
        pytest.skip(f"needs the page's engine: {HOW_TO_FETCH}")
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_page_alone_judges(visit, page_alone, python):
    page = visit("device", page_alone)
    assert page.locator("#on-server").is_disabled()
    page.locator("#files").set_input_files(PORTRAIT)
    wait_until_judged(page)
    assert_same(saved(page)["rows"], python(PORTRAIT.name, PORTRAIT.read_bytes()), SAME)

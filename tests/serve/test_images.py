"""What POST /v1/images says of photos, and of what is none."""

import hashlib
import io
import json
import logging
import zlib
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

from dfd_tf.cli import main
from dfd_tf.serve.logs import LOG, _JsonLines
from dfd_tf.serve.settings import Settings

from .conftest import running


@pytest.fixture(scope="module")
def files(encode):
    """Photos of all formats, and files that nobody can judge, by name."""
    turned = Image.Exif()
    turned[0x0112] = 6
    jpeg, png = encode(), encode("PNG")
    cmyk = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("CMYK").save(cmyk, "JPEG")
    return {
        "a.jpg": jpeg,
        "b.png": png,
        "c.webp": encode("WEBP", 1),
        "d.bmp": encode("BMP", 2),
        "e.gif": encode("GIF", 3),
        "turned.jpg": encode("JPEG", 4, exif=turned.tobytes()),
        "cmyk.jpg": cmyk.getvalue(),
        "png named.jpg": png,
        "empty.jpg": b"",
        "text.png": b"this is no image",
        "<script>.jpg": b"<html><script>alert(1)</script></html>",
        "half.png": png[: len(png) // 2],
        "half.jpg": jpeg[: len(jpeg) // 2],
        "small.png": encode("PNG")[:8],
        "pdf.jpg": b"%PDF-1.7 nothing",
        "naïve 😀.jpg": jpeg,
    }


def predicted(folder, capsys, *options):
    """What `dfd predict` prints of a folder, by the files' names."""
    main(["predict", str(folder), "--format", "json", "--quiet", *options])
    rows = json.loads(capsys.readouterr().out)
    return {row["path"].removeprefix(f"{folder}/"): row for row in rows}


@pytest.mark.parametrize("faces", ["auto", "whole"])
def test_answers_what_predict_prints_to_the_last_digit(files, faces, tmp_path, capsys):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    expected = predicted(tmp_path, capsys, "--faces", faces)
    with running(Settings(faces=faces)) as (client, _):
        sent = [("files", (name, content)) for name, content in files.items()]
        answer = client.post("/v1/images", files=sent)
    assert answer.status_code == 200
    rows = answer.json()["rows"]
    assert [row["path"] for row in rows] == list(files)
    for row in rows:
        assert row == expected[row["path"]] | {"path": row["path"]}
    judged = [row for row in rows if row["score"] is not None]
    assert len(judged) == (9 if faces == "whole" else 0)  # noise shows no face
    assert all(row["reason"] for row in rows if row["score"] is None)


def test_faces_of_real_photos_are_those_of_predict(data_root, capsys):
    folder = data_root / "wild" / "test" / "real"
    photos = sorted(folder.glob("*.jpg"))[:6]
    main(["predict", *map(str, photos), "--format", "json", "--quiet", "--faces", "detect"])
    expected = json.loads(capsys.readouterr().out)
    with running(Settings(faces="detect")) as (client, _):
        sent = [("files", (str(path), path.read_bytes())) for path in photos]
        rows = client.post("/v1/images", files=sent).json()["rows"]
    assert rows == expected
    assert any(row["face"] for row in rows)


def test_a_face_in_a_photo_is_judged_as_predict_judges_it(capsys):
    photo = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
    main(["predict", str(photo), "--format", "json", "--quiet", "--faces", "detect"])
    with running(Settings(faces="detect")) as (client, _):
        sent = [("files", (str(photo), photo.read_bytes()))] * 2
        rows = client.post("/v1/images", files=sent).json()["rows"]
    assert rows == json.loads(capsys.readouterr().out) * 2
    assert rows[0]["face"]["width"] > 50


def test_the_order_is_that_of_the_form_and_one_photo_does_not_change_another(whole, encode, form):
    photos = {f"{seed}.png": encode("PNG", seed) for seed in range(16)}
    together = whole.post("/v1/images", files=form(**photos)).json()["rows"]
    assert [row["path"] for row in together] == list(photos)
    for name, row in zip(list(photos)[::5], together[::5], strict=True):
        alone = whole.post("/v1/images", files=form(**{name: photos[name]})).json()["rows"]
        assert alone == [row]


def test_a_file_without_a_name_is_a_photo(whole, encode):
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename=""\r\n\r\n'
    body += encode() + b"\r\n--x--\r\n"
    answer = whole.post(
        "/v1/images", content=body, headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert [row["path"] for row in answer.json()["rows"]] == ["photo"]


def test_a_picture_of_very_many_pixels_costs_a_row_and_no_memory(whole, form):
    pixels = np.zeros((1, 1), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    bomb = bytearray(buffer.getvalue())
    bomb[16:24] = (30_000).to_bytes(4) * 2
    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4)
    row = whole.post("/v1/images", files=form(bomb=bytes(bomb))).json()["rows"][0]
    assert row["verdict"] == "error"
    assert "megapixels" in row["reason"]


def test_the_log_has_hashes_and_neither_names_nor_pictures(whole, encode, form):
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(_JsonLines())
    level = LOG.level
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    try:
        whole.post("/v1/images", files=form(anna_and_ben=encode()))
        whole.get("/v1/models/anna_and_ben?who=anna")
    finally:
        LOG.removeHandler(handler)
        LOG.setLevel(level)
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert logged[0]["sha256"] == [hashlib.sha256(encode()).hexdigest()]
    assert logged[0]["status"] == 200
    assert logged[1]["route"] == "/v1/models/{name}"
    assert "anna" not in lines.getvalue()


def test_verdicts_and_times_are_counted(whole, encode, form):
    def count(name):
        lines = whole.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    names = ("dfd_verdicts_total", "dfd_score_seconds_count", 'dfd_verdicts_total{verdict="error"}')
    before = [count(name) for name in names]
    whole.post("/v1/images", files=form(a=encode(), b=b"none"))
    assert [count(name) - old for name, old in zip(names, before, strict=True)] == [2, 1, 1]
    assert count("dfd_queue_depth") == 0

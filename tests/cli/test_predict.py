import io
import json
import struct
import zlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dfd_tf.data.images.decode import read_image
from dfd_tf.detectors.bundle import load_detector


def png_header(width, height):
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


def encoded(pixels, file_format, **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, file_format, **options)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Twenty files that no one can judge."""
    folder = tmp_path_factory.mktemp("hostile")
    pixels = np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    jpeg, png = encoded(pixels, "JPEG"), encoded(pixels, "PNG")
    files = {
        "empty.jpg": b"",
        "text.jpg": b"this is no image",
        "zeros.png": bytes(1000),
        "html.jpg": b"<html><script>alert(1)</script></html>",
        "pdf.png": b"%PDF-1.7 nothing",
        "huge.png": png_header(30000, 30000),
        "empty_size.png": png_header(0, 10),
        "one_pixel.png": encoded(pixels[:1, :1], "PNG"),
        "narrow.jpg": encoded(pixels[:20], "JPEG"),
        "signature_only.jpg": jpeg[:2],
        "elf.jpg": b"\x7fELF" + bytes(60),
        "zip.webp": b"PK\x03\x04" + bytes(60),
        "half.png": png[: len(png) // 2],
        "half.webp": encoded(pixels, "WEBP")[:200],
        "half.gif": encoded(pixels, "GIF")[:300],
        "half.bmp": encoded(pixels, "BMP")[:500],
        "a,b\n'\"c.jpg": b"odd name",
        **{f"cut_{share}.jpg": jpeg[: len(jpeg) * share // 100] for share in (10, 50, 95)},
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def test_hostile_folder_gives_a_row_and_a_reason_for_every_file(dfd, run, hostile):
    done = dfd("predict", hostile, "--model", run, "--format", "csv")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    rows = pd.read_csv(io.StringIO(done.stdout))
    assert len(rows) == 20
    assert (rows.verdict == "error").all()
    assert rows.score.isna().all()
    assert rows.reason.str.len().min() > 5
    table = dfd("predict", hostile, "--model", run)
    assert len(table.stdout.splitlines()) == 21


def test_prints_the_same_score_in_every_format_as_evaluation_and_python(dfd, run, faces):
    evaluated = pd.read_csv(run / "predictions.csv").head(3)
    done = dfd("predict", *evaluated.path, "--model", run / "bundle", "--format", "json")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert [row["score"] for row in printed] == pytest.approx(list(evaluated.score), abs=1e-9)
    assert [row["verdict"] for row in printed] == list(evaluated.verdict)
    detector = load_detector(run)
    scores = detector.score([read_image(path) for path in evaluated.path])
    np.testing.assert_allclose(scores, evaluated.score, atol=6e-7)
    alone = detector.score([read_image(evaluated.path[2])])
    assert alone[0] == pytest.approx(scores[2], abs=1e-7)


def test_takes_paths_from_standard_input_and_writes_a_file(dfd, run, faces, tmp_path):
    paths = sorted((faces / "test" / "real").iterdir())[:2]
    done = dfd(
        "predict",
        "-",
        "--model",
        run,
        "--format",
        "csv",
        "--out",
        tmp_path / "v.csv",
        stdin="\n".join(map(str, paths)) + "\n",
    )
    assert done.returncode == 0
    assert done.stdout == ""
    assert pd.read_csv(tmp_path / "v.csv").path.tolist() == [str(path) for path in paths]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [(["photo.jpg", "--model", "nothing"], "No detector at 'nothing'"), ([], "PATH")],
)
def test_wrong_usage_exits_with_2(dfd, arguments, answer):
    done = dfd("predict", *arguments)
    assert done.returncode == 2
    assert answer in done.stderr


def test_missing_file_keeps_its_row(dfd, run, tmp_path):
    done = dfd("predict", tmp_path / "none.jpg", "--model", run, "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout)[0]["reason"] == "no such file"

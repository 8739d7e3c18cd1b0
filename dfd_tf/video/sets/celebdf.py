"""Celeb-DF, first and second version, with the list of its test videos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dfd_tf.types import FAKE, REAL
from dfd_tf.video.files import videos_below
from dfd_tf.video.sets.record import LabelledVideo, VideoLayout

_FOLDERS = {"Celeb-real": REAL, "YouTube-real": REAL, "Celeb-synthesis": FAKE}
_TEST_LIST = "List_of_testing_videos.txt"


def _read(root: Path) -> Iterator[LabelledVideo]:
    tests = _tests(root / _TEST_LIST)
    for folder, label in _FOLDERS.items():
        for path in videos_below(root / folder):
            name = f"{folder}/{path.name}"
            split = ("test" if name in tests else "train") if tests else ""
            yield LabelledVideo(path, label, _group(folder, path.stem), split)


def _tests(path: Path) -> set[str]:
    """Lines such as "1 YouTube-real/00170.mp4", where 1 is real; the folder says that, too."""
    if not path.is_file():
        return set()
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return {line.split()[-1] for line in lines if line.strip()}


def _group(folder: str, stem: str) -> str:
    """The person who is seen: a fake is id5_id7_0003, where 7's face was put on 5's video."""
    return f"youtube {stem}" if folder == "YouTube-real" else stem.split("_")[0]


RECORDS = (VideoLayout("celebdf", "Celeb-real, YouTube-real and Celeb-synthesis", _read),)

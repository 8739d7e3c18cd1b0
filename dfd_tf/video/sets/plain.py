"""Folders real and fake, with or without train, valid and test above them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dfd_tf.data.sets.folders.vocabulary import class_of, split_of
from dfd_tf.video.files import videos_below
from dfd_tf.video.sets.record import LabelledVideo, VideoLayout


def _read(root: Path) -> Iterator[LabelledVideo]:
    if not root.is_dir():
        return
    folders = sorted(folder for folder in root.iterdir() if folder.is_dir())
    splits = [(folder, split) for folder in folders if (split := split_of(folder.name))]
    for place, split in [(root, ""), *splits]:
        for folder in sorted(child for child in place.iterdir() if child.is_dir()):
            label = class_of(folder.name)
            if label is not None:
                for path in videos_below(folder):
                    yield LabelledVideo(path, label, path.stem, split)


RECORDS = (VideoLayout("plain", "[SPLIT/]real and [SPLIT/]fake", _read),)

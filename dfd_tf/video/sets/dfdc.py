"""The DeepFake Detection Challenge: folders of videos, each with a metadata.json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dfd_tf.errors import UserError
from dfd_tf.types import FAKE, REAL
from dfd_tf.video.sets.record import LabelledVideo, VideoLayout

_METADATA = "metadata.json"
_LABELS = {"REAL": REAL, "FAKE": FAKE}


def _read(root: Path) -> Iterator[LabelledVideo]:
    for metadata in sorted({*root.glob(_METADATA), *root.glob(f"*/{_METADATA}")}):
        for name, known in sorted(_content(metadata).items()):
            path = metadata.parent / Path(name).name  # a table from elsewhere names nothing outside
            if path.is_file() and known.get("label") in _LABELS:
                group = known.get("original") or name
                yield LabelledVideo(path, _LABELS[known["label"]], str(group))


def _content(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): dict(known) for name, known in content.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UserError(f"{path} is no metadata of DFDC: {error}.") from None


RECORDS = (VideoLayout("dfdc", "videos beside a metadata.json of label and original", _read),)

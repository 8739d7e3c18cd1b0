"""What other verbs found, to stand on the page of an evaluation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dfd_tf.errors import UserError
from dfd_tf.types import Image

MapOf = Callable[[Image, float], Image]


@dataclass(frozen=True)
class Beside:
    """Evidence beside the scores; what is None is left out.

    Attributes:
        map_of: from an RGB image and its score to the image overlaid with what speaks for the
            verdict.
        robustness: content of robustness.json.
        audit: content of audit.json.
    """

    map_of: MapOf | None = None
    robustness: Mapping[str, Any] | None = None
    audit: Mapping[str, Any] | None = None


def read_robustness(folder: Path, threshold: float) -> dict[str, Any]:
    """Read what `dfd robustness` wrote.

    Raises:
        UserError: nothing is there, or it was measured with a detector of another threshold.
    """
    found = _read(folder / "robustness.json", "dfd robustness")
    if abs(found["threshold"] - threshold) > 1e-9:
        raise UserError(
            f"{folder} was measured with another detector (threshold {found['threshold']:.4f}, "
            f"here {threshold:.4f}). Repeat dfd robustness with this one."
        )
    return found


def read_audit(folder: Path) -> dict[str, Any]:
    """Read what `dfd audit` wrote.

    Raises:
        UserError: nothing is there.
    """
    return _read(folder / "audit.json", "dfd audit")


def _read(path: Path, verb: str) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} cannot be read ({error}). Name the folder that {verb} --out wrote."
        ) from None

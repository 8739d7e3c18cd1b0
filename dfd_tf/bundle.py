"""A trained detector as a folder, and the detector loaded from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf import calibration
from dfd_tf.calibration import Calibration
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.errors import UserError
from dfd_tf.scoring import score_files, score_images

if TYPE_CHECKING:
    import keras

FORMAT = 1
CLASS_NAMES = ("real", "fake")
DEFAULT_MODEL = "amtenet"


@dataclass(frozen=True)
class Detector:
    """A detector ready to judge.

    Attributes:
        model: Keras model from pixels in [0, 255] to one logit, in float32.
        info: content of detector.json.
    """

    model: keras.Model
    info: dict[str, Any]

    @cached_property
    def preprocessing(self) -> Preprocessing:
        """How images become inputs."""
        return Preprocessing(**self.info["preprocessing"])

    @cached_property
    def calibration(self) -> Calibration:
        """Temperature and thresholds."""
        return Calibration.from_dict(self.info["calibration"])

    def score(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        """Calibrated P(fake) of RGB images, uint8, shape (height, width, 3): shape (n,)."""
        logits = score_images(self.model, self.preprocessing, images)
        return calibration.scores(logits, self.calibration)

    def judge(self, paths: Sequence[str | Path], *, progress: bool = False) -> pd.DataFrame:
        """Judge image files.

        Returns:
            One row a path, in order: path, score (NaN if it could not be judged), verdict (real,
            fake, inconclusive or error), reason (for the last two), logit.
        """
        logits, problems = score_files(self.model, self.preprocessing, paths, progress=progress)
        scores = calibration.scores(logits, self.calibration)
        reasons = [
            problem or calibration.reason_for(score, self.calibration)
            for problem, score in zip(problems, scores, strict=True)
        ]
        return pd.DataFrame(
            {
                # Names that are no UTF-8 fit no string dtype.
                "path": pd.Series([str(path) for path in paths], dtype=object),
                "score": scores,
                "verdict": calibration.verdicts(scores, self.calibration),
                "reason": reasons,
                "logit": logits,
            }
        )


def save_bundle(folder: Path, model: keras.Model, info: dict[str, Any]) -> Detector:
    """Write model.keras and detector.json and return the detector.

    Args:
        folder: made if absent.
        model: float32 model, as `build_model(info["architecture"], **info["arguments"])` builds.
        info: architecture, arguments, preprocessing, calibration and whatever describes the
            detector; format, class names and the weights' hash are added.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / "model.keras")
    info = {
        "format": FORMAT,
        "class_names": CLASS_NAMES,
        **info,
        "weights_sha256": _sha256(folder / "model.keras"),
    }
    write_info(folder, info)
    return Detector(model, info)


def write_info(folder: Path, info: dict[str, Any]) -> None:
    """Write detector.json."""
    text = json.dumps(info, indent=2, ensure_ascii=False)
    (folder / "detector.json").write_text(text + "\n", encoding="utf-8")


def load_detector(where: str | Path = DEFAULT_MODEL) -> Detector:
    """Load a bundle folder, a run folder or a shipped detector by its name.

    The network is rebuilt from the registry and only its weights are read from the file, after
    their hash was verified: no code comes out of a bundle.

    Raises:
        UserError: no bundle is there, it was written by a newer version, or its weights are not
            those that detector.json names.
    """
    from dfd_tf.models import build_model

    folder = find_bundle(where)
    info = read_info(folder)
    weights = folder / "model.keras"
    if not weights.is_file() or _sha256(weights) != info["weights_sha256"]:
        raise UserError(
            f"{weights} is missing or is not the file that detector.json describes. "
            "Copy the bundle again; do not use it as it is."
        )
    model = build_model(info["architecture"], **info["arguments"])
    model.load_weights(weights)
    return Detector(model, info)


def find_bundle(where: str | Path) -> Path:
    """Folder of a bundle, given itself, its run or its shipped name.

    Raises:
        UserError: nothing there; the message lists the shipped detectors.
    """
    for folder in (Path(where), Path(where) / "bundle", shipped_models() / str(where)):
        if (folder / "detector.json").is_file():
            return folder
    raise UserError(
        f"No detector at {str(where)!r}. Expected a bundle folder (with detector.json), a run "
        f"folder, or the name of a shipped detector: {list_shipped()}."
    )


def shipped_models() -> Path:
    """Folder of the detectors that come with the package."""
    package = Path(__file__).parent
    installed = package / "saved_models"
    return installed if installed.is_dir() else package.parent / "saved_models"


def list_shipped() -> list[str]:
    """Names of the detectors that come with the package."""
    return sorted(path.parent.name for path in shipped_models().glob("*/detector.json"))


def read_info(folder: Path) -> dict[str, Any]:
    """Read detector.json.

    Raises:
        UserError: it is no JSON object of a known format.
    """
    try:
        info = json.loads((folder / "detector.json").read_text(encoding="utf-8"))
        known = info["format"] == FORMAT
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{folder / 'detector.json'} is damaged: {error!r}") from None
    if not known:
        raise UserError(
            f"{folder} has bundle format {info['format']!r}; this version reads {FORMAT}. "
            "Upgrade dfd_tf, or train the detector anew."
        )
    return dict(info)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

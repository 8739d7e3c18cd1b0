"""A trained detector as a folder: written, found, verified, loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from dfd_tf import DEFAULT_MODEL
from dfd_tf.detectors.detector import Detector
from dfd_tf.errors import UserError
from dfd_tf.lite import FILE as LITE_FILE
from dfd_tf.lite import LiteModel, lite_is_installed
from dfd_tf.types import CLASS_NAMES

if TYPE_CHECKING:
    import keras

Engine = Literal["keras", "lite", "auto"]

# 2 where the calibration is more than a temperature and thresholds: what reads only 1 would
# apply the temperature and give other scores in silence.
FORMAT, RICHER_CALIBRATION = 1, 2
WEIGHTS_FILE = "model.keras"
LITE_DIGEST = "tflite_sha256"


def save_bundle(folder: Path, model: keras.Model, info: dict[str, Any]) -> Detector:
    """Write model.keras and detector.json and return the detector.

    Args:
        folder: made if absent.
        model: float32 model, as `build_model(info["architecture"], **info["arguments"])` builds.
        info: architecture, arguments, preprocessing, calibration and whatever describes the
            detector; format, class names and the weights' hash are added. Where it names a
            backbone or members, whose weights can be had elsewhere, only the layers above them
            are written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _own_part(model, info).save(folder / WEIGHTS_FILE)
    _compress(folder / WEIGHTS_FILE)
    info = in_format(
        {
            "class_names": CLASS_NAMES,
            **info,
            "weights_sha256": _sha256((folder / WEIGHTS_FILE).read_bytes()),
        }
    )
    write_info(folder, info)
    return Detector(model, info)


def in_format(info: dict[str, Any]) -> dict[str, Any]:
    """The content of detector.json under the number of the format that its calibration needs."""
    is_richer = {"map", "selective"} & set(info.get("calibration", {}))
    rest = {name: value for name, value in info.items() if name != "format"}
    return {"format": RICHER_CALIBRATION if is_richer else FORMAT, **rest}


def write_info(folder: Path, info: dict[str, Any]) -> None:
    """Write detector.json."""
    text = json.dumps(info, indent=2, ensure_ascii=False)
    (folder / "detector.json").write_text(text + "\n", encoding="utf-8")


def load_detector(where: str | Path = DEFAULT_MODEL, *, engine: Engine = "keras") -> Detector:
    """Load a bundle folder, a run folder or a shipped detector by its name.

    The network is rebuilt from the registry and only its weights are read from the file, after
    their hash was verified: no code comes out of a bundle.

    Args:
        where: the folder or the name.
        engine: "keras"; "lite" for the bundle's LiteRT file, without TensorFlow, whose scores
            differ by 1e-4 at most; "auto" for "lite" where the bundle has that file and the
            machine its runtime.

    Raises:
        UserError: no bundle is there, it was written by a newer version, its weights are not
            those that detector.json names, those of its backbone are not installed, or it has
            no file for the engine.
    """
    folder = find_bundle(where)
    info = read_info(folder)
    if choose_engine(folder, engine) == "lite":
        if LITE_DIGEST not in info:
            raise UserError(
                f"{folder} has no {LITE_FILE}. Write it where TensorFlow is installed: "
                f"dfd export --model {where} --format tflite --into-bundle"
            )
        return Detector(LiteModel(_read_verified(folder / LITE_FILE, info[LITE_DIGEST])), info)
    _read_verified(folder / WEIGHTS_FILE, info["weights_sha256"])
    model = _ensemble(info["members"]) if "members" in info else _network(info)
    _own_part(model, info).load_weights(folder / WEIGHTS_FILE)
    return Detector(model, info)


def _network(info: dict[str, Any]) -> keras.Model:
    """The network of detector.json, with the weights that are not in the bundle."""
    from dfd_tf.models import build_model
    from dfd_tf.pretrained import load_pretrained

    model = build_model(info["architecture"], **info["arguments"])
    if "backbone" in info:
        load_pretrained(model, info["architecture"])
    return model


def _ensemble(members: Sequence[dict[str, Any]]) -> keras.Model:
    from dfd_tf.detectors.ensemble import unite

    detectors = [load_detector(member["detector"]) for member in members]
    for detector, member in zip(detectors, members, strict=True):
        if detector.info["weights_sha256"] != member["weights_sha256"]:
            raise UserError(
                f"{member['detector']!r} is not the detector that the ensemble was made of: its "
                "weights have changed. Combine the detectors anew."
            )
    return unite(detectors)


def _compress(path: Path) -> None:
    """Write a zip file anew, deflated and without dates, which Keras leaves undone."""
    with ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for name, part in content.items():
            entry = ZipInfo(name)
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, part)


def _own_part(model: keras.Model, info: dict[str, Any]) -> keras.Model:
    """The layers whose weights are in the bundle's file."""
    if "members" in info:
        import keras

        from dfd_tf.detectors.ensemble import LOGITS

        return keras.Model(model.get_layer(LOGITS).output, model.output)
    if "backbone" in info:
        from dfd_tf.pretrained import backbone_and_head

        return backbone_and_head(model, info["architecture"])[1]
    return model


def choose_engine(where: str | Path, engine: Engine = "auto") -> Engine:
    """What "auto" stands for here: "lite" where bundle and machine allow, else "keras"."""
    if engine != "auto":
        return engine
    has_file = LITE_DIGEST in read_info(find_bundle(where))
    return "lite" if has_file and lite_is_installed() else "keras"


def add_lite_file(folder: Path, content: bytes) -> None:
    """Give a bundle its LiteRT file, which detector.json names by its hash from then on."""
    (folder / LITE_FILE).write_bytes(content)
    write_info(folder, read_info(folder) | {LITE_DIGEST: _sha256(content)})


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
        f"folder, or the name of a shipped detector: {list_models()}."
    )


def shipped_models() -> Path:
    """Folder of the detectors that come with the package."""
    package = Path(__file__).parent.parent
    installed = package / "saved_models"
    return installed if installed.is_dir() else package.parent / "saved_models"


def list_models() -> list[str]:
    """Names of the detectors that come with the package."""
    return sorted(path.parent.name for path in shipped_models().glob("*/detector.json"))


def read_info(folder: Path) -> dict[str, Any]:
    """Read detector.json.

    Raises:
        UserError: it is no JSON object of a known format.
    """
    try:
        info = json.loads((folder / "detector.json").read_text(encoding="utf-8"))
        known = info["format"] in (FORMAT, RICHER_CALIBRATION)
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{folder / 'detector.json'} is damaged: {error!r}") from None
    if not known:
        raise UserError(
            f"{folder} has bundle format {info['format']!r}; this version reads up to "
            f"{RICHER_CALIBRATION}. "
            "Upgrade dfd_tf, or train the detector anew."
        )
    return dict(info)


def _read_verified(path: Path, digest: str) -> bytes:
    content = path.read_bytes() if path.is_file() else b""
    if _sha256(content) != digest:
        raise UserError(
            f"{path} is missing or is not the file that detector.json describes. "
            "Copy the bundle again; do not use it as it is."
        )
    return content


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

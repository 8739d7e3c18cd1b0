"""A trained detector as a folder: written, verified, loaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dfd_tf import DEFAULT_MODEL
from dfd_tf.backend import own_settings
from dfd_tf.data.sets.seen_files import read_seen
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.ensemble import Ensemble
from dfd_tf.detectors.files import compress, read_verified, sha256
from dfd_tf.detectors.info import DetectorInfo, Knowledge, Member, read_info, write_info
from dfd_tf.detectors.joining import ensemble_of
from dfd_tf.detectors.locate import find_bundle
from dfd_tf.errors import UserError
from dfd_tf.lite import FILE as LITE_FILE
from dfd_tf.lite import LiteModel, lite_is_installed
from dfd_tf.types import Scorer

if TYPE_CHECKING:
    import keras

Engine = Literal["auto", "lite", "keras"]

WEIGHTS_FILE = "model.keras"
MEMBERS_FOLDER = "members"


def save_bundle(
    folder: Path, model: keras.Model, info: DetectorInfo, known: keras.Model | None = None
) -> Detector:
    """Write model.keras, knowledge.keras and detector.json and return the detector.

    Args:
        folder: made if absent.
        model: float32 model, as `build_model(info.architecture, **info.arguments)` builds.
        info: of the detector; the weights' hash is added. Where it names a backbone or members,
            whose weights are elsewhere, only what differs from them is written. Members that are
            no shipped detectors are copied in; of an ensemble the model is that of `weighing`.
        known: the distances from what the detector knows, see `detectors.knowledge`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _own_part(model, info).save(folder / WEIGHTS_FILE)
    compress(folder / WEIGHTS_FILE)
    info = info.replace(
        weights_sha256=sha256((folder / WEIGHTS_FILE).read_bytes()),
        members=_held(info.members, folder),
        knowledge=_laid_down(known, folder),
    )
    write_info(folder, info)
    if info.members:
        return load_detector(folder, engine="keras")
    return Detector(_with_distances(model, info, folder), info)


def _laid_down(known: keras.Model | None, folder: Path) -> Knowledge | None:
    if known is None:
        return None
    from dfd_tf.detectors.knowledge import write_knowledge

    return write_knowledge(folder, known)


def _with_distances(network: keras.Model, info: DetectorInfo, folder: Path) -> Scorer:
    """The network, and beside it the distances that the bundle holds, if it holds any."""
    if info.knowledge is None:
        return network
    from dfd_tf.detectors.knowledge import Knowing, read_knowledge

    return Knowing(network, read_knowledge(folder, info.knowledge))


def load_detector(
    where: str | Path = DEFAULT_MODEL, *, engine: Engine = "auto", threads: int = 1
) -> Detector:
    """Load a bundle folder, a run folder or a shipped detector by its name.

    The network is rebuilt from the registry and only its weights are read from the file, after
    their hash was verified: no code comes out of a bundle.

    Args:
        where: the folder or the name.
        engine: "keras"; "lite" for the bundle's LiteRT file, without TensorFlow, whose scores
            differ by 1e-4 at most; "auto" for "lite" where the bundle has that file and the
            machine its runtime, else "keras".
        threads: of one inference by "lite"; the scores do not depend on it.

    Raises:
        UserError: no bundle is there, it was written by a newer version, its weights are not
            those that detector.json names, those of its backbone are not installed, or it, or a
            member of it, has no file for the engine.
    """
    folder = find_bundle(where)
    info = read_info(folder)
    light = engine == "lite" or (engine == "auto" and _prefers_lite(info, folder))
    if info.members and not (light and info.tflite_sha256):
        model: Scorer = _ensemble(info, folder, "lite" if light else "keras", threads)
    elif light:
        model = _lite_model(folder, info, threads)
    else:
        read_verified(folder / WEIGHTS_FILE, info.weights_sha256)
        network = _network(info)
        _own_part(network, info).load_weights(folder / WEIGHTS_FILE)
        model = _with_distances(network, info, folder)
    return Detector(model, info, read_seen(folder))


def choose_engine(where: str | Path, engine: Engine = "auto") -> Engine:
    """What "auto" stands for here: "lite" where bundle and machine allow, else "keras".

    Raises:
        UserError: no bundle is there, or see `read_info`.
    """
    folder = find_bundle(where)
    info = read_info(folder)
    if engine != "auto":
        return engine
    return "lite" if _prefers_lite(info, folder) else "keras"


def add_lite_file(folder: Path, content: bytes) -> None:
    """Give a bundle its LiteRT file, which detector.json names by its hash from then on."""
    (folder / LITE_FILE).write_bytes(content)
    write_info(folder, read_info(folder).replace(tflite_sha256=sha256(content)))


def _prefers_lite(info: DetectorInfo, folder: Path) -> bool:
    return lite_is_installed() and has_light_engine(info, folder)


def has_light_engine(info: DetectorInfo, folder: Path) -> bool:
    """Whether a bundle has a LiteRT file, or every member of it has one."""
    if info.tflite_sha256 or not info.members or info.joint is None:
        return info.tflite_sha256 is not None
    places = (find_bundle(place_of(member, folder)) for member in info.members)
    return all(has_light_engine(read_info(place), place) for place in places)


def lite_file(folder: Path) -> Path:
    """The LiteRT file of a bundle, verified.

    Raises:
        UserError: it has none, or another than its detector.json names.
    """
    _read_lite(folder, read_info(folder))
    return folder / LITE_FILE


def _lite_model(folder: Path, info: DetectorInfo, threads: int) -> LiteModel:
    return LiteModel(_read_lite(folder, info), threads)


def _read_lite(folder: Path, info: DetectorInfo) -> bytes:
    if info.tflite_sha256 is None:
        raise UserError(
            f"{folder} has no {LITE_FILE}. Write it where TensorFlow is installed: "
            f"dfd export --model {folder} --format tflite --into-bundle"
        )
    return read_verified(folder / LITE_FILE, info.tflite_sha256)


def _network(info: DetectorInfo) -> keras.Model:
    """The network of detector.json, with the weights that are not in the bundle."""
    from dfd_tf.models import build_model
    from dfd_tf.models.backbone import load_pretrained

    with own_settings("float32"):
        model = build_model(info.architecture, **info.arguments)
    if info.backbone:
        load_pretrained(model, info.architecture, info.arguments)
    return model


def _ensemble(info: DetectorInfo, folder: Path, engine: Engine, threads: int) -> Ensemble:
    """The members, each by the same engine, and what their answers are weighed with."""
    detectors = [
        load_detector(place_of(member, folder), engine=engine, threads=threads)
        for member in info.members
    ]
    for detector, member in zip(detectors, info.members, strict=True):
        if detector.info.weights_sha256 != member.weights_sha256:
            raise UserError(
                f"{member.detector!r} is not the detector that the ensemble was made of: its "
                "weights have changed. Make the ensemble anew: dfd ensemble."
            )
    read_verified(folder / WEIGHTS_FILE, info.weights_sha256)
    if engine == "lite":
        return ensemble_of(detectors, info)
    from dfd_tf.detectors.united import unite, weighing

    with own_settings("float32"):
        weighed = weighing(len(detectors), info.joint.rule if info.joint else "sum")
        weighed.load_weights(folder / WEIGHTS_FILE)
    made = ensemble_of(detectors, info, offset=float(weighed.get_weights()[1][0]))

    @cache
    def graph() -> keras.Model:
        with own_settings("float32"):
            return unite(detectors, made, weighed)

    return replace(made, graph=graph)


def place_of(member: Member, folder: Path) -> str | Path:
    """Where a member of an ensemble is: in its bundle, else wherever the member's name leads."""
    held = folder / member.detector
    return held if held.is_dir() else member.detector


def _held(members: Sequence[Member], folder: Path) -> tuple[Member, ...]:
    """Members that can be found from anywhere: those named by a path are copied into a bundle."""
    kept = []
    for number, member in enumerate(members):
        if os.sep in member.detector or Path(member.detector).exists():
            inside = f"{MEMBERS_FOLDER}/{number}"
            shutil.copytree(find_bundle(member.detector), folder / inside, dirs_exist_ok=True)
            member = Member(
                detector=inside, weights_sha256=member.weights_sha256, weight=member.weight
            )
        kept.append(member)
    return tuple(kept)


def _own_part(model: keras.Model, info: DetectorInfo) -> keras.Model:
    """The layers whose weights are in the bundle's file."""
    if info.tuned:
        from dfd_tf.models.backbone import pretrained_layers
        from dfd_tf.models.tuning import Changed

        return Changed(model, pretrained_layers(model, info.architecture))
    if info.backbone:
        from dfd_tf.models.backbone import backbone_and_head

        return backbone_and_head(model, info.architecture)[1]
    return model

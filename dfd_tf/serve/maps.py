"""Where the detector looked, as a picture with its checks, where TensorFlow is installed."""

from __future__ import annotations

import base64
import io
import math
from functools import cached_property
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from dfd_tf.backend import start_tensorflow
from dfd_tf.data.images.decode import decode_image
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.detectors.detector import Faces, Judgement
from dfd_tf.detectors.info import DetectorInfo
from dfd_tf.detectors.reading import NamedBytes
from dfd_tf.faces.piece import Cutter, main_piece

if TYPE_CHECKING:
    from dfd_tf.explaining.finding import Finding
    from dfd_tf.explaining.heat import Explainer

METHOD = "gradcam"


class Map(BaseModel):
    """Where the detector looked in a photo's largest face, and what the map is worth."""

    picture: str = Field(description="a PNG as data: address")
    method: str
    checks: list[str] = Field(description="figures of the checks, a sentence each")
    failures: list[str] = Field(description="why the map is not to be trusted; empty if it passed")


def can_explain(info: DetectorInfo) -> bool:
    """Whether maps can be drawn here: not of ensembles, and not without TensorFlow."""
    return not info.members and all(map(find_spec, ("tensorflow", "tf_keras_vis")))


class Maps:
    """Draws maps, one at a time; its network is loaded at the first.

    Args:
        model: bundle folder, run folder or shipped name.
        faces: see `Detector.judgements`.
    """

    def __init__(self, model: str, faces: Faces) -> None:
        self._model, self._faces = model, faces
        self._lock = Lock()

    def draw(self, photo: NamedBytes, row: Judgement) -> Map | None:
        """The map of a judged photo's first row; None where nothing was judged."""
        if math.isnan(row.score):
            return None
        with self._lock:
            return _map_of(self._find(photo, row), self._explainer)

    @cached_property
    def _explainer(self) -> Explainer:
        start_tensorflow()
        from dfd_tf.explaining.heat import Explainer

        return Explainer(load_detector(self._model, engine="keras"), METHOD)

    @cached_property
    def _cut(self) -> Cutter:
        return self._explainer.detector.cutter(self._faces)

    def _find(self, photo: NamedBytes, row: Judgement) -> Finding:
        explainer = self._explainer
        from dfd_tf.explaining.finding import Finding
        from dfd_tf.explaining.heat import target_class

        detector = explainer.detector
        image = main_piece(self._cut, decode_image(photo.data))
        found = explainer.heat_map(image, target_class(row.score, detector.calibration))
        return Finding(
            path=photo.name,
            image=image,
            score=row.score,
            verdict=row.verdict,
            how=f"Grad-CAM at {explainer.layer}",
            found=found,
            sanity=explainer.check(found),
            region=None,
            shares=None,
            traces={},
        )


def _map_of(finding: Finding, explainer: Explainer) -> Map:
    from dfd_tf.explaining.finding import checks_in_words
    from dfd_tf.explaining.picture import draw_picture
    from dfd_tf.reporting.style import DPI, house_style

    drawn = io.BytesIO()
    with house_style():
        figure = draw_picture(finding, explainer.detector.preprocessing)
        figure.savefig(drawn, format="png", dpi=DPI)
    return Map(
        picture="data:image/png;base64," + base64.b64encode(drawn.getvalue()).decode(),
        method=finding.how,
        checks=checks_in_words(finding),
        failures=finding.sanity.failures,
    )

"""A face far below the scale of the training gets no verdict, and the reason why."""

import numpy as np
import pytest

from dfd_tf.calibration.fit import fit_calibration
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.reading import NamedImage
from dfd_tf.faces import Box, Framing, Piece


class Always:
    """Certain that everything is real."""

    def predict_on_batch(self, squares):
        return np.full((len(squares), 1), -9.0)


@pytest.mark.parametrize(("side", "verdict"), [(79, "inconclusive"), (81, "real")])
def test_small_faces(describe, monkeypatch, side, verdict):
    labels = np.arange(200) % 2
    info = describe(
        preprocessing={"size": 64, "native_side": 256},
        calibration=fit_calibration(labels * 2.0 - 1, labels),
        framing=Framing(side=1.6, widest=3.0, lift=0.0, n=100),
    )
    detector = Detector(Always(), info)
    piece = Piece(np.zeros((100, 100, 3), np.uint8), Box(5, 5, side, side))
    monkeypatch.setattr(Detector, "cutter", lambda self, faces: lambda image: [piece])
    photo = NamedImage("photo", np.zeros((300, 300, 3), np.uint8))
    (row,) = next(detector.judgements([photo]))
    assert row.verdict == verdict
    if verdict == "inconclusive":
        assert row.reason == "the face is too small: 79 pixels wide, at least 80 are needed"
        assert 0 <= row.score <= 1

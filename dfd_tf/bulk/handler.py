"""A detector as Beam's RunInference takes it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from apache_beam.ml.inference.base import ModelHandler, PredictionResult

from dfd_tf.bulk.plan import Shard
from dfd_tf.bulk.rows import Row
from dfd_tf.bulk.storage import read_photo
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.detectors.detector import Detector, Faces
from dfd_tf.detectors.reading import NamedFile


class BundleHandler(ModelHandler[Shard, PredictionResult, Detector]):
    """Judges shards on the light engine, with a detector a process.

    The detector's own threads read, find and score, so a shard keeps all cores of its worker busy
    and Beam need not batch.

    Args:
        model: bundle folder, run folder or shipped name, as the workers see it.
        faces: see `Detector.judgements`.
    """

    def __init__(self, model: str, faces: Faces) -> None:
        super().__init__()
        self.model, self.faces = model, faces

    def load_model(self) -> Detector:
        """The detector."""
        return load_detector(self.model, engine="lite")

    def run_inference(
        self, batch: Sequence[Shard], model: Detector, inference_args: dict[str, Any] | None = None
    ) -> Iterable[PredictionResult]:
        """The rows of each shard, in the order of its files."""
        for shard in batch:
            yield PredictionResult(shard, judge(model, shard.files, self.faces))

    def batch_elements_kwargs(self) -> dict[str, Any]:
        """One shard at a time: it is a batch already."""
        return {"min_batch_size": 1, "max_batch_size": 1}

    def get_metrics_namespace(self) -> str:
        """Of Beam's counters."""
        return "dfd_bulk"


def judge(detector: Detector, files: Sequence[str], faces: Faces) -> list[Row]:
    """Rows of files, as `dfd predict` judges them, with the files' hashes."""
    digests: dict[int, str] = {}

    def read(number: int, path: str) -> bytes:
        content = read_photo(path)
        digests[number] = hashlib.sha256(content).hexdigest()
        return content

    sources = (NamedFile(path, partial(read, i, path)) for i, path in enumerate(files))
    judged = enumerate(detector.judgements(sources, faces=faces))
    return [Row(row, digests.get(number)) for number, rows in judged for row in rows]

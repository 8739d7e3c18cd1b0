"""The pipeline: shards of the plan that are not done, judged, written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics, MetricsFilter
from apache_beam.ml.inference.base import PredictionResult, RunInference
from apache_beam.options.pipeline_options import PipelineOptions

from dfd_tf.bulk.handler import BundleHandler
from dfd_tf.bulk.listing import list_files
from dfd_tf.bulk.plan import DEAD, MANIFEST, ROWS, check_plan, done, make_plan, parse
from dfd_tf.bulk.rows import as_parquet
from dfd_tf.bulk.storage import write_whole
from dfd_tf.bulk.workers import ending_with_its_workers
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.detectors.detector import DEFAULT_FACES, Faces

SHARD = 1000
NAMESPACE = "dfd_bulk"
# Beam's own default tries a runner that it downloads.
RUNNER = "--runner=FnApiRunner"


@dataclass(frozen=True)
class Settings:
    """What is judged, by what, to where.

    Attributes:
        inputs: see `list_files`.
        output: folder of the run, on any file system that Beam writes.
        model: bundle folder, run folder or shipped name, as the workers see it.
        faces: see `Detector.judgements`.
        shard: files whose rows make one file.
    """

    inputs: Sequence[str]
    output: str
    model: str
    faces: Faces = DEFAULT_FACES
    shard: int = SHARD


def run(settings: Settings, options: Sequence[str] = (), *, resume: bool = False) -> Counter[str]:
    """Judge photos by a Beam pipeline.

    `output` gets manifest.jsonl and bulk.json (the plan), rows/shard-NNNNNNN.parquet (the rows of
    `dfd predict` with the hashes of file and detector) and dead/ (the rows of files that could not
    be judged, once more by themselves; and what stopped a shard, which --resume tries again).

    Args:
        settings: what to do.
        options: of Beam, such as ``["--runner=FlinkRunner"]``.
        resume: go on with the run in `output`.

    Returns:
        How many rows each verdict got in this run; `shards`, and `failed` shards.

    Raises:
        UserError: no detector, no files, a run in `output` that was begun otherwise, or a worker
            process of the local runner that died.
    """
    detector = load_detector(settings.model, engine="lite")
    detector.cutter(settings.faces)  # what cannot be done is said now
    sha256 = str(detector.info.tflite_sha256)
    terms: dict[str, Any] = {"model_sha256": sha256, "faces": settings.faces}
    if resume:
        check_plan(settings.output, terms)
    else:
        make_plan(settings.output, list_files(settings.inputs), settings.shard, terms)
    pipeline = beam.Pipeline(options=PipelineOptions([RUNNER, *options]))
    _build(pipeline, settings, sha256)
    with ending_with_its_workers():
        result = pipeline.run()
        result.wait_until_finish()
    return _counted(result)


def _build(pipeline: Any, settings: Settings, sha256: str) -> None:
    written = done(settings.output)
    shards = (
        pipeline
        | "read the plan" >> beam.io.ReadFromText(f"{settings.output}/{MANIFEST}")
        | "parse" >> beam.Map(parse)
        | "leave out what is done" >> beam.Filter(lambda shard: shard.name not in written)
        | "spread" >> beam.Reshuffle()
    )
    handler = BundleHandler(settings.model, settings.faces)
    judged, lost = shards | "judge" >> RunInference(handler).with_exception_handling()
    _ = judged | "write" >> beam.ParDo(Write(settings.output, sha256))
    _ = lost.failed_inferences | "put aside" >> beam.ParDo(PutAside(settings.output))


class Write(beam.DoFn):
    """Writes a shard's rows; twice the same file where a runner judges a shard twice."""

    def __init__(self, output: str, model_sha256: str) -> None:
        self.output, self.model_sha256 = output, model_sha256

    def process(self, result: PredictionResult) -> Iterable[None]:
        """Write the dead letters first, since the rows are what says that the shard is done."""
        shard, rows = result.example, result.inference
        dead = [row for row in rows if row.judgement.verdict == "error"]
        if dead:
            content = as_parquet(dead, self.model_sha256)
            write_whole(f"{self.output}/{DEAD}", shard.name, [content])
        write_whole(f"{self.output}/{ROWS}", shard.name, [as_parquet(rows, self.model_sha256)])
        count("shards")
        for row in rows:
            count(row.judgement.verdict)
        return ()


class PutAside(beam.DoFn):
    """Notes what stopped a shard; it is not done and is tried again by the next run."""

    def __init__(self, output: str) -> None:
        self.output = output

    def process(self, failure: Any) -> Iterable[None]:
        """Write why."""
        batch, error = failure
        for shard in batch:
            write_whole(f"{self.output}/{DEAD}", f"{shard.name}.txt", [repr(error).encode()])
            count("failed")
        return ()


def count(name: str) -> None:
    """Add one to a counter that the launcher reads."""
    Metrics.counter(NAMESPACE, name).inc()


def _counted(result: Any) -> Counter[str]:
    found = result.metrics().query(MetricsFilter().with_namespace(NAMESPACE))["counters"]
    ours = {"shards", "failed", "real", "fake", "inconclusive", "no face", "error"}
    counts = {one.key.metric.name: one.result for one in found}
    return Counter({name: n for name, n in counts.items() if name in ours})

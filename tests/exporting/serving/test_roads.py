"""Damaged, huge and foreign files: the engine's reason on every road, and nobody else disturbed."""

import base64
from pathlib import Path

import pytest
import tensorflow as tf

from dfd_tf.detectors.detector import Detector, Judgement
from dfd_tf.exporting.roads import judge_bytes, judge_whole
from dfd_tf.lite import LiteModel


@pytest.fixture(scope="module")
def paths(usable_files, hostile_files, tmp_path_factory):
    """Hostile files by name, with a good one before and after."""
    root = tmp_path_factory.mktemp("roads")
    good = usable_files["jpeg"]
    files = {"first": good, **hostile_files, "last": good}
    for name, data in files.items():
        (root / name).write_bytes(data)
    return [str(root / name) for name in files]


@pytest.fixture(scope="module")
def engine(detector, paths):
    return judge_whole(detector, paths)


def by_lite(use, paths):
    return judge_whole(Detector(LiteModel(use("lite_file")), use("detector").info), paths)


def by_saved_model(use, paths):
    return judge_bytes(tf.saved_model.load(str(use("exported"))), paths)


def by_grpc(use, paths):
    said = use("predict")(image_bytes=[Path(path).read_bytes() for path in paths])
    rows = zip(paths, said["score"], said["verdict"], said["reason"], said["logit"], strict=True)
    return [Judgement(p, score, v.decode(), r.decode(), z) for p, score, v, r, z in rows]


def by_rest(use, paths):
    files = [{"b64": base64.b64encode(Path(path).read_bytes()).decode()} for path in paths]
    _, answer = use("rest")("/v1/models/amtenet:predict", {"instances": files})
    return [Judgement(path, **row) for path, row in zip(paths, answer["predictions"], strict=True)]


ROADS = {
    "lite": by_lite,
    "SavedModel bytes": by_saved_model,
    "gRPC": by_grpc,
    "REST": by_rest,
}


@pytest.mark.slow
@pytest.mark.parametrize("road", ROADS)
def test_gives_the_rows_of_the_engine(road, request, paths, engine):
    rows = ROADS[road](request.getfixturevalue, paths)
    for row, expected in zip(rows, engine, strict=True):
        assert (row.path, row.verdict, row.reason) == (
            expected.path,
            expected.verdict,
            expected.reason,
        )
        assert row.score == pytest.approx(expected.score, abs=1e-4, nan_ok=True), row.path
    assert {row.verdict for row in engine[1:-1]} == {"error"}
    assert engine[0].verdict == engine[-1].verdict != "error"

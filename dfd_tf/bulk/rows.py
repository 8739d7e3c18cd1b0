"""The rows of a shard as Parquet: those of `dfd predict`, and the hashes of what was judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from dfd_tf.detectors.detector import COLUMNS, Judgement

_TYPES = {"score": pa.float64(), **dict.fromkeys(COLUMNS[4:], pa.int32())}
SCHEMA = pa.schema(
    [
        *((name, _TYPES.get(name, pa.string())) for name in COLUMNS),
        ("file_sha256", pa.string()),
        ("model_sha256", pa.string()),
    ]
)


class Row(NamedTuple):
    """A judgement, and the hash of its file; None where it could not be read."""

    judgement: Judgement
    file_sha256: str | None


def as_parquet(rows: Sequence[Row], model_sha256: str) -> bytes:
    """A file of rows."""
    columns = zip(*(_cells(row, model_sha256) for row in rows), strict=True)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, SCHEMA.types, strict=True)]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA), sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def _cells(row: Row, model_sha256: str) -> list[Any]:
    said = row.judgement
    # Names that are no UTF-8 are written as `dfd predict` writes them.
    path = said.path.encode("utf-8", "backslashreplace").decode("utf-8")
    box = said.box or [None] * 4
    return [path, said.rounded, said.verdict, said.reason, *box, row.file_sha256, model_sha256]

"""The plan of a bulk run: which files make a shard, and which shards are done.

It is written before the first photo is judged, so that a run which is gone on with judges the same
files in the same shards, whatever has come to its folders since.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from apache_beam.io.filesystems import FileSystems

from dfd_tf.bulk.storage import exists, names_in, write_whole
from dfd_tf.errors import UserError

MANIFEST = "manifest.jsonl"
HEAD = "bulk.json"
ROWS = "rows"
DEAD = "dead"


class Shard(NamedTuple):
    """Files that are judged together and whose rows make one file."""

    number: int
    files: list[str]

    @property
    def name(self) -> str:
        """Of its file of rows."""
        return f"shard-{self.number:07}.parquet"


def make_plan(output: str, files: Iterable[str], size: int, terms: dict[str, Any]) -> None:
    """Deal files to shards and write that down; `HEAD` comes last and says that all is there.

    Args:
        output: folder of the run.
        files: to judge.
        size: of a shard.
        terms: what the rows depend on: the detector's hash and the like.

    Raises:
        UserError: there are no files, or the folder has a plan already.
    """
    if exists(output, HEAD):
        raise UserError(
            f"--output {output} holds a run already. Go on with it by --resume, or name another."
        )
    counts = {"files": 0, "shards": 0}

    def lines() -> Iterator[str]:
        rest = iter(files)
        while part := list(islice(rest, size)):
            yield json.dumps({"shard": counts["shards"], "files": part}) + "\n"
            counts["shards"] += 1
            counts["files"] += len(part)

    write_whole(output, MANIFEST, (line.encode() for line in lines()))
    if not counts["files"]:
        raise UserError("no files found: give images, folders, patterns or lists that hold some.")
    write_whole(output, HEAD, [json.dumps(terms | counts, indent=2).encode()])


def check_plan(output: str, terms: dict[str, Any]) -> None:
    """Refuse to go on with a run that was begun otherwise.

    Raises:
        UserError: there is no plan, or its rows were made by another detector or otherwise.
    """
    if not exists(output, HEAD):
        raise UserError(f"--resume: {output} holds no run to go on with. Leave --resume out.")
    with FileSystems.open(FileSystems.join(output, HEAD)) as file:
        begun = json.loads(file.read())
    for name, value in terms.items():
        if begun[name] != value:
            raise UserError(
                f"--resume: {output} was begun with {name} {begun[name]}, now it is {value}. "
                "Give the same, or name another --output."
            )


def parse(line: str) -> Shard:
    """A line of the manifest."""
    values = json.loads(line)
    return Shard(values["shard"], values["files"])


def done(output: str) -> frozenset[str]:
    """Names of the shards whose rows are written."""
    return frozenset(names_in(output, ROWS))

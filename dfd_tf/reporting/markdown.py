"""Tables in Markdown, for model cards and comparisons."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any


def markdown_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Container[str] = ()
) -> str:
    """A table that ends with a line feed.

    Args:
        head: of the columns.
        rows: cells, as many as the head has.
        numbers: heads of the columns to align on the right.
    """
    ruler = "|".join("---:" if name in numbers else "---" for name in head)
    lines = [f"| {' | '.join(cells)} |\n" for cells in (head, *rows)]
    return "".join([lines[0], f"|{ruler}|\n", *lines[1:]])


def write_rows(out: Path, stem: str, rows: Sequence[Any], table: str) -> None:
    """Write a comparison's table as STEM.md, and its rows, which are dataclasses, as STEM.json."""
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False)
    (out / f"{stem}.json").write_text(text + "\n", encoding="utf-8")
    (out / f"{stem}.md").write_text(table, encoding="utf-8")

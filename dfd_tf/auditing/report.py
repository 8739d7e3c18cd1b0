"""Everything that an audit leaves on disk: JSON, tables, plots and a page for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from dfd_tf.auditing import shortcut_findings as levels
from dfd_tf.auditing.audit import Audit
from dfd_tf.auditing.duplicates import EXACT, crossings
from dfd_tf.auditing.image_hash import NEAR
from dfd_tf.auditing.kinds import Kind
from dfd_tf.auditing.plots import draw_audit
from dfd_tf.data.sets.examples import split_table
from dfd_tf.data.sets.inventory import FILE as INVENTORY
from dfd_tf.reporting.page import captioned, write_page
from dfd_tf.reporting.style import save_pngs
from dfd_tf.reporting.tables import flat

COPIES_SHOWN = 12
FILES_SHOWN = 100
ROWS_SHOWN = 60
FOUND_NOTHING = "Nothing was found that speaks against these data."


def write_audit(out: Path, audit: Audit, provenance: Mapping[str, Any]) -> None:
    """Writes audit.json, dataset.csv, duplicates.csv, shortcuts.csv, plots/ and report.html.

    Args:
        out: the folder, made if absent.
        audit: what was found.
        provenance: facts for the report's last section.
    """
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(audit), indent=2, ensure_ascii=False, allow_nan=False)
    (out / "audit.json").write_text(text + "\n", encoding="utf-8")
    if audit.inventory:
        audit.inventory.write(out / INVENTORY)
    audit.duplicates.drop(columns="path").to_csv(out / "duplicates.csv", index=False)
    shortcut_table(audit).to_csv(out / "shortcuts.csv", index=False, float_format="%.6g")
    figures, captions = draw_audit(audit.traits, audit.values)
    save_pngs(out / "plots", figures)
    copies = _copies(audit)
    write_page(
        out / "report.html",
        "auditing/audit.html.j2",
        title="Can these data be trusted?",
        grade=verdict(audit),
        findings=audit.findings,
        counts=_counts(audit),
        read=_read_rows(audit)[:ROWS_SHOWN],
        left_out=_left_out_rows(audit)[:ROWS_SHOWN],
        remarks=audit.inventory.remarks if audit.inventory else (),
        images=len(audit.facts.images),
        sources=list(audit.facts.images["source"].unique()),
        trait_rows=trait_rows(audit.traits, audit.kind),
        kind=audit.kind,
        levels=levels,
        near=NEAR,
        copies=copies[:COPIES_SHOWN],
        copies_left_out=max(0, len(copies) - COPIES_SHOWN),
        plots=captioned(figures, captions),
        damaged=audit.facts.damaged.head(FILES_SHOWN).to_dict("records"),
        damaged_left_out=max(0, len(audit.facts.damaged) - FILES_SHOWN),
        provenance=flat(provenance),
    )


def verdict(audit: Audit) -> str:
    """The audit in one sentence."""
    n = sum(finding.level == "finding" for finding in audit.findings)
    if n == 0:
        return FOUND_NOTHING
    faults = "1 fault" if n == 1 else f"{n} faults"
    return f"Do not train or test on these data as they stand: {faults} found."


def as_json(audit: Audit) -> dict[str, Any]:
    """Content of audit.json."""
    clusters = crossings(audit.duplicates)
    exact = clusters["kind"] == EXACT
    return {
        "trustworthy": audit.trustworthy,
        "verdict": verdict(audit),
        "findings": [asdict(finding) for finding in audit.findings],
        "n": len(audit.facts.images),
        "n_unusable": len(audit.facts.damaged),
        "duplicates": {
            "hash_bits": NEAR,
            **{
                f"{kind}_{place}": int((chosen & where).sum())
                for kind, chosen in (("exact", exact), ("near", ~exact))
                for place, where in (
                    ("across_splits", clusters["splits"] > 1),
                    ("across_classes", clusters["labels"] > 1),
                    ("within", (clusters["splits"] == 1) & (clusters["labels"] == 1)),
                )
            },
        },
        "traits": _records(audit.traits),
        "values": _records(audit.values),
        "damaged": _records(audit.facts.damaged),
        "read": _read_rows(audit),
        "left_out": _left_out_rows(audit),
        "remarks": list(audit.inventory.remarks) if audit.inventory else [],
    }


def shortcut_table(audit: Audit) -> pd.DataFrame:
    """Content of shortcuts.csv: the traits' AUCs, then the header values, one table."""
    return pd.concat([audit.traits, audit.values], ignore_index=True)


def trait_rows(traits: pd.DataFrame, kind: Kind) -> list[dict[str, str]]:
    """The traits with their numbers in words, for a table of people."""
    return [
        {
            "source": str(source),
            "trait": trait,
            "kind": "file" if in_header else kind.signal,
            "auc": "-" if pd.isna(low) else f"{auc:.3f}",
            "interval": _interval(auc, low, high, kind),
        }
        for source, trait, in_header, auc, low, high in traits.to_numpy()
    ]


def _interval(auc: float, low: float, high: float, kind: Kind) -> str:
    if pd.isna(auc):
        return f"too few {kind.many}"
    return "alike in all" if pd.isna(low) else f"{low:.3f} to {high:.3f}"


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return list(json.loads(table.to_json(orient="records", double_precision=6)))


def _counts(audit: Audit) -> list[dict[str, Any]]:
    return _records(split_table(audit.facts.images).reset_index())


def _read_rows(audit: Audit) -> list[dict[str, Any]]:
    return _records(audit.inventory.read) if audit.inventory else []


def _left_out_rows(audit: Audit) -> list[dict[str, Any]]:
    return _records(audit.inventory.left_out) if audit.inventory else []


def _copies(audit: Audit) -> list[dict[str, Any]]:
    """The clusters that matter most first: across splits, then across classes, then the rest."""
    clusters = crossings(audit.duplicates)
    order = clusters.sort_values(["splits", "labels"], ascending=False, kind="stable").index
    rows = []
    for position, cluster in enumerate(order):
        members = audit.duplicates[audit.duplicates["cluster"] == cluster]
        shown = position < COPIES_SHOWN
        rows.append(
            {
                "kind": members["kind"].iloc[0],
                "files": list(members["file"]),
                "picture": audit.kind.picture(members["path"].iloc[0]) if shown else "",
            }
        )
    return rows

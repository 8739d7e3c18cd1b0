"""Audit a dataset: read every file once, look for leaks and shortcuts, write everything down."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dfd_tf.auditing.duplicates import find_duplicates, independent_groups, shared_groups
from dfd_tf.auditing.facts import Facts
from dfd_tf.auditing.findings import Finding, file_findings, leak_findings, left_out_findings
from dfd_tf.auditing.kinds import Kind, kind_of
from dfd_tf.auditing.shortcut_findings import shortcut_findings
from dfd_tf.auditing.shortcuts import find_shortcuts
from dfd_tf.data.sets.inventory import Inventory


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes:
        kind: of the examples.
        facts: of the files.
        duplicates: from `find_duplicates`.
        traits: how well each trait separates the classes of each source.
        values: the header values that do so most.
        findings: what a person should know, the gravest first.
        inventory: what was read and what was left out, where that is known.
    """

    kind: Kind
    facts: Facts
    duplicates: pd.DataFrame
    traits: pd.DataFrame
    values: pd.DataFrame
    findings: list[Finding]
    inventory: Inventory | None = None

    @property
    def trustworthy(self) -> bool:
        """Whether nothing was found that must be mended first."""
        return not any(finding.level == "finding" for finding in self.findings)


def audit_examples(
    examples: pd.DataFrame, inventory: Inventory | None = None, *, progress: bool = True
) -> Audit:
    """Look for leaks and shortcuts.

    Args:
        examples: the table of `load_examples`.
        inventory: its account of every file.
        progress: whether to show bars on stderr.
    """
    kind = kind_of(examples)
    facts = kind.collect(examples, progress=progress)
    duplicates = find_duplicates(facts.images, facts.hashes)
    groups = independent_groups(facts.images, duplicates)
    traits, values = find_shortcuts(facts.images, groups, kind.traits, progress=progress)
    found = [
        *leak_findings(duplicates, shared_groups(facts.images), kind),
        *shortcut_findings(traits, values, kind),
        *file_findings(facts.damaged),
        *(left_out_findings(inventory) if inventory else []),
    ]
    order = ("finding", "warning", "note")
    found.sort(key=lambda finding: order.index(finding.level))
    return Audit(kind, facts, duplicates, traits, values, found, inventory)

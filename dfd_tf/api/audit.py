"""Leaks and shortcuts of a dataset of photos, or of recordings of speech."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dfd_tf.api.arguments import Data, roots_of

if TYPE_CHECKING:
    from dfd_tf.auditing.audit import Audit


def audit(data: Data, out: str | Path | None = None, *, progress: bool = True) -> Audit:
    """Look for leaks and shortcuts in a dataset, before a detector finds them.

    Args:
        data: dataset folder, or several; layouts are recognised as for `train`.
        out: folder for audit.json, tables, plots and report.html; None writes nothing.
        progress: show progress bars.

    Returns:
        What was found; its `trustworthy` says whether to go on with these data as they are.

    Raises:
        UserError: no dataset is there, or its layout is not known.
    """
    from dfd_tf import environment
    from dfd_tf.auditing.audit import audit_examples
    from dfd_tf.auditing.report import write_audit
    from dfd_tf.data.sets.examples import read_examples
    from dfd_tf.data.sets.takes import of_their_kind

    roots = of_their_kind(roots_of(data))
    found = audit_examples(*read_examples(roots), progress=progress)
    if out is not None:
        write_audit(Path(out), found, environment.describe() | {"data": list(roots)})
    return found

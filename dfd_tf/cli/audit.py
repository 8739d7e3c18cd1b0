"""Look for leaks and shortcuts in a dataset before a detector finds them.

Leaks: the same or nearly the same photo, or a group of photos that belong together, in several
splits or classes. Shortcuts: format, size, mode, JPEG tables, chroma subsampling, metadata, file
size, colour, sharpness, spectrum and block grid, each as the AUC with which it alone tells real
from fake. Of speech: codec, rate, duration, silence at the ends, bandwidth, loudness, DC offset,
pauses, noise and spectrum. --data may be given several times; layouts are recognised as for train.
Exit code 1 means that the data should not be trusted as they stand, or that files cannot be read.

Example:
  dfd audit --data my_faces --out audit
"""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from dfd_tf.cli.options import add_datasets

if TYPE_CHECKING:
    from dfd_tf.auditing.audit import Audit

_WIDTH = 96


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    add_datasets(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")


def run(options: argparse.Namespace) -> int:
    """Carry the verb out."""
    from dfd_tf.api.audit import audit

    found = audit(options.data, options.out, progress=not options.quiet)
    print(_summary(found))
    print(f"Report: {options.out / 'report.html'}")
    return int(not found.trustworthy)


def _summary(audit: Audit) -> str:
    from dfd_tf.auditing.report import trait_rows, verdict

    lines = [f"{'source':16} {'trait':26} {'AUC':>6}  95 % interval"]
    for row in trait_rows(audit.traits, audit.kind):
        lines.append(f"{row['source']:16.16} {row['trait']:26} {row['auc']:>6}  {row['interval']}")
    lines += ["", verdict(audit)]
    for finding in audit.findings:
        lines += _wrapped(f"{finding.level}: {finding.title}. {finding.text}", "  ")
        lines += _wrapped(finding.advice, "    ")
    return "\n".join(lines)


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent="    ")

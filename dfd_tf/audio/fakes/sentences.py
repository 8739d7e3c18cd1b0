"""What fakes say: the sentences that ship, or those of a table."""

from __future__ import annotations

import subprocess
from pathlib import Path

from dfd_tf.audio.engines.programs import program
from dfd_tf.audio.engines.record import Sentence
from dfd_tf.data.sets.csv_rows import read_csv
from dfd_tf.errors import UserError

SHIPPED = Path(__file__).with_name("sentences.csv")


def read_sentences(path: str | Path | None = None) -> list[Sentence]:
    """The sentences of a CSV with a column ``text``, and ``ipa`` for how they are spoken.

    Where there is no ``ipa``, espeak-ng says it if it is there, in American English.

    Args:
        path: None for the sentences that ship: forty of everyday life, two of them those of
            RAVDESS.

    Raises:
        UserError: no such table, no sentence in it, or no way to tell how they are spoken.
    """
    path = Path(path) if path else SHIPPED
    content = read_csv(path)
    text, ipa = content.column("text", "sentence"), content.column("ipa")
    if text is None or not content.rows:
        raise UserError(
            f"{path} has the columns {', '.join(content.columns)} and {len(content.rows)} rows: "
            "expected a column text with a sentence in each row, and perhaps one called ipa"
        )
    said = [row[text].strip() for row in content.rows]
    heard = [row[ipa].strip() for row in content.rows] if ipa else [""] * len(said)
    return [Sentence(a, b or _pronounced(a)) for a, b in zip(said, heard, strict=True) if a]


def _pronounced(text: str) -> str:
    speaker = program("espeak-ng")
    if speaker is None:
        raise UserError(
            f"how {text!r} is spoken is not known: add a column ipa to the table of sentences, or "
            "apt-get install espeak-ng, which knows it"
        )
    command = [speaker, "-q", "--ipa", "-v", "en-us", text]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    return " ".join(done.stdout.decode(errors="replace").split())

"""Faults planted in recordings are found, each under its name; clean ones are silent."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("av", reason="needs the extra audio: pip install '.[audio]'")

import dfd_tf
from dfd_tf.audio.degradations.band import below
from dfd_tf.audio.encoding import encoded, flac
from dfd_tf.audio.reading import RATE, read_sound
from dfd_tf.auditing.audit import audit_examples
from dfd_tf.auditing.report import write_audit
from dfd_tf.errors import UserError

PEOPLE, TAKES = 8, 4


def speech(rng):
    """Noise that comes and goes as syllables do, of another length, level and colour each time."""
    n = int(rng.uniform(1.2, 2.0) * RATE)
    envelope = np.interp(np.arange(n), np.arange(0, n, 1600), rng.uniform(0.3, 1, -(-n // 1600)))
    colour = rng.uniform(-0.5, 0.5)
    white = rng.standard_normal(n)
    samples = white + colour * np.concatenate([[0], white[:-1]])
    return (rng.uniform(0.05, 0.15) * envelope * samples).astype(np.float32)


@pytest.fixture
def recordings(tmp_path):
    """A table of recordings, each made and encoded by a function of samples, class and chance."""

    def make(change=lambda samples, label, rng: flac(samples)):
        rng = np.random.default_rng(1)
        rows = []
        for person in range(2 * PEOPLE):
            for take in range(TAKES):
                label = take % 2
                path = tmp_path / f"{person}_{take}.flac"
                path.write_bytes(change(speech(rng), label, rng))
                split = "train" if person < PEOPLE else "test"
                rows.append((str(path), path.name, label, split, str(person), "set"))
        return pd.DataFrame(rows, columns=["path", "file", "label", "split", "group", "source"])

    return make


def found(table):
    return {f.title: f for f in audit_examples(table, progress=False).findings}


def test_clean_recordings_are_silent(recordings):
    audit = audit_examples(recordings(), progress=False)
    assert [finding.text for finding in audit.findings] == []
    assert audit.kind.many == "recordings"


def leading_silence(samples, label, rng):
    quiet = np.zeros(int(label * rng.uniform(0.1, 0.5) * RATE), np.float32)
    return flac(np.concatenate([quiet, samples])[: len(samples)])


def narrow(samples, label, rng):
    return flac(below(samples, 5500 if label else 7500))


def longer(samples, label, rng):
    return flac(samples if label else samples[: int(0.7 * len(samples))])


def quieter(samples, label, rng):
    return flac(samples * np.float32(0.2 if label else 1))


def shifted(samples, label, rng):
    return flac(samples + np.float32(0.01 * label))


def compressed(samples, label, rng):
    return encoded(samples, "libmp3lame", "mp3") if label else flac(samples)


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (leading_silence, "Silence at the ends (set)"),
        (narrow, "Bandwidth (set)"),
        (longer, "Duration (set)"),
        (quieter, "Loudness (set)"),
        (shifted, "DC offset (set)"),
        (compressed, "Codec (set)"),
    ],
    ids=lambda plant: getattr(plant, "__name__", ""),
)
def test_a_planted_fault_is_found(recordings, plant, named):
    findings = found(recordings(plant))
    assert findings[named].level == "finding"
    assert "voices" in findings[named].text and "recordings from elsewhere" in findings[named].text


def test_copies_are_found_although_they_were_made_fainter(recordings):
    table = recordings()
    first, second = (table[table["split"] == split].iloc[0] for split in ("train", "test"))
    again = flac(0.5 * read_sound(first["path"]).samples)
    Path(second["path"]).write_bytes(again)
    copies = found(table)["The same recordings in several splits"]
    assert "1 recording stands (0 byte for byte, 1 sounding alike)" in copies.text


def test_engines_are_each_compared_with_all_that_is_real(recordings):
    table = recordings(narrow)
    fake = table["label"] == 1
    table.loc[fake, "source"] = np.where(np.arange(fake.sum()) % 2, "one", "other")
    findings = found(table)
    assert {"Bandwidth (one)", "Bandwidth (other)"} <= set(findings)
    with pytest.raises(UserError, match="no dataset has real and fake"):
        audit_examples(table[fake], progress=False)


def test_what_cannot_be_read_is_named_and_the_page_speaks_of_recordings(recordings, tmp_path):
    table = recordings()
    Path(table["path"][3]).write_bytes(b"no sound")
    audit = audit_examples(table, progress=False)
    assert "Unusable files" in {finding.title for finding in audit.findings}
    write_audit(tmp_path / "out", audit, {})
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "The recordings" in page and "photo" not in page.lower()
    assert json.loads((tmp_path / "out" / "audit.json").read_text())["n"] == len(table) - 1


def test_the_verb_hears_by_itself_that_a_dataset_is_sound(recordings, tmp_path):
    table = recordings(narrow)
    (tmp_path / "cover.jpg").write_bytes(b"\xff\xd8\xff")
    table.assign(path=table["file"]).to_csv(tmp_path / "table.csv", index=False)
    audit = dfd_tf.audit(tmp_path / "table.csv", progress=False)
    assert audit.kind.many == "recordings"
    assert "Bandwidth (set)" in {finding.title for finding in audit.findings}

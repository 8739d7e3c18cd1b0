import numpy as np
import pandas as pd
import pytest

from dfd_tf.audio.fakes.reals import read_reals
from dfd_tf.audio.fakes.sentences import read_sentences
from dfd_tf.audio.fakes.write import write_fakes
from dfd_tf.audio.reading import read_sound
from dfd_tf.errors import UserError

ENGINES = ("splice", "griffin-lim")  # which need nothing to be installed


@pytest.fixture(scope="module")
def reals(tmp_path_factory, voice, wav):
    """Four people, two recordings each, and one in which nobody speaks."""
    root = tmp_path_factory.mktemp("recordings")
    for person in range(4):
        (root / f"person_{person}").mkdir()
        for take in range(2):
            speech = voice(2, pitch=100 + 30 * person, seed=10 * person + take)
            (root / f"person_{person}" / f"take_{take}.wav").write_bytes(wav(speech))
    (root / "person_0" / "silent.wav").write_bytes(wav(np.zeros(32_000)))
    return root


@pytest.fixture(scope="module")
def made(reals, tmp_path_factory):
    out = tmp_path_factory.mktemp("fakes")
    return out, write_fakes(reals, out, engines=ENGINES, progress=False)


def test_each_recording_gets_a_fake_by_each_engine(made):
    out, written = made
    table = pd.read_csv(out / "table.csv")
    assert written.n == {"real": 8, "griffin-lim": 8, "splice": 8}
    sources = table.groupby("source").size().to_dict()
    assert sources == dict.fromkeys(("recordings0", *ENGINES), 8)
    assert table.groupby("group")["split"].nunique().max() == 1
    assert set(table["label"][table["source"] == "splice"]) == {"fake"}
    (left_out,) = written.left_out
    assert left_out[0].startswith("real/silent") and left_out[1] == "no speech in it"


def test_real_and_fake_files_are_of_one_kind(made):
    out, _ = made
    for name in sorted(path.name for path in (out / "real").iterdir())[:3]:
        real, *fakes = (read_sound(out / folder / name) for folder in ("real", *ENGINES))
        for fake in fakes:
            assert (fake.rate, fake.channels, fake.codec) == (real.rate, real.channels, real.codec)
            assert len(fake.samples) == len(real.samples)
            assert not np.array_equal(fake.samples, real.samples)


def test_a_call_goes_on_where_one_was_killed(made, reals):
    out, _ = made
    files = sorted(path for path in out.rglob("*.flac"))
    before = {path: path.read_bytes() for path in files}
    lost = files[::5]
    for path in lost:
        path.unlink()
    (out / "real" / "half.flac.part").write_bytes(b"fLaC")
    kept = {path: path.stat().st_mtime_ns for path in files if path not in lost}
    write_fakes(reals, out, engines=ENGINES, progress=False)
    assert {path: path.read_bytes() for path in files} == before
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_a_folder_that_was_begun_otherwise_is_left_alone(made, reals):
    out, _ = made
    with pytest.raises(UserError, match="another seed"):
        write_fakes(reals, out, engines=ENGINES, seed=1, progress=False)


def test_an_engine_that_there_is_not_is_refused_before_anything_is_written(reals, tmp_path):
    with pytest.raises(UserError, match="Did you mean 'splice'"):
        write_fakes(reals, tmp_path / "out", engines=["splise"], progress=False)
    assert not (tmp_path / "out").exists()


def test_who_speaks_is_told_by_folders_or_names(reals, tmp_path, wav):
    assert set(read_reals(reals)["group"]) == {f"person_{i}" for i in range(4)}
    for name in ("03-01-01-01-01-01-07", "actor_08_03-01-02-01-01-01-08", "other"):
        (tmp_path / f"{name}.wav").write_bytes(wav(np.zeros(100)))
    assert set(read_reals(tmp_path)["group"]) == {"actor 07", "actor 08", "other.wav"}
    with pytest.raises(UserError, match="holds no sound"):
        read_reals(_empty(tmp_path / "empty"))


def _empty(folder):
    folder.mkdir()
    return folder


def test_sentences_may_be_ones_own(tmp_path):
    shipped = read_sentences()
    assert len(shipped) == 40 and all(sentence.ipa for sentence in shipped)
    table = tmp_path / "said.csv"
    table.write_text("ipa;text\nhəloʊ.;Hello.\n", encoding="utf-8")
    assert read_sentences(table) == [("Hello.", "həloʊ.")]
    table.write_text("words\nHello.\n", encoding="utf-8")
    with pytest.raises(UserError, match="expected a column text"):
        read_sentences(table)

"""Public sets of speech, as they lie on disk, in small."""

from __future__ import annotations

import pytest

from dfd_tf.data.sets.choices import Choices, Datasets
from dfd_tf.data.sets.examples import load_examples, read_examples
from dfd_tf.errors import UserError

SOUND = Choices(takes="sound")


@pytest.fixture
def put(tmp_path):
    """Write files, each with its text or, of none, with bytes of its own; returns the folder."""

    def write(files):
        for name in files:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name] if isinstance(files, dict) else name, encoding="utf-8")
        return tmp_path

    return write


def read(root, choices=SOUND):
    table = load_examples(Datasets([root], choices))
    return {
        row.file.rpartition("/")[2]: (row.label, row.split, row.group.partition(":")[2], row.source)
        for row in table.itertuples()
    }


def asvspoof_2019(put):
    place = "LA/ASVspoof2019_LA"
    lines = {
        "train.trn": "LA_0079 LA_T_1 - - bonafide\nLA_0079 LA_T_2 - A01 spoof\n",
        "dev.trl": "LA_0069 LA_D_1 - - bonafide\nLA_0070 LA_D_2 - A03 spoof\n",
        "eval.trl": "LA_0039 LA_E_1 - - bonafide\nLA_0040 LA_E_2 - A07 spoof\nLA_1 LA_E_3 - A9 ?\n",
    }
    protocols = {
        f"{place}_cm_protocols/ASVspoof2019.LA.cm.{name}.txt": text for name, text in lines.items()
    }
    files = [f"{place}_{s}/flac/LA_{s[0].upper()}_{i}.flac" for s in ("train", "dev", "eval")
             for i in (1, 2, 3)]  # fmt: skip
    return put(protocols | {file: file for file in files})


def test_asvspoof_2019_is_read_by_its_protocols(put):
    root = asvspoof_2019(put)
    rows = read(root)
    assert rows == {
        "LA_T_1.flac": (0, "train", "LA_0079", "asvspoof2019"),
        "LA_T_2.flac": (1, "train", "LA_0079", "A01"),
        "LA_D_1.flac": (0, "valid", "LA_0069", "asvspoof2019"),
        "LA_D_2.flac": (1, "valid", "LA_0070", "A03"),
        "LA_E_1.flac": (0, "test", "LA_0039", "asvspoof2019"),
        "LA_E_2.flac": (1, "test", "LA_0040", "A07"),
    }
    assert rows == read(root / "LA")
    left_out = read_examples(Datasets([root], SOUND)).inventory.lost
    assert left_out["files"].sum() == 3  # in no protocol, or without a key


def test_asvspoof_2021_is_one_test_split_by_its_keys(put):
    rows = read(put({
        "ASVspoof2021_DF_eval/flac/DF_E_1.flac": "1",
        "ASVspoof2021_DF_eval/flac/DF_E_2.flac": "2",
        "DF-keys-full/keys/DF/CM/trial_metadata.txt":
            "LA_0023 DF_E_1 nocodec asvspoof A14 spoof notrim progress neural_vocoder - - - -\n"
            "LA_0024 DF_E_2 high_m4a vcc2020 - bonafide notrim eval - - - - -\n",
        "DF-keys-full/keys/DF/CM/LFCC-GMM/score.txt": "DF_E_1 0.3\n",
    }))  # fmt: skip
    assert rows == {
        "DF_E_1.flac": (1, "test", "LA_0023", "A14"),
        "DF_E_2.flac": (0, "test", "LA_0024", "asvspoof2021"),
    }


def test_asvspoof_5_is_read_by_its_tables(put):
    rows = read(put({
        "flac_T/T_1.flac": "1", "flac_T/T_2.flac": "2",
        "flac_D/D_1.flac": "3", "flac_E_eval/E_1.flac": "4",
        "ASVspoof5.train.tsv": "T_01 T_1 F - - - AC3 A05 spoof -\n"
            "T_02 T_2 M - - - - bonafide bonafide -\n",
        "ASVspoof5.dev.track_1.tsv": "D_01 D_1 F - - - - bonafide bonafide -\n",
        "ASVspoof5.eval.track_1.tsv": "E_01 E_1 M C05 3 E_9 AC2 A19 spoof -\n",
    }))  # fmt: skip
    assert rows == {
        "T_1.flac": (1, "train", "T_01", "A05"),
        "T_2.flac": (0, "train", "T_02", "asvspoof5"),
        "D_1.flac": (0, "valid", "D_01", "asvspoof5"),
        "E_1.flac": (1, "test", "E_01", "A19"),
    }


def test_in_the_wild_is_grouped_by_who_speaks(put):
    said = [f"{i}.wav,Person {i // 2},{('bona-fide', 'spoof')[i % 2]}" for i in range(12)]
    rows = read(put({
        "release_in_the_wild/meta.csv": "\n".join(["file,speaker,label", *said]),
        **{f"release_in_the_wild/{i}.wav": str(i) for i in range(12)},
    }))  # fmt: skip
    assert {name: row[0] for name, row in rows.items()} == {f"{i}.wav": i % 2 for i in range(12)}
    assert all(rows[f"{i}.wav"][2] == f"Person {i // 2}" for i in range(12))
    splits = [{rows[f"{2 * i}.wav"][1], rows[f"{2 * i + 1}.wav"][1]} for i in range(6)]
    assert all(len(split) == 1 for split in splits)


def test_fake_or_real_keeps_its_splits(put):
    rows = read(put([f"for-norm/{split}/{name}/file{i}{split}{name}.wav"
                     for split in ("training", "validation", "testing")
                     for name in ("real", "fake") for i in (1, 2)]))  # fmt: skip
    assert {row[3] for row in rows.values()} == {"for"}
    assert {row[1] for name, row in rows.items() if "validation" in name} == {"valid"}
    assert {row[0] for name, row in rows.items() if "fake" in name} == {1}


def test_wavefake_keeps_a_sentence_and_its_copies_together(put):
    sentences = [f"LJ001-{i:04}" for i in range(8)]
    rows = read(put([
        *(f"LJSpeech-1.1/wavs/{name}.wav" for name in sentences),
        *(f"generated_audio/ljspeech_melgan/{name}_gen.wav" for name in sentences),
        *(f"generated_audio/ljspeech_hifiGAN/{name}_generated.wav" for name in sentences),
    ]))  # fmt: skip
    assert {row[3] for row in rows.values()} == {"wavefake", "melgan", "hifiGAN"}
    for name in sentences:
        same = [row for file, row in rows.items() if file.startswith(name)]
        assert len(same) == 3
        assert {row[2] for row in same} == {name}
        assert len({row[1] for row in same}) == 1


def test_photos_are_not_looked_for_in_sets_of_sound(put):
    root = asvspoof_2019(put)
    with pytest.raises(UserError, match="no known dataset layout") as error:
        read(root, Choices())
    assert "(ASVspoof 2019)" not in str(error.value)
    with pytest.raises(UserError, match=r"(?s)Looked for.*ASVspoof 2019.*In-the-Wild"):
        read(root / "LA/ASVspoof2019_LA_train")

"""A training that goes on from another detector's weights."""

import numpy as np
import pytest
from PIL import Image

from dfd_tf.config import parse_config
from dfd_tf.data.sets.seen_files import read_seen
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.errors import UserError
from dfd_tf.reporter import Reporter
from dfd_tf.training.run import train


class Heard(Reporter):
    """Keeps what is said."""

    def __init__(self):
        super().__init__(quiet=True)
        self.lines = []

    def say(self, text):
        self.lines.append(text)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A detector, and one that learned other photos and some of the same from there on."""
    root = tmp_path_factory.mktemp("continued")
    for name, first in (("old", 0), ("new", 4)):
        for split in ("train", "valid", "test"):
            for label in ("real", "fake"):
                for number in range(first, first + 8):
                    path = root / name / split / label / f"{number}.png"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    rng = np.random.default_rng([number, len(split), len(label), label == "real"])
                    pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
                    Image.fromarray(pixels).save(path)
    model = {"name": "meso4", "args": {"input_size": 32}}
    config = parse_config({"model": model, "data": {"paths": [str(root / "old")]}}).replace(
        {"train.batch_size": 8, "train.epochs": 1, "device.precision": "float32"}
    )
    train(config, root / "first", reporter=Heard())
    again = config.replace({"data.paths": [str(root / "new")], "train.init": str(root / "first")})
    heard = Heard()
    for name, share in (("plain", 0.0), ("mixed", 0.75)):
        train(again.replace({"train.keep_init": share}), root / name, reporter=heard)
    return root, heard.lines


def test_what_is_kept_of_the_first_weights_is_their_share(runs):
    root, _ = runs
    first, plain, mixed = (
        load_detector(root / name, engine="keras").network.get_weights()
        for name in ("first", "plain", "mixed")
    )
    assert any(np.abs(a - b).max() > 1e-4 for a, b in zip(first, plain, strict=True))
    for before, after, both in zip(first, plain, mixed, strict=True):
        np.testing.assert_allclose(both, 0.75 * before + 0.25 * after, rtol=1e-5, atol=1e-6)


def test_what_the_first_detector_has_seen_the_second_has_too(runs):
    root, lines = runs
    first, plain = (read_seen(root / name / "bundle") for name in ("first", "plain"))
    assert first < plain
    # Four of the eight photos of each class: the rest of the old validation lies in no new split.
    assert any(line.startswith("8 of the 16 validation images were learned from") for line in lines)


def test_to_keep_weights_there_must_be_some():
    for init in (None, "pretrained"):
        with pytest.raises(UserError, match="keep_init needs init to name a trained detector"):
            parse_config({"train": {"init": init, "keep_init": 0.5}, "model": {"name": "meso4"}})

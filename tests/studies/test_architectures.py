import numpy as np
import pytest
from PIL import Image

from dfd_tf.config import parse_config
from dfd_tf.errors import UserError
from dfd_tf.studies.architecture_table import Row, markdown
from dfd_tf.studies.architectures import DEGRADED, Budget, entrants, on_budget, train_row
from dfd_tf.studies.speed import images_per_second
from dfd_tf.studies.study import Study


def config(name, **sections):
    return parse_config({"model": {"name": name}, **sections})


def test_attention_makes_a_second_row_where_the_network_takes_it():
    rows = entrants(
        {
            "resnet18": config("resnet18"),
            "hybrid": config("hybrid", model={"name": "hybrid", "args": {"cbam": True}}),
            "meso4": config("meso4"),
            "svdd": config("deep_svdd", one_class={}),
            "head": config("clip_vit", train={"epochs": 3, "freeze_epochs": 3}),
        }
    )
    assert list(rows) == ["resnet18", "resnet18+cbam", "hybrid", "hybrid+cbam", "meso4"]
    assert rows["hybrid"].model.args == {"cbam": False}
    assert rows["hybrid+cbam"].model.args == {"cbam": True}
    assert rows["meso4"].model.args == {}


def test_a_budget_replaces_what_all_share_and_nothing_else():
    own = config(
        "resnet18",
        preprocess={"policy": "crop", "views": 5},
        train={"learning_rate": 3e-4, "init": "pretrained", "epochs": 90},
    )
    shared = on_budget(own, Budget(images=600, size=64, epochs=3))
    assert shared.train.images_per_epoch == 200
    assert shared.train.epochs == 3
    assert shared.model.args == {"input_size": 64}
    assert shared.preprocess.policy == "resize"
    assert (shared.train.learning_rate, shared.train.init) == (3e-4, "pretrained")
    gridded = config("mcnet", preprocess={"policy": "crop", "views": 5, "grid": 8})
    kept = on_budget(gridded, Budget()).preprocess
    assert (kept.policy, kept.views, kept.grid) == ("crop", 1, 8)


def test_a_budget_of_less_than_a_batch_an_epoch_is_refused():
    with pytest.raises(UserError, match="1 images is too small: 2 epochs of one batch of 32"):
        Budget(images=1)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    root = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for split in ("train", "valid", "test"):
        for label, top in (("real", 256), ("fake", 90)):
            folder = root / split / label
            folder.mkdir(parents=True)
            for number in range(12):
                noise = rng.integers(0, top, (48, 48, 3), dtype=np.uint8)
                Image.fromarray(noise).save(folder / f"{number}.png")
    return root


@pytest.mark.slow
def test_a_row_is_trained_once_and_then_found(photos, tmp_path):
    budget = Budget(images=64, size=48, epochs=2, batch=16, degraded=20)
    study = Study((str(photos),), tmp_path)
    row = train_row(study, config("meso4"), "meso4", budget)
    assert row.parameters > 0
    assert row.multiply_adds > 0
    assert set(row.degraded) == {"clean", *DEGRADED}
    assert [cell.rsplit(" ", 1)[1] for cell in row.auc] == ["test", "valid"]
    written = (tmp_path / "meso4" / "metrics.json").stat().st_mtime_ns
    assert train_row(study, config("meso4"), "meso4", budget) == row
    assert (tmp_path / "meso4" / "metrics.json").stat().st_mtime_ns == written


def test_the_best_on_clean_tests_comes_first():
    def row(name, auc):
        interval = {"value": auc, "low": auc - 0.1, "high": auc + 0.1}
        return Row(name, "random", 1_500_000, 2_000_000, {"a test": interval}, {"clean": interval})

    head, _, first, second = markdown([row("weak", 0.6), row("strong", 0.8)]).splitlines()
    assert "all tests, clean" in head
    assert first == (
        "| `strong` | random | 0.800 (0.700 to 0.900) | 0.800 (0.700 to 0.900) | 1.50 | 2 | - | - |"
    )
    assert "`weak`" in second


def test_the_fastest_round_counts():
    calls = []
    speed = images_per_second(lambda: calls.append(0), images=8)
    assert speed > 8 * len(calls) / 3  # the rounds together take two seconds or a little more

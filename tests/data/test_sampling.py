import numpy as np
import pandas as pd
import pytest

from dfd_tf.data.sampling import class_weights, epoch_order


@pytest.fixture
def examples():
    return pd.DataFrame(
        {"label": [0] * 30 + [1] * 10 + [0, 1], "source": ["big"] * 40 + ["small"] * 2}
    )


def test_without_balance_every_image_comes_once(examples):
    order = epoch_order(examples, balance="none", n_images=42, seed=1, epoch=0)
    assert sorted(order) == list(range(42))


def test_class_balance_shows_both_classes_equally_and_wastes_no_image(examples):
    order = epoch_order(examples, balance="class", n_images=42, seed=1, epoch=0)
    labels = examples.label.to_numpy()[order]
    assert labels.mean() == 0.5
    shown = np.bincount(order, minlength=42)
    assert shown[labels.size and examples.label.to_numpy() == 1].min() >= 1  # 21 of 11 fakes
    assert shown[examples.label.to_numpy() == 0].max() == 1


def test_source_balance_weighs_sources_by_the_root_of_their_size(examples):
    order = epoch_order(examples, balance="source", n_images=800, seed=1, epoch=0)
    drawn = examples.iloc[order].groupby(["source", "label"]).size().to_numpy()
    share = np.sqrt(40) / (np.sqrt(40) + np.sqrt(2))
    np.testing.assert_allclose(drawn, [400 * share] * 2 + [400 * (1 - share)] * 2, atol=1)
    assert drawn.sum() == 800


def test_classes_stay_equal_where_a_source_has_one_class_only(examples):
    one_sided = examples[(examples.source == "big") | (examples.label == 0)]
    order = epoch_order(one_sided, balance="source", n_images=100, seed=1, epoch=0)
    assert one_sided.label.to_numpy()[order].mean() == 0.5


def test_order_depends_on_seed_and_epoch_alone(examples):
    orders = [
        epoch_order(examples, balance="class", n_images=42, seed=seed, epoch=epoch).tolist()
        for seed, epoch in [(1, 0), (1, 0), (1, 1), (2, 0)]
    ]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2] != orders[3] != orders[0]


def test_class_weights_make_the_classes_weigh_the_same():
    labels = np.array([0, 0, 0, 1])
    weights = class_weights(labels)
    assert weights[labels == 0].sum() == pytest.approx(weights[labels == 1].sum())
    assert weights.mean() == pytest.approx(1)


@pytest.mark.parametrize("balance", ["class", "source"])
def test_fakes_take_the_share_that_is_asked_for(examples, balance):
    options = {"balance": balance, "n_images": 200, "seed": 1, "epoch": 0}
    order = epoch_order(examples, fake_share=0.2, **options)
    assert examples.label.to_numpy()[order].mean() == pytest.approx(0.2, abs=0.01)
    reals = examples[examples.label == 0]
    assert len(epoch_order(reals, fake_share=0.2, **options)) == 200

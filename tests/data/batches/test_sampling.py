import numpy as np
import pandas as pd
import pytest

from dfd_tf.data.batches.sampling import choose_twins, class_weights, epoch_order


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


def test_twins_of_shown_reals_take_the_stated_shares_of_the_fakes():
    labels = np.arange(100) % 2
    order = np.arange(1000, 1100)
    twins, ways = choose_twins(order, labels, [0.3, 0.1], seed=3, epoch=1)
    assert np.bincount(ways).tolist() == [80, 15, 5]
    assert not ways[labels == 0].any()
    np.testing.assert_array_equal(twins[ways == 0], order[ways == 0])
    assert len(set(twins[ways > 0])) == 20
    assert set(twins[ways > 0]) <= set(order[labels == 0])


def test_no_twins_without_reals_or_shares():
    order, labels = np.arange(10), np.ones(10, np.int64)
    for shares, classes in ([0.5, 0.0], labels), ([0.0, 0.0], np.arange(10) % 2):
        twins, ways = choose_twins(order, classes, shares, seed=0, epoch=0)
        np.testing.assert_array_equal(twins, order)
        assert not ways.any()


def test_all_fakes_can_be_twins_where_reals_are_few():
    labels = np.array([0, 1, 1, 1])
    twins, ways = choose_twins(np.arange(4), labels, [1.0], seed=0, epoch=0)
    assert twins.tolist() == [0, 0, 0, 0]
    assert ways.tolist() == [0, 1, 1, 1]

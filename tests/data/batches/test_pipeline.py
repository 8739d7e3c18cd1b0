import numpy as np
import pytest
from PIL import Image

from dfd_tf.data.batches.array_batches import image_arrays
from dfd_tf.data.batches.augmentation_plan import plan_epoch
from dfd_tf.data.batches.pipeline import training_batches
from dfd_tf.data.batches.pixel_cache import PixelCache
from dfd_tf.data.images.decode import read_image
from dfd_tf.data.preprocess import Preprocessing, Window
from dfd_tf.data.sets.examples import check_files, load_examples

EVERYTHING = {"flip": 0.5, "turn": 0.5, "jpeg": 0.5, "blur": 0.5, "noise": 0.5, "resize": 0.5}


@pytest.fixture
def examples(tmp_path, make_pixels):
    for label in ("real", "fake"):
        folder = tmp_path / "set" / label
        folder.mkdir(parents=True)
        for i in range(8):
            pixels = make_pixels(i + 20 * (label == "fake"), 84 + 2 * i, 96)
            Image.fromarray(pixels).save(folder / f"{i}.jpg", quality=90, subsampling=2)
        Image.fromarray(make_pixels(50, 70, 70)).save(folder / "a.png")
        Image.fromarray(make_pixels(51, 40, 50)).save(folder / "tiny.jpg")
    return check_files(load_examples([tmp_path / "set"]), progress=False).usable


def batches(examples, preprocessing, augmentation, made=None, *, seed=0, epoch=0, source=None):
    order = np.arange(len(examples))
    plan = plan_epoch(examples, order, preprocessing, augmentation, made, seed=seed, epoch=epoch)
    found = training_batches(plan, preprocessing, batch_size=4, source=source)
    images, labels = zip(*found.as_numpy_iterator(), strict=True)
    return np.concatenate(images), np.concatenate(labels)[:, 0], plan


@pytest.mark.parametrize("policy", ["crop", "resize"])
def test_images_are_exactly_the_planned_windows(examples, policy):
    preprocessing = Preprocessing(64, policy, native_side=96)
    images, labels, plan = batches(examples, preprocessing, {"zoom": 0.7})
    assert images.shape == (20, 64, 64, 3)
    np.testing.assert_array_equal(labels, examples.label)
    assert plan.direct.sum() == (16 if policy == "crop" else 18)
    for image, row in zip(images, plan.itertuples(), strict=True):
        fitted = preprocessing.fit(read_image(row.path))
        window = Window(row.top, row.left, row.side)
        expected = preprocessing.scale(window.cut(fitted))
        # libjpeg smooths chroma across the rim of a partial decode a little differently.
        partial = row.direct and row.side == 64
        rim = 2 if partial else 0
        inner = (slice(rim, 64 - rim),) * 2
        np.testing.assert_array_equal(image[inner], expected[inner])
        assert np.abs(image.astype(int) - expected).max() <= (40 if partial else 0)


def test_flip_and_turn_are_as_planned(examples):
    plain, _, _ = batches(examples, Preprocessing(64), {})
    turned, _, plan = batches(examples, Preprocessing(64), {"flip": 0.5, "turn": 0.5})
    assert 0 < plan.flip.sum() < 20
    assert set(plan.turns) == {0, 1, 2, 3}
    for before, after, row in zip(plain, turned, plan.itertuples(), strict=True):
        expected = np.rot90(before[:, ::-1] if row.flip else before, row.turns)
        np.testing.assert_array_equal(after, expected)


def test_same_seed_and_epoch_repeat_bit_for_bit_and_others_differ(examples):
    one, same, later, other = (
        batches(examples, Preprocessing(64), EVERYTHING, seed=seed, epoch=epoch)[0]
        for seed, epoch in [(5, 1), (5, 1), (5, 2), (6, 1)]
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, later)
    assert not np.array_equal(one, other)


def test_degradations_strike_at_the_stated_rate(examples):
    order = np.zeros(4000, int)
    plan = plan_epoch(examples, order, Preprocessing(64), {"jpeg": 0.3}, seed=0, epoch=0)
    assert (plan.kinds > 0).mean() == pytest.approx(0.3, abs=0.03)
    assert set(plan.kinds) == {0, 8}


def test_pseudo_fakes_are_made_of_reals_and_leave_the_rest_alone(examples):
    preprocessing, made = Preprocessing(64), {"self_blended": 0.4, "resampled": 0.2}
    before, labels, _ = batches(examples, preprocessing, {"flip": 0.5})
    images, same_labels, plan = batches(examples, preprocessing, {"flip": 0.5}, made)
    np.testing.assert_array_equal(labels, same_labels)
    assert np.bincount(plan.forged).tolist() == [14, 4, 2]
    forged = plan.forged.to_numpy() > 0
    np.testing.assert_array_equal(images[~forged], before[~forged])
    assert (examples.label.iloc[plan.row[forged]] == 0).all()
    assert (plan.label[forged] == 1).all()
    for image, row in zip(images[forged], plan[forged].itertuples(), strict=True):
        photo = preprocessing.fit(read_image(row.path))
        square = Window(row.top, row.left, row.side).cut(photo)
        changed = (image != (square[:, ::-1] if row.flip else square)).any(-1).mean()
        assert 0.01 < changed < 0.9 if row.forged == 1 else changed > 0.5


@pytest.mark.parametrize("on_disk", [False, True])
def test_cache_gives_the_same_images_as_decoding(examples, tmp_path, on_disk):
    preprocessing = Preprocessing(64, "resize")
    folder = tmp_path / "cache"
    cache = PixelCache(examples, preprocessing, folder if on_disk else None)
    made = {"self_blended": 0.5}
    cached = batches(examples, preprocessing, EVERYTHING, made, source=cache)[0]
    np.testing.assert_array_equal(cached, batches(examples, preprocessing, EVERYTHING, made)[0])
    assert not on_disk or not list(folder.iterdir())


def test_weights_come_third(examples):
    preprocessing = Preprocessing(64)
    order = np.array([0, 1, 2, 19])
    plan = plan_epoch(examples, order, preprocessing, {}, seed=0, epoch=0)
    batch = next(iter(training_batches(plan, preprocessing, batch_size=4, weighted=True)))
    assert len(batch) == 3
    np.testing.assert_allclose(batch[2][:, 0], np.where(batch[1][:, 0] == batch[1][3, 0], 2, 2 / 3))


@pytest.mark.parametrize("policy", ["crop", "resize"])
@pytest.mark.parametrize("cached", [False, True])
def test_arrays_by_threads_are_the_batches_of_tf_data(examples, policy, cached):
    preprocessing = Preprocessing(64, policy)
    order = np.arange(len(examples))
    # Degradations would spread what a partial decode changes at the rim.
    chances = EVERYTHING if cached or policy == "resize" else {"flip": 0.5, "turn": 0.5}
    made = {"self_blended": 0.4}
    plan = plan_epoch(examples, order, preprocessing, chances, made, seed=3, epoch=2)
    source = PixelCache(examples, preprocessing) if cached else None
    settings = {"batch_size": 4, "source": source, "weighted": True}
    arrays = image_arrays(plan, preprocessing, **settings)
    tensors = training_batches(plan, preprocessing, **settings)
    assert len(arrays) == 5
    inner = slice(None) if cached or policy == "resize" else slice(2, -2)
    for ours, theirs in zip(arrays, tensors.as_numpy_iterator(), strict=True):
        assert [array.dtype for array in ours] == [array.dtype for array in theirs]
        for array, expected in zip(ours[1:], theirs[1:], strict=True):
            np.testing.assert_array_equal(array, expected)
        window = np.s_[:, inner, inner]
        np.testing.assert_array_equal(ours[0][window], theirs[0][window])
        assert ours[0].shape == theirs[0].shape

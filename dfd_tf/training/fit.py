"""Fit a detector epoch by epoch, keep the best by validation AUC, survive a kill."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import log_loss, roc_auc_score

from dfd_tf.config import TrainConfig
from dfd_tf.errors import UserError
from dfd_tf.training.checkpoint import TrainingState, load_state, save_state
from dfd_tf.training.optim.phases import start_phase
from dfd_tf.training.optim.weight_average import WeightAverage, assign, values

Batches = Any
Say = Callable[[str], None]
Figures = dict[str, float]


def fit(
    model: keras.Model,
    batches_of: Callable[[int], Batches],
    validate: Callable[[keras.Model], NDArray[np.float64]],
    valid: pd.DataFrame,
    config: TrainConfig,
    folder: Path,
    *,
    steps_per_epoch: int,
    backbone: Sequence[str] = (),
    figures_of: Callable[[NDArray[np.float64], pd.DataFrame], Figures] | None = None,
    keep_last: bool = False,
    resume: bool = False,
    say: Say = print,
    verbose: bool = True,
) -> TrainingState:
    """Train a model and leave its best weights, by validation AUC, or its last ones in it.

    Every epoch depends on the state before it and on its number alone, so a training that was
    killed and resumed ends in the same weights as one that was not.

    Args:
        model: built under the strategy to train it with; it is compiled here.
        batches_of: batches of an epoch by its number, from 0.
        validate: logits of the validation images under the model's present weights.
        valid: table of these images, with label and source.
        config: see `TrainConfig`.
        folder: run folder; checkpoints and history.csv are written there.
        steps_per_epoch: how many batches an epoch has.
        backbone: names of the layers that `freeze_epochs` and `backbone_rate` are about.
        figures_of: what history.csv gets of the logits and their table; by default log loss and
            AUC.
        keep_last: train all epochs and keep the last weights, for want of fakes to choose by.
        resume: go on from the newest checkpoint in the folder, if there is one.
        say: prints a line.
        verbose: show Keras' progress bar.

    Raises:
        UserError: the loss became infinite or no number.
    """
    figures_of = figures_of or validation_figures
    average = WeightAverage(model, config.ema)
    state = (load_state(folder / "checkpoints") if resume else None) or TrainingState()
    start_phase(model, config, steps_per_epoch, backbone, max(state.epoch - 1, 0))
    if state.epoch:
        _restore(model, average, state)
        say(f"Going on after epoch {state.epoch}.")
    patience = config.epochs if keep_last else config.patience
    while state.epoch < config.epochs and not _is_stale(state, patience):
        if 0 < state.epoch == config.freeze_epochs:
            start_phase(model, config, steps_per_epoch, backbone, state.epoch)
        figures = _one_epoch(model, batches_of(state.epoch), average, config, state.epoch, verbose)
        with average.in_model():
            figures |= figures_of(validate(model), valid)
            _record(state, figures, model, keep_last)
        _capture(model, average, state)
        save_state(folder / "checkpoints", state)
        pd.DataFrame(state.history).to_csv(folder / "history.csv", index=False)
        say(_summary(state, config.epochs, keep_last))
    assign(model.variables, state.best)
    return state


def _one_epoch(
    model: keras.Model,
    batches: Batches,
    average: WeightAverage,
    config: TrainConfig,
    epoch: int,
    verbose: bool,
) -> Figures:
    bar = (1 if sys.stdout.isatty() else 2) if verbose else 0
    callbacks = [average, keras.callbacks.TerminateOnNaN()]
    fitted = model.fit(
        batches,
        initial_epoch=epoch,
        epochs=epoch + 1,
        callbacks=callbacks,
        shuffle=False,
        verbose=bar,
    )
    loss = float(fitted.history.get("loss", [np.nan])[-1])
    if not np.isfinite(loss):
        raise UserError(
            f"The training diverged in epoch {epoch + 1}: the loss is {loss}. Lower "
            "train.learning_rate, or set device.precision to float32."
        )
    rate = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
    auc = {"auc": float(fitted.history["auc"][-1])} if "auc" in fitted.history else {}
    return {"epoch": epoch + 1, "loss": loss, **auc, "learning_rate": rate}


def validation_figures(logits: NDArray[np.float64], valid: pd.DataFrame) -> Figures:
    """Log loss, AUC over all, and AUC within each source where there are several."""
    loss = float(log_loss(valid.label, expit(logits), labels=[0, 1]))
    return {"val_loss": loss, **auc_figures(logits, valid)}


def auc_figures(logits: NDArray[np.float64], valid: pd.DataFrame) -> Figures:
    """AUC over all, and within each source where there are several."""
    figures = {"val_auc": float(roc_auc_score(valid.label, logits))}
    sources = valid.groupby("source").indices
    for source, rows in sources.items():
        labels = valid.label.to_numpy()[rows]
        if len(sources) > 1 and len(np.unique(labels)) == 2:
            figures[f"val_auc_{source}"] = float(roc_auc_score(labels, logits[rows]))
    return figures


def _record(state: TrainingState, figures: Figures, model: keras.Model, keep_last: bool) -> None:
    """Enter an epoch's figures, and its weights where they are the best so far."""
    state.epoch += 1
    state.history.append(figures)
    first = not state.best_epoch
    if keep_last or first or figures["val_auc"] > _best(state)["val_auc"]:
        state.best_epoch = state.epoch
        state.best = values(model.variables)


def _capture(model: keras.Model, average: WeightAverage, state: TrainingState) -> None:
    state.model = values(model.variables)
    state.optimizer = values(model.optimizer.variables)
    state.average = [array.copy() for array in average.arrays or []]
    state.average_step = average.step


def _restore(model: keras.Model, average: WeightAverage, state: TrainingState) -> None:
    assign(model.variables, state.model)
    assign(model.optimizer.variables, state.optimizer)
    average.arrays = [array.copy() for array in state.average] or None
    average.step = state.average_step


def _best(state: TrainingState) -> Figures:
    return state.history[state.best_epoch - 1]


def _is_stale(state: TrainingState, patience: int) -> bool:
    return state.epoch - state.best_epoch >= patience


def _summary(state: TrainingState, epochs: int, keep_last: bool) -> str:
    now, best = state.history[-1], _best(state)
    prefix = "val_auc_"
    sources = [f"{k.removeprefix(prefix)} {v:.3f}" for k, v in now.items() if k.startswith(prefix)]
    by_source = f" ({', '.join(sources)})" if sources else ""
    if "val_auc" not in now:
        return f"epoch {state.epoch}/{epochs}: loss {now['loss']:.4g}"
    text = f"epoch {state.epoch}/{epochs}: validation AUC {now['val_auc']:.4f}{by_source}"
    if keep_last:
        return text
    is_best = state.best_epoch == state.epoch
    rest = "best so far" if is_best else f"best {best['val_auc']:.4f} in epoch {state.best_epoch}"
    return f"{text}, {rest}"

"""Fit a detector epoch by epoch, keep the best by validation AUC, survive a kill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.metrics import log_loss, roc_auc_score

from dfd_tf.config import TrainConfig
from dfd_tf.models.tuning import only_norms_learn
from dfd_tf.progress import Progress
from dfd_tf.reporter import Reporter
from dfd_tf.training.batches import EpochBatches
from dfd_tf.training.checkpoint import TrainingState, load_state, save_state
from dfd_tf.training.context import RunContext
from dfd_tf.training.optim.phases import start_phase
from dfd_tf.training.optim.weight_average import WeightAverage, assign, values
from dfd_tf.training.run_folder import HISTORY
from dfd_tf.training.validation import check_finite
from dfd_tf.types import Floats

Figures = dict[str, float]


def fit(
    model: keras.Model,
    context: RunContext,
    batches: EpochBatches,
    validate: Callable[[keras.Model], Floats],
    *,
    options: TrainConfig | None = None,
    backbone: Sequence[str] = (),
    figures_of: Callable[[Floats, pd.DataFrame], Figures] | None = None,
    keep_last: bool = False,
) -> pd.DataFrame:
    """Train a model and leave its best weights, by validation AUC, or its last ones in it.

    Every epoch depends on the state before it and on its number alone, so a training that was
    killed and resumed ends in the same weights as one that was not.

    Args:
        model: built under the strategy to train it with; it is compiled here.
        context: of the run.
        batches: what it is shown.
        validate: logits of the validation images under the model's present weights.
        options: of the optimisation, by default those of the run.
        backbone: names of the layers that `freeze_epochs` and `backbone_rate` are about.
        figures_of: what history.csv gets of the logits and their table; by default log loss and
            AUC.
        keep_last: train all epochs and keep the last weights, for want of fakes to choose by.

    Returns:
        Content of history.csv.

    Raises:
        UserError: the loss or a validation logit became infinite or no number.
    """
    options, valid = options or context.config.train, context.valid
    figures_of = figures_of or validation_figures
    if options.tune == "layer_norm":
        only_norms_learn(model, backbone)  # what never learns needs no average
    average = WeightAverage(model, options.ema)
    state = (load_state(context.checkpoints) if context.resume else None) or TrainingState()
    start_phase(model, options, batches.steps, backbone, max(state.epoch - 1, 0))
    if state.epoch:
        _restore(model, average, state)
        context.reporter.say(f"Going on after epoch {state.epoch}.")
    patience = options.epochs if keep_last else options.patience
    while state.epoch < options.epochs and not _is_stale(state, patience):
        if 0 < state.epoch == options.freeze_epochs:
            start_phase(model, options, batches.steps, backbone, state.epoch)
        figures = _one_epoch(model, batches, average, state.epoch, options.epochs, context.reporter)
        with average.in_model():
            logits = validate(model)
            check_finite(logits, "the logit of a validation image is", state.epoch + 1)
            figures |= figures_of(logits, valid)
            _record(state, figures, model, keep_last)
        if context.group.leads:
            _capture(model, average, state)
            save_state(context.checkpoints, state)
            pd.DataFrame(state.history).to_csv(context.folder / HISTORY, index=False)
        context.reporter.say(_summary(state, options.epochs, keep_last))
    assign(model.variables, state.best)
    return pd.DataFrame(state.history)


def _one_epoch(
    model: keras.Model,
    batches: EpochBatches,
    average: WeightAverage,
    epoch: int,
    epochs: int,
    reporter: Reporter,
) -> Figures:
    with reporter.bar(batches.steps, f"epoch {epoch + 1}/{epochs}", unit="batches") as bar:
        fitted = model.fit(
            batches.of(epoch),
            initial_epoch=epoch,
            epochs=epoch + 1,
            callbacks=[average, keras.callbacks.TerminateOnNaN(), _Count(bar)],
            shuffle=False,
            verbose=0,
        )
    loss = float(fitted.history.get("loss", [np.nan])[-1])
    check_finite(loss, "the loss is", epoch + 1)
    rate = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
    auc = {"auc": float(fitted.history["auc"][-1])} if "auc" in fitted.history else {}
    return {"epoch": epoch + 1, "loss": loss, **auc, "learning_rate": rate}


class _Count(keras.callbacks.Callback):
    """Counts batches on a bar of ours, which knows how to behave where there is no terminal."""

    def __init__(self, bar: Progress) -> None:
        super().__init__()
        self.bar = bar

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.bar.update()


def validation_figures(logits: Floats, valid: pd.DataFrame) -> Figures:
    """Log loss, AUC over all, and AUC within each source where there are several."""
    loss = float(log_loss(valid.label, expit(logits), labels=[0, 1]))
    return {"val_loss": loss, **auc_figures(logits, valid)}


def auc_figures(logits: Floats, valid: pd.DataFrame) -> Figures:
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

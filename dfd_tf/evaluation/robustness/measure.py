"""How a detector's ranking and decisions survive what happens to photos on their way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dfd_tf import calibration
from dfd_tf.audio.hearing import Hearing
from dfd_tf.data.batches.sampling import epoch_order
from dfd_tf.detectors.detector import Detector, Faces
from dfd_tf.detectors.scoring import answers_of_files
from dfd_tf.evaluation.classes import require_both_classes, require_judged
from dfd_tf.evaluation.metrics import auc_replicates, evaluate_scores, interval_of
from dfd_tf.evaluation.robustness.protocol import CLEAN, Step, generator_for, protocol_for
from dfd_tf.types import Takes

EVEN_ODDS = 0.5  # of what can be judged as it is and not after a step, such as speech unheard
METRICS = ("auc", "eer", "accuracy", "recall", "fpr_at_threshold")


def measure_robustness(
    detector: Detector,
    examples: pd.DataFrame,
    folder: Path,
    *,
    protocol: Sequence[Step] | None = None,
    faces: Faces = "whole",
    progress: bool = True,
) -> dict[str, Any]:
    """Score all examples under every step of the protocol, both classes alike.

    The scores of a step are kept in `folder` as soon as they are complete; a step that is there
    for the same detector and the same files is not computed again.

    Args:
        detector: judged at its stored threshold.
        examples: table with path, file, label, group and source.
        folder: for the scores of the steps, made if absent.
        protocol: the steps, the first of them `CLEAN`; by default all for what it takes.
        faces: what of a photo is degraded and judged, see `Detector.judgements`.
        progress: show progress bars.

    Returns:
        Content of robustness.json: ``takes``, "image" or "sound"; ``steps`` by name, each with
        ``kind``, ``strength``, what they mean (``words``, ``axis``, ``untouched``, ``in_mean``),
        the `METRICS` with their intervals and ``inconclusive``, the share of images so judged;
        ``summary`` with ``mean_auc`` over all steps but the clean one and those that are not
        `in_mean`, and ``ratio_to_clean``;
        ``n``, ``n_real``, ``n_fake``, ``n_failed``, ``threshold``.

    Raises:
        UserError: a class is missing, or not one of its images can be judged.
    """
    require_both_classes(examples)
    takes: Takes = "sound" if isinstance(detector.info.preprocessing, Hearing) else "image"
    protocol = protocol or protocol_for(takes)
    folder.mkdir(parents=True, exist_ok=True)
    scored = {}
    for step in protocol:
        scored[step.name] = _scores_of(detector, examples, step, faces, folder, progress)
        if step.name == CLEAN:
            require_judged(examples, np.isfinite(scored[CLEAN][:, 0]))
    usable = np.isfinite(scored[CLEAN][:, 0])
    kept = examples[usable]
    answers = {name: found[usable] for name, found in scored.items()}
    scores = {
        name: np.nan_to_num(calibration.scores(found[:, 0], detector.calibration), nan=EVEN_ODDS)
        for name, found in answers.items()
    }
    return {
        "takes": takes,
        "threshold": detector.calibration.threshold,
        "faces": detector.mode(faces),
        "n": len(kept),
        "n_real": int((kept["label"] == 0).sum()),
        "n_fake": int((kept["label"] == 1).sum()),
        "n_failed": int((~usable).sum()),
        "steps": {
            step.name: _measure(detector, kept, step, scores[step.name], answers[step.name])
            for step in protocol
        },
        "summary": summarise(
            kept, {step.name: scores[step.name] for step in protocol if step.in_mean}
        ),
    }


def limited(examples: pd.DataFrame, limit: int | None) -> pd.DataFrame:
    """At most so many examples, from every source and class alike; always the same ones."""
    if limit is None or limit >= len(examples):
        return examples
    rows = epoch_order(examples, balance="source", n_images=limit, seed=0, epoch=0)
    return examples.iloc[np.unique(rows)]


def summarise(
    examples: pd.DataFrame, scores: Mapping[str, NDArray[np.float64]]
) -> dict[str, dict[str, float | None]]:
    """Mean AUC over degraded steps, and its ratio to the AUC of clean images.

    The intervals are those of the mean and of the ratio themselves: each replicate of the
    bootstrap holds the same images under every step.

    Args:
        examples: table with label, source and group.
        scores: (n,) P(fake) by step, `CLEAN` among them.
    """
    groups = examples["source"] + "\0" + examples["group"]
    aucs = {
        name: auc_replicates(examples["label"], values, groups=groups)
        for name, values in scores.items()
    }
    clean, clean_replicates = aucs.pop(CLEAN)
    mean = float(np.mean([value for value, _ in aucs.values()]))
    replicates = np.mean([many for _, many in aucs.values()], axis=0)
    return {
        "mean_auc": interval_of(mean, replicates),
        "ratio_to_clean": interval_of(
            float(_ratio(np.array(mean), np.array(clean))), _ratio(replicates, clean_replicates)
        ),
    }


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quotients; NaN over 0, as few photos can be ranked all wrong."""
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)


def _scores_of(
    detector: Detector,
    examples: pd.DataFrame,
    step: Step,
    faces: Faces,
    folder: Path,
    progress: bool,
) -> NDArray[np.float64]:
    """(n, 1 or 3) answers under a step, from its file if that is there; NaN for a lost photo."""
    key = _key(detector, examples, step, faces)
    path = folder / f"{step.name}-{key}.npy"
    if not path.is_file():
        unfinished = folder / f"{step.name}.part.npy"
        np.save(unfinished, _score(detector, examples, step, faces, progress))
        unfinished.replace(path)
    # Files of before there were distances hold one row.
    return np.asarray(np.load(path), np.float64).reshape(len(examples), -1)


def _score(
    detector: Detector, examples: pd.DataFrame, step: Step, faces: Faces, progress: bool
) -> NDArray[np.float64]:
    names = dict(zip(examples["path"], examples["source"] + "/" + examples["file"], strict=True))

    def change(given: Any, path: str | Path) -> Any:
        return step.apply(given, generator_for(names[str(path)], step))

    return answers_of_files(
        detector.model,
        detector.info.preprocessing,
        list(examples["path"]),
        cut=detector.cutter(faces),
        change=change,
        progress=progress,
        description=step.name,
    )[0]


def _key(detector: Detector, examples: pd.DataFrame, step: Step, faces: Faces) -> str:
    """Stands for everything that the scores of a step depend on."""
    states = [Path(path).stat() for path in examples["path"]]
    files = [
        (file, state.st_size, state.st_mtime_ns)
        for file, state in zip(examples["file"], states, strict=True)
    ]
    weights, preprocessing = detector.info.weights_sha256, detector.info.preprocessing.to_dict()
    known = [detector.info.knowledge.sha256] if detector.info.knowledge else []
    text = json.dumps([weights, preprocessing, step.kind, step.strength, files, faces, *known])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _measure(
    detector: Detector,
    examples: pd.DataFrame,
    step: Step,
    scores: NDArray[np.float64],
    answers: NDArray[np.float64],
) -> dict[str, Any]:
    metrics = evaluate_scores(
        examples["label"],
        scores,
        detector.calibration.threshold,
        groups=examples["source"] + "\0" + examples["group"],
    )
    given = np.array(detector.verdicts(answers))
    verdicts = np.where(np.isnan(answers[:, 0]), "inconclusive", given)
    return {
        **step.facts,
        **{name: metrics[name] for name in METRICS},
        "inconclusive": round(float(np.mean(verdicts == "inconclusive")), 6),
    }

"""MODEL_CARD.md: what a detector is, how well it does, where it fails, what its data permit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dfd_tf.audio.hearing import Hearing
from dfd_tf.audio.reading import RATE
from dfd_tf.calibration import UNCALIBRATED, Calibration
from dfd_tf.calibration.calibration import Selective
from dfd_tf.calibration.novelty import OUTSIDE
from dfd_tf.data.preprocess import Preprocessing
from dfd_tf.detectors.info import Counts, DetectorInfo
from dfd_tf.evaluation.wording import without_intervals
from dfd_tf.reporting.markdown import markdown_table
from dfd_tf.reporting.numbers import with_interval

WEAK_AUC = 0.85

CALIBRATED = """\
- A score is calibrated for data like those above, half of them fake. Where fakes are rare, most
  alarms are false alarms whatever the score; read the threshold table.
"""
NOT_CALIBRATED = """\
- A score only ranks: 0.8 does not mean that 80 in 100 such images are fake. The thresholds keep
  their false-positive rates on photos like those above.
"""
LIMITS = """\
- A generator or a way of editing that is not in the table may pass unnoticed.
- Strong compression, shrinking and filters erase traces.
- The images are face crops. `dfd predict` cuts faces out of other photos in the same way.
"""


IMAGES = "Tells real from fake face images."
SOUND = """\
**Experimental.** Tells real from fake speech, as far as it knows the engines that made the fakes;
what that is worth stands in docs/audio.md."""
LIMITS_OF_SOUND = """\
- An engine that is not in the table may pass unnoticed; one of another kind mostly does.
- Telephones, loud noise and strong compression change scores.
- Music is not applicable; song was never heard, and may be taken for either.
"""


def write_card(path: Path, info: DetectorInfo) -> None:
    """Write the card of the detector that detector.json describes."""
    sections = [
        f"# {info.name}",
        f"{SOUND if _hears(info) else IMAGES} Output: {_output(info)}.",
        _facts(info),
        f"## Data\n\n{_counts_table(info.data.counts)}",
        *(_results(name, metrics) for name, metrics in info.metrics.items()),
        f"## Thresholds\n\n{_threshold_table(info)}\n{_selection(info.calibration)}"
        f"{_accused_by_source(info.calibration)}",
        f"## Where it fails\n\n{_weaknesses(info.metrics['test'])}{_limits(info)}",
        f"## Terms of the data\n\n{_terms(info.licence)}",
    ]
    path.write_text("\n\n".join(section.strip() for section in sections) + "\n", encoding="utf-8")


def _hears(info: DetectorInfo) -> bool:
    return isinstance(info.preprocessing, Hearing)


def _output(info: DetectorInfo) -> str:
    calibrated = info.calibration.calibrated
    return "calibrated P(fake)" if calibrated else f"a score, {UNCALIBRATED}"


def _limits(info: DetectorInfo) -> str:
    calibrated = info.calibration.calibrated
    return (
        f'- "real" means {info.real_means}.\n'
        + (CALIBRATED if calibrated else NOT_CALIBRATED)
        + (LIMITS_OF_SOUND if _hears(info) else LIMITS)
        + _outside(info)
    )


def _outside(info: DetectorInfo) -> str:
    """What photos unlike all that were learned from get."""
    novelty = info.novelty
    if novelty is None:
        what = "recordings" if _hears(info) else "photos"
        return f"- It does not notice {what} that are unlike all that it has learned from.\n"
    return (
        f"- Photos farther from those of its training, in its own features, than "
        f"{novelty.quantile:.1%} of\n  {novelty.n_valid:,} validation photos get no verdict: "
        f"{OUTSIDE}. What is new\n  in a way that these features do not show is not noticed.\n"
    )


def _facts(info: DetectorInfo) -> str:
    backbone, members = info.backbone, info.members
    kept = "but for their layer normalisations not in here" if info.tuned else "not in here"
    return "\n".join(
        [
            f"- Architecture: {info.architecture} {info.arguments}",
            f"- Input: {_input(info.preprocessing)}",
            f"- Seed {info.data.seed}, data fingerprint {info.data.fingerprint[:16]}",
            *([f"- Frozen layers: as published, from {backbone}; {kept}"] if backbone else []),
            *(f"- Member: {m.detector}, its log-odds times {m.weight:.3f}" for m in members),
            *([f"- Joined by: {info.joint.rule}"] if info.joint else []),
        ]
    )


def _input(seen: Preprocessing | Hearing) -> str:
    if isinstance(seen, Hearing):
        return f"windows of {seen.size / RATE:g} s of sound at {RATE // 1000} kHz, silence trimmed"
    return (
        f"{seen.size} x {seen.size} pixels, policy {seen.policy}, "
        f"{seen.views} view(s), trained on images of about {seen.native_side} pixels"
    )


def _counts_table(counts: dict[str, dict[str, Counts]]) -> str:
    rows = [
        [source, split, f"{n.real:,}", f"{n.fake:,}"]
        for source, splits in counts.items()
        for split, n in splits.items()
    ]
    return markdown_table(["source", "split", "real", "fake"], rows, ["real", "fake"])


def _results(split: str, metrics: dict[str, Any]) -> str:
    head = ["source", "images", "AUC", "accuracy", "false-positive rate", "ECE"]
    # A list, since a source may be called "all", too.
    parts = [("all", metrics), *metrics["per_source"].items()]
    rows = [_result_row(source, part) for source, part in parts]
    table = markdown_table(head, rows, ["images"])
    few = "".join(f"\n{sentence}\n" for sentence in without_intervals(metrics))
    return f"## Measured on {split} (95 % intervals)\n\n{table}{few}"


def _result_row(name: str, metrics: dict[str, Any]) -> list[str]:
    names = ("auc", "accuracy", "fpr_at_threshold", "ece")
    return [name, f"{metrics['n']:,}", *(with_interval(metrics[n]) for n in names)]


def _threshold_table(info: DetectorInfo) -> str:
    jpeg, thresholds = info.after_jpeg, info.calibration.thresholds
    rows = [[f"{t.fpr:.0%}", f"{t.value:.4f}", f"{t.n_real:,}"] for t in thresholds]
    head = [
        "false-positive rate",
        "score",
        f"set on real {'recordings' if _hears(info) else 'images'}",
    ]
    if jpeg:
        head += [f"the same after JPEG {jpeg.quality}", "fakes found after it"]
        for row, after in zip(rows, jpeg.thresholds, strict=True):
            row += [f"{after.false_positive_rate:.1%}", _share(after.recall)]
    return markdown_table(head, rows, head)


def _accused_by_source(calibration: Calibration) -> str:
    """What the thresholds cost the real photos of each source that they were set on."""
    thresholds = calibration.thresholds
    sources = thresholds[0].by_source
    if not sources:
        return ""
    rows = [
        [source, f"{of.n:,}", *(f"{t.by_source[source].rate:.1%}" for t in thresholds)]
        for source, of in sources.items()
    ]
    head = ["source", "real images", *(f"called fake at {t.fpr:.0%}" for t in thresholds)]
    return (
        "\n\nReal validation images by source. The source that looks most fake sets a threshold; "
        f"those too small for it are pooled.\n\n{markdown_table(head, rows, head[1:])}"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _selection(calibration: Calibration) -> str:
    band = calibration.selective
    if band is None:
        return "No verdict between the thresholds at 10 % and 1 %."
    return (
        f"No verdict from {band.low:.4f} to {band.high:.4f}. On validation "
        f"{band.coverage:.1%} of the images get a verdict and {band.error:.1%} of these are "
        f"wrong; allowed are {band.max_error:.1%}.{_passed_by_source(band)}"
    )


def _passed_by_source(band: Selective) -> str:
    """How many fakes of each source that the band was set on are called real."""
    if not band.missed:
        return ""
    rows = [[source, f"{of.n:,}", f"{of.rate:.1%}"] for source, of in band.missed.items()]
    head = ["source", "fake images", "called real"]
    return (
        "\n\nFake validation images by source: the source whose fakes look most real decides where "
        f"the verdict real ends.\n\n{markdown_table(head, rows, head[1:])}"
    )


def _weaknesses(metrics: dict[str, Any]) -> str:
    weak = [
        f"- Weak on {source}: AUC {with_interval(part['auc'])}.\n"
        for source, part in metrics["per_source"].items()
        if part["auc"]["value"] is not None and part["auc"]["value"] < WEAK_AUC
    ]
    return "".join(weak)


def _terms(licence: dict[str, str]) -> str:
    return "\n".join(f"- {source}: {terms}" for source, terms in licence.items())

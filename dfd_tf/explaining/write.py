"""Explain files: a picture and a heat map for each, contact sheets, and a table of everything."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from dfd_tf.data.images.decode import read_image
from dfd_tf.detectors.detector import Detector, Faces
from dfd_tf.explaining import METHODS
from dfd_tf.explaining.edited import edited_region, shares_inside
from dfd_tf.explaining.finding import Finding
from dfd_tf.explaining.heat import Explainer, HeatMap, target_class
from dfd_tf.explaining.picture import draw_picture, shortened
from dfd_tf.explaining.resume import MADE_BY, TABLE, drop_others, finished_rows, signature
from dfd_tf.explaining.sheet import PER_SHEET, ContactSheets
from dfd_tf.explaining.traces import trace_maps, trace_model
from dfd_tf.faces.piece import main_piece
from dfd_tf.progress import tracked
from dfd_tf.reporting.style import save_png

COLUMNS = (
    *("path", "score", "verdict", "reason", "method", "layer", "target", "picture", "heat"),
    *("rank_correlation", "deletion", "deletion_random", "insertion", "insertion_random"),
    *("heat_share", "area_share", "warning"),
)
_MOST_HEAT = 65535


@dataclass(frozen=True)
class Summary:
    """How explaining many files went."""

    explained: int
    unusable: int
    distrusted: int
    sheets: int


def explain_files(
    detector: Detector,
    paths: Sequence[str | Path],
    out: Path,
    method: str = "gradcam",
    *,
    faces: Faces = "auto",
    progress: bool = True,
) -> Summary:
    """Judge and explain image files.

    Writes NUMBER_NAME.png (the picture) and NUMBER_NAME_heat.png (16-bit grey, the size of the
    image, 65535 at the hottest pixel) for each, sheet_NN.png over all, and explain.csv with a row
    for every file as soon as it is done, unusable ones with their reason. Where the
    same work was interrupted it goes on after the last full sheet.

    Args:
        detector: the detector.
        paths: image files.
        out: folder, made if absent.
        method: one of `dfd_tf.explaining.METHODS`.
        faces: what of a photo is explained, see `Detector.judgements`; of several faces the
            largest.
        progress: show progress bars.
    """
    out.mkdir(parents=True, exist_ok=True)
    made_with = signature(detector, method, faces)
    rows: list[dict[str, Any]] = [*finished_rows(out, made_with, paths)]
    drop_others(out, rows)
    (out / MADE_BY).write_text(json.dumps(made_with) + "\n", encoding="utf-8")
    judged = detector.judge_main(paths[len(rows) :], faces=faces, progress=progress)
    writer = _Writer(detector, out, method, faces, rows)
    bar = tracked(judged.itertuples(), len(judged), "explaining", shown=progress)
    with (out / TABLE).open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
        table = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
        for row in bar:
            rows.append(writer.explain(row))
            table.writerow(_rounded(rows[-1]))
            file.flush()
    writer.sheets.close()
    distrusted = sum(bool(row.get("warning")) for row in rows)
    unusable = sum(not row.get("picture") for row in rows)
    return Summary(len(rows) - unusable, unusable, distrusted, writer.sheets.pages)


class _Writer:
    """One detector and method, and the folder where everything about its images goes."""

    def __init__(
        self,
        detector: Detector,
        out: Path,
        method: str,
        faces: Faces,
        done: Sequence[dict[str, Any]],
    ) -> None:
        self.explainer = Explainer(detector, method)
        self.cut = detector.cutter(faces)
        self.traces = trace_model(detector.network)
        self.out = out
        title = METHODS[method].split(":")[0]
        at = "the pixels" if method == "smoothgrad" else self.explainer.layer
        self.how = f"{title} at {at}"
        drawn = sum(bool(row.get("picture")) for row in done)
        title = f"{self.how}, relative to each image"
        self.sheets = ContactSheets(out, title, pages=drawn // PER_SHEET)
        self.count = len(done)

    def explain(self, row: Any) -> dict[str, Any]:
        """Explain one judged file and write its pictures; return its row of the table."""
        self.count += 1
        known = {"path": row.path, "score": row.score, "verdict": row.verdict, "reason": row.reason}
        if math.isnan(row.score):
            return known
        finding = self._find(row)
        stem = f"{self.count:04}_{_file_stem(row.path)}"
        save_png(
            draw_picture(finding, self.explainer.detector.preprocessing), self.out / f"{stem}.png"
        )
        _save_heat(finding.found, self.out / f"{stem}_heat.png")
        self.sheets.add(finding)
        return known | self._figures(finding, stem)

    def _find(self, row: Any) -> Finding:
        detector = self.explainer.detector
        image = main_piece(self.cut, read_image(row.path))
        found = self.explainer.heat_map(image, target_class(row.score, detector.calibration))
        is_whole = pd.isna(row.left)
        region = edited_region(row.path, *image.shape[:2]) if is_whole else None
        return Finding(
            path=str(row.path),
            image=image,
            score=row.score,
            verdict=row.verdict,
            how=self.how,
            found=found,
            sanity=self.explainer.check(found),
            region=region,
            shares=None if region is None else shares_inside(found.heat, found.seen, region),
            traces=trace_maps(self.traces, found.squares[0]) if self.traces else {},
        )

    def _figures(self, finding: Finding, stem: str) -> dict[str, Any]:
        sanity, shares = finding.sanity, finding.shares
        return {
            "method": self.explainer.method,
            "layer": self.explainer.layer,
            "target": finding.target,
            "picture": f"{stem}.png",
            "heat": f"{stem}_heat.png",
            "rank_correlation": sanity.rank_correlation,
            "deletion": sanity.deletion,
            "deletion_random": sanity.deletion_random,
            "insertion": sanity.insertion,
            "insertion_random": sanity.insertion_random,
            "heat_share": shares.heat if shares else "",
            "area_share": shares.area if shares else "",
            "warning": " ".join(sanity.failures),
        }


def _file_stem(path: str) -> str:
    """Of an image's name, what any file system takes."""
    kept = re.sub(r"[^A-Za-z0-9_-]", "_", Path(path).stem)
    return shortened(kept, 60).replace("…", "_")


def _save_heat(found: HeatMap, path: Path) -> None:
    top = float(found.heat.max()) or 1.0
    grey = np.rint(found.heat / top * _MOST_HEAT).astype(np.uint16)
    path.write_bytes(cv2.imencode(".png", grey)[1].tobytes())


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {
        key: ("" if pd.isna(value) else f"{value:.6f}") if isinstance(value, float) else value
        for key, value in row.items()
    }

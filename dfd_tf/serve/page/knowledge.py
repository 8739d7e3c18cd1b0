"""What the page is told: the detector, the rules by which a device judges, the words for both.

All of it comes from the bundle and from the constants of the engine's own road, so that the page
has no numbers of its own.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field

from dfd_tf.calibration import band_sentence
from dfd_tf.calibration.novelty import OUTSIDE
from dfd_tf.data.images.limits import MAX_BYTES, MAX_PIXELS, TOO_LARGE
from dfd_tf.data.preprocess import OWN_SCALE, SIDE_VIEW, SMALLEST_SIDE, TOO_SMALL
from dfd_tf.detectors.detector import SMALL_FACE, Faces
from dfd_tf.detectors.info import DetectorInfo
from dfd_tf.faces import NO_FACE, blazeface, finder, framing, turns
from dfd_tf.lite import FILE as NETWORK
from dfd_tf.serve.jobs import why_no_videos
from dfd_tf.serve.knowledge import Model
from dfd_tf.serve.page.engine import HOW_TO_FETCH, find_engine
from dfd_tf.serve.settings import MOST_FILES, Settings
from dfd_tf.video.deciding.verdict import GRADES, NOT_APPLICABLE

FINDER = "faces.tflite"
# A sign and a headline for each verdict.
HEADLINES = {
    "real": ("✓", "No trace of forgery"),
    "fake": ("✗", "Looks fake"),
    "inconclusive": ("?", "Inconclusive"),
    "no face": ("○", "No face"),
    "error": ("○", "Cannot be judged"),
}


class PageVideos(BaseModel):
    """What the page needs to know to give a video to the server and to show what is said of it."""

    most_bytes: int
    headlines: dict[str, tuple[str, str]] = Field(description="verdict: sign and headline")
    meaning: dict[str, str] = Field(description="verdict: what it says, for people")


class PageKnowledge(BaseModel):
    """Everything that the page needs to know before it judges."""

    model: Model
    headlines: dict[str, tuple[str, str]] = Field(description="verdict: sign and headline")
    most_files: int
    server: bool = Field(description="whether POST v1/images is answered")
    rules: dict[str, Any] | None = Field(description="how a device judges; null where it cannot")
    no_device: str = Field(description="why not")
    videos: PageVideos | None = Field(description="null where the server judges none")
    no_videos: str = Field(description="why not")


def tell_page(
    model: Model, info: DetectorInfo, faces: Faces, server: Settings | None
) -> PageKnowledge:
    """What the page is told of a detector.

    Args:
        model: what is told of it to all clients.
        info: its detector.json.
        faces: see `Detector.judgements`.
        server: settings of the service that there is to ask; None where there is none.
    """
    obstacle = why_no_device(info)
    no_videos = why_no_videos() if server else "Videos need a server: this page judges by itself."
    return PageKnowledge(
        model=model,
        headlines=HEADLINES,
        most_files=MOST_FILES,
        server=server is not None,
        rules=None if obstacle else _rules(info, faces),
        no_device=obstacle,
        videos=None if no_videos or server is None else _videos(server),
        no_videos=no_videos,
    )


def _videos(server: Settings) -> PageVideos:
    return PageVideos(
        most_bytes=server.max_video,
        headlines=HEADLINES | {NOT_APPLICABLE: ("○", "Nothing to judge")},
        meaning=GRADES,
    )


def why_no_device(info: DetectorInfo) -> str:
    """Why the page cannot judge by itself, in a sentence; empty where it can."""
    if info.tflite_sha256 is None:
        return f"{info.name} has no {NETWORK}, which a browser would need."
    if find_engine() is None:
        return f"The engine for browsers is not here. It is fetched once: {HOW_TO_FETCH}"
    return ""


def _rules(info: DetectorInfo, faces: Faces) -> dict[str, Any]:
    return {
        "files": {"network": NETWORK, "finder": FINDER},
        "most_bytes": MAX_BYTES,
        "most_pixels": MAX_PIXELS,
        "smallest_side": SMALLEST_SIDE,
        "smallest_face": info.smallest_face,
        "faces": "whole" if info.framing is None else faces,
        "finder": _finder(),
        "framing": info.framing and {**info.framing.to_dict(), "rival": framing.RIVAL},
        "preprocessing": {
            **info.preprocessing.to_dict(),
            "own_scale": OWN_SCALE,
            "side_view": SIDE_VIEW,
        },
        "calibration": info.calibration.to_dict(),
        "band": info.calibration.band,
        "novelty": info.novelty and asdict(info.novelty),
        "reasons": _reasons(info),
    }


def _finder() -> dict[str, float]:
    return {
        "input": blazeface.INPUT,
        "grid": blazeface.GRID,
        "confident": finder.CONFIDENT,
        "same_face_overlap": finder.SAME_FACE_OVERLAP,
        "tiled_from": finder.TILED_FROM,
        "sure": turns.SURE,
        "confident_turned": turns.CONFIDENT,
        "ahead": turns.AHEAD,
    }


def _reasons(info: DetectorInfo) -> dict[str, str]:
    """Sentences as the engine says them; their blanks in braces are filled in by the page."""
    smallest = f"{info.smallest_face:.0f}"
    file, picture = (
        TOO_LARGE.format(amount="{amount}", unit=unit, limit=most // 1_000_000)
        for unit, most in (("MB", MAX_BYTES), ("megapixels", MAX_PIXELS))
    )
    return {
        "band": band_sentence(info.calibration),
        "outside": OUTSIDE,
        "no_face": NO_FACE.reason,
        "small_face": SMALL_FACE.format(width="{width}", needed=smallest),
        "small_image": TOO_SMALL.format(width="{width}", height="{height}", needed=SMALLEST_SIDE),
        "large_file": file,
        "large_image": picture,
        "unreadable": "this browser cannot read it: damaged, or no kind of image that it knows",
    }

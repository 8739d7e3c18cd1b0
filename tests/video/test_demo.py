"""The clip of two sitters: who was regenerated, and when; its copy with boxes keeps its sound."""

import json

import av
import numpy as np

import dfd_tf
from dfd_tf.demo.clip import FORGED


def test_the_regenerated_sitter_is_found(demo_clip, tmp_path):
    verdict = dfd_tf.judge_video(demo_clip, tmp_path, model="demo", annotate=True, frames=True)
    assert verdict["verdict"] == "fake"
    by_verdict = {person["verdict"]: person for person in verdict["persons"]}
    (segment,) = by_verdict["fake"]["segments"]
    shared = min(segment["end"], FORGED[1]) - max(segment["start"], FORGED[0])
    whole = max(segment["end"], FORGED[1]) - min(segment["start"], FORGED[0])
    assert shared / whole >= 0.8
    assert by_verdict["real"]["segments"] == []
    assert json.loads((tmp_path / "verdict.json").read_text()) == verdict
    assert len(list((tmp_path / "faces").glob("person_*/*.png"))) == 64
    with av.open(str(tmp_path / "annotated.mp4")) as copy:
        assert sum(1 for _ in copy.decode(video=0)) == 96


def test_a_copy_with_boxes_keeps_its_sound(sitters, scene, clip, tmp_path):
    path = clip(tmp_path / "talk.mp4", [scene([(sitters[0], 100, 16)])] * 18, sound=True)
    dfd_tf.judge_video(path, tmp_path / "out", annotate=True)

    def heard(file):
        with av.open(str(file)) as container:
            return b"".join(bytes(packet) for packet in container.demux(audio=0))

    assert heard(tmp_path / "out" / "annotated.mp4") == heard(path) != b""
    with av.open(str(path)) as before, av.open(str(tmp_path / "out" / "annotated.mp4")) as after:
        frames = zip(before.decode(video=0), after.decode(video=0), strict=True)
        assert all(
            np.abs(a.to_ndarray(format="gray").astype(int) - b.to_ndarray(format="gray")).max() > 40
            for a, b in frames
        )

"""A source that does not wait: the newest frame only, a running verdict, a clean end."""

import json
import time

import numpy as np
import pytest

from dfd_tf.errors import UserError
from dfd_tf.video.live import LiveJudge, Newest, Paced, is_live, open_live
from dfd_tf.video.reading.stream import Video


def test_what_is_live():
    assert all(map(is_live, ("0", "/dev/video1", "rtsp://camera/1", "HTTP://a/b")))
    assert not any(map(is_live, ("0.mp4", "clip.mp4", "100", "rtsp", "/dev/sda")))


def test_nothing_answers():
    for source in ("98", "rtsp://127.0.0.1:9/none"):
        with pytest.raises(UserError, match=source):
            open_live(source)


def test_only_the_newest_is_kept():
    newest = Newest((i / 10, i) for i in range(50))
    newest._thread.join()
    arrived = newest.take()
    assert arrived is not None and arrived.frame == 49
    assert newest.dropped == 49
    assert newest.take() is None


def test_a_file_at_its_own_pace(spliced, brightness):
    verdicts = []
    with Video(spliced) as video:
        judge = LiveJudge(brightness, "camera", Paced(video), record=True)
        begun = time.monotonic()
        for moment in judge.moments():
            verdicts.append(moment.result.verdict)
        lasted = time.monotonic() - begun
    judge.conclude()
    assert lasted >= 7.8
    assert verdicts[-1] == judge.result.verdict == "fake"
    assert "fake" not in verdicts[: len(verdicts) // 4]
    assert moment.fps > 1 and moment.dropped + len(verdicts) == 96
    assert np.median(judge.ages) < 2


def test_what_is_not_recorded_is_forgotten(spliced, brightness, monkeypatch):
    monkeypatch.setattr("dfd_tf.video.live.HORIZON", 1.0)
    with Video(spliced) as video:
        judge = LiveJudge(brightness, "camera", video)
        for _ in judge.moments():
            pass
    assert all(len(person.sights) < 40 for person in judge.result.persons)


def test_watching_and_recording(spliced, tmp_path, capsys):
    from dfd_tf.cli import main

    arguments = ["video", str(spliced), "--live", "--seconds", "1", "--record"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "frames/s" in said.err and "dropped" in said.err and "ms old" in said.err
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    assert verdict["seconds"] < 7
    assert (tmp_path / "video.html").is_file()
    assert main(arguments) == 2

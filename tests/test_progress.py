"""Bars on a terminal only: a log gets a line now and then."""

from __future__ import annotations

import pytest

from dfd_tf import progress
from dfd_tf.progress import progress_bar, tracked


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_log_gets_a_line_now_and_then(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with progress_bar(1000, "scoring") as bar:
        for _ in range(1000):
            clock[0] += 0.1
            bar.update()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0] == "scoring: 300 of 1,000 images, about 1 min left"


def test_short_work_leaves_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(tracked(range(5), 5, "checking", unit="files")) == [0, 1, 2, 3, 4]
    assert capsys.readouterr().err == ""


def test_quiet_says_nothing(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar(10, "scoring", shown=False) as bar:
        clock[0] += 1000
        bar.update(10)
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    list(tracked(range(3), 3, "scoring"))
    assert "scoring" in capsys.readouterr().err

"""Photos judged a few at a time, in threads that a program has itself."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import matplotlib

from dfd_tf.detectors.bundle import load_detector
from dfd_tf.detectors.reading import NamedBytes
from dfd_tf.lite import native_silence

PORTRAIT = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg").read_bytes()


def test_a_few_at_a_time_are_judged_as_many_are():
    sources = [NamedBytes("portrait", PORTRAIT), NamedBytes("none", b"none")] * 2
    detector = load_detector(engine="lite")
    one_by_one = load_detector(engine="lite", threads=1).judging("detect")
    told = [rows for source in sources for rows in one_by_one([source])]
    expected = list(detector.judgements(sources, faces="detect"))
    assert str(told) == str(expected)  # a NaN is no other NaN
    assert [rows[0].verdict == "error" for rows in told] == [False, True] * 2


def test_threads_that_are_silent_together_leave_the_error_stream_as_it_was():
    kept, first_is_in, last_may_leave = os.dup(2), Event(), Event()

    def first():
        with native_silence():
            first_is_in.set()
            time.sleep(0.2)  # the last comes in, if it can
        last_may_leave.set()

    def last():
        first_is_in.wait()
        with native_silence():
            last_may_leave.wait()

    try:
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(first), pool.submit(last)]:
                done.result()
        assert os.path.sameopenfile(2, kept)
    finally:
        os.dup2(kept, 2)
        os.close(kept)

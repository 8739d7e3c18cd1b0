"""Videos: analysed frames a second beside a straight loop, memory of a long one, age of live ones.

Run from the repository root: `python -m benchmarks.video`; needs the extras lite and video, and no
PyTorch. The clip is rendered: the portrait that comes with matplotlib sways before a still ground.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import matplotlib
import numpy as np

from benchmarks.timing import CLOCKS, Measurement, common_options, interleave, ratio_line, report
from dfd_tf import DEFAULT_MODEL, load_detector, read_image
from dfd_tf.detectors.detector import Detector
from dfd_tf.detectors.reading import NamedImage
from dfd_tf.faces import FaceFinder
from dfd_tf.video.judge import judge_video
from dfd_tf.video.live import LiveJudge, Paced
from dfd_tf.video.reading.samples import DEFAULT_RATE
from dfd_tf.video.reading.stream import Video
from dfd_tf.video.writing.encode import Mp4

PORTRAIT = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
WIDTH, HEIGHT, FPS = 1920, 1080, 30
RUN_AND_TELL = """
from dfd_tf.cli import main
def run(arguments):
    main(arguments)
    print(open("/proc/self/status").read())
run"""
ROUND_SECONDS = 10  # after which the clip begins anew
LIKE_A_CAMERA = {"crf": "23", "preset": "veryfast"}


def render_long(path: Path, seconds: int) -> Path:
    """A clip of 1080p: a few seconds rendered, and their packets repeated."""
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, "round.mp4")
        with Mp4(part, options=LIKE_A_CAMERA) as clip:
            for number, image in enumerate(_swaying(ROUND_SECONDS * FPS)):
                clip.add(number / FPS, image)
        _repeat(part, path, seconds // ROUND_SECONDS)
    return path


def _swaying(frames: int) -> Iterator[np.ndarray]:
    noise = np.random.default_rng(0).integers(60, 120, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    ground = cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    portrait = read_image(PORTRAIT)
    rows, columns = portrait.shape[:2]
    for number in range(frames):
        angle = 2 * np.pi * number / frames
        top, left = 300 + round(20 * np.sin(3 * angle)), 700 + round(300 * np.sin(angle))
        image = ground.copy()
        image[top : top + rows, left : left + columns] = portrait
        yield image


def _repeat(part: Path, path: Path, times: int) -> None:
    with av.open(str(path), "w") as target:
        stream = None
        for number in range(times):
            with av.open(str(part)) as source:
                read = source.streams.video[0]
                stream = stream or target.add_stream_from_template(read)
                for packet in source.demux(read):
                    if packet.dts is not None:
                        move = round(number * ROUND_SECONDS / Fraction(packet.time_base))
                        packet.pts, packet.dts = packet.pts + move, packet.dts + move
                        packet.stream = stream
                        target.mux(packet)


def ours(detector: Detector, path: Path) -> Measurement:
    """`dfd video` but for its files."""
    return lambda: lambda: judge_video(detector, path).frames


def straight(detector: Detector, path: Path) -> Measurement:
    """What one writes first: OpenCV reads, every sampled frame is searched and scored."""
    finder, judge, framing = FaceFinder(), detector.judging("whole"), detector.framing
    assert framing is not None

    def run() -> int:
        video, step, n, sampled = cv2.VideoCapture(str(path)), round(FPS / DEFAULT_RATE), 0, 0
        while video.grab():
            if n % step == 0:
                image = cv2.cvtColor(video.retrieve()[1], cv2.COLOR_BGR2RGB)
                crops = [framing.window(image, face).cut(image) for face in finder.find(image)]
                judge([NamedImage("face", crop) for crop in crops])
                sampled += 1
            n += 1
        return sampled

    return lambda: run


def ages(detector: Detector, path: Path) -> tuple[float, float]:
    """Milliseconds from the arrival of a frame to its verdict, as a camera: 95 in 100 are below.

    And the frames analysed a second.
    """
    with Video(path) as video:
        judge = LiveJudge(detector, str(path), Paced(video))
        rates = [moment.fps for moment in judge.moments()]
    return 1000 * float(np.percentile(judge.ages, 95)), float(np.median(rates))


def peak_memory(path: Path, model: str) -> float:
    """Megabytes of a `dfd video` with all its files, at its highest."""
    with tempfile.TemporaryDirectory() as out:
        arguments = ["video", str(path), "--out", out, "--quiet", "--model", model]
        command = [sys.executable, "-c", f"{RUN_AND_TELL}({arguments})"]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
    return int(re.findall(r"VmHWM:\s+(\d+) kB", done.stdout)[0]) / 1000


def main() -> None:
    """Measure and print."""
    parser = common_options(__doc__ or "")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--seconds", type=int, default=30, help="of the clip (default: 30)")
    parser.add_argument("--memory-seconds", type=int, default=600, help="of the long clip")
    options = parser.parse_args()
    detector = load_detector(options.model)
    clock: Callable[[], float] = CLOCKS[options.clock]
    with tempfile.TemporaryDirectory() as folder:
        clip = render_long(Path(folder, "clip.mp4"), options.seconds)
        measured = {"dfd video": ours(detector, clip), "straight loop": straight(detector, clip)}
        rates = interleave(measured, options.repeats, clock)
        lines = [ratio_line(rates, "dfd video", "straight loop", 2)]
        report(f"1080p, analysed frames, {options.clock} time", rates, lines, options.out)
        age, rate = ages(detector, clip)
        print(f"\nLive: 95 % of the verdicts are younger than {age:.0f} ms, {rate:.1f} frames/s")
        long = render_long(Path(folder, "long.mp4"), options.memory_seconds)
        peak = peak_memory(long, options.model)
        print(f"\nPeak memory over {options.memory_seconds} s: {peak:.0f} MB")


if __name__ == "__main__":
    main()

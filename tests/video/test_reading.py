"""Every clip gets a verdict or a reason: whatever is broken in it, no trace and no hang."""

import struct

import av
import numpy as np
import pytest

from dfd_tf.video.judge import judge_video
from dfd_tf.video.reading.samples import due_frames, samples_of
from dfd_tf.video.reading.stream import Video, upright
from dfd_tf.video.reading.unusable import UnusableVideo

VERDICTS = ("real", "fake", "inconclusive", "not applicable", "error")


def times_of(path, rate=4.0):
    with Video(path) as video, samples_of(video, rate) as samples:
        return [sample.time for sample in samples]


def test_a_steady_pace_out_of_any():
    frames = [(t, t) for t in (0.0, 0.1, 0.24, 0.26, 0.3, 2.0, 2.1, 2.26)]
    assert [t for t, _ in due_frames(frames, 4)] == [0.0, 0.26, 2.0, 2.26]


def test_variable_rate_keeps_its_times(sitters, scene, light, clip, brightness, tmp_path):
    # Slow while nothing happens, quick around the change at 4.0 s.
    times = [*np.arange(0, 3, 0.4), *np.arange(3, 5, 0.05), *np.arange(5, 8, 0.3)]
    pictures = [scene([(light(sitters[0], 160 if t >= 4 else 80), 100, 16)]) for t in times]
    path = clip(tmp_path / "variable.mkv", pictures, times=[float(t) for t in times])
    (person,) = judge_video(brightness, path).persons
    ((segment, _),) = person.segments
    assert segment.start == pytest.approx(4.0, abs=0.25)


def test_a_rotation_is_carried_out(sitters, scene, clip, tmp_path):
    path = clip(tmp_path / "turned.mp4", [scene([(sitters[0], 0, 16)])] * 3)
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    # As phones write it that were held upright: a quarter turn to the right.
    quarter = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 288 << 16, 0, 1 << 30)
    data = path.read_bytes()
    assert data.count(matrix) == 2  # of the file, and of its picture
    path.write_bytes(quarter.join(data.rsplit(matrix, 1)))
    with Video(path) as video:
        _, frame = next(video.frames())
        image = upright(frame)
    assert image.shape == (512, 288, 3)
    # The sitter, at the left of the picture as stored, is at the top of it.
    assert image[:200].std() > 2 * image[300:].std()


def test_a_name_is_no_order(tmp_path, spliced):
    for name in (f"concat:{spliced}", "http://127.0.0.1:9/a.mp4", str(tmp_path), "absent.mp4"):
        with pytest.raises(UnusableVideo):
            Video(name)


def test_a_playlist_opens_no_other_file(tmp_path, spliced):
    playlist = tmp_path / "list.mp4"
    playlist.write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:8,\n{spliced}\n#EXT-X-ENDLIST\n"
    )
    with pytest.raises(UnusableVideo):
        Video(playlist)


def test_sound_alone(clip, tmp_path, brightness):
    result = judge_video(brightness, clip(tmp_path / "sound.m4a", [], sound=True))
    assert (result.verdict, result.reason) == ("error", "it has no picture, only sound")


def test_not_a_video(tmp_path, brightness):
    (tmp_path / "junk.mp4").write_bytes(np.random.default_rng(0).bytes(5000))
    (tmp_path / "empty.mp4").touch()
    for name in ("junk.mp4", "empty.mp4"):
        result = judge_video(brightness, tmp_path / name)
        assert result.verdict == "error"
        assert result.reason.startswith("cannot be read as a video")


@pytest.fixture(scope="module")
def whole(once, sitters, scene, clip):
    """Four seconds, whose table of contents is at the beginning or at the end of the file."""

    def fill(folder):
        pictures = [scene([(sitters[0], 100, 16)])] * 48
        clip(folder / "whole.mp4", pictures)
        clip(folder / "whole.mkv", pictures)
        clip(folder / "first.mp4", pictures, movflags="faststart")

    return once("whole_clips", fill)


@pytest.mark.parametrize("name", ["whole.mp4", "whole.mkv", "first.mp4"])
def test_truncated(whole, tmp_path, brightness, name):
    data = (whole / name).read_bytes()
    path = tmp_path / name
    frames, notes = [], []
    for step in range(1, 20):
        path.write_bytes(data[: step * len(data) // 20])
        result = judge_video(brightness, path)
        frames.append(result.frames)
        notes += result.notes
        assert result.verdict in VERDICTS
        assert result.verdict in ("real", "fake") or result.reason
    assert frames == sorted(frames)
    assert any("ends at" in note for note in notes) or name == "whole.mp4"


def test_damage_in_the_middle_is_said(spliced, tmp_path, brightness):
    data = bytearray(spliced.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = np.random.default_rng(0).bytes(3000)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    result = judge_video(brightness, path)
    assert result.verdict in VERDICTS
    assert result.frames > 10


def test_a_lying_length_changes_nothing(spliced, tmp_path, brightness):
    data = bytearray(spliced.read_bytes())
    place = data.index(b"mdhd") + 4
    rate, length = struct.unpack(">II", data[place + 12 : place + 20])
    assert round(length / rate) == 8
    data[place + 16 : place + 20] = struct.pack(">I", 100 * length)
    path = tmp_path / "liar.mp4"
    path.write_bytes(data)
    result = judge_video(brightness, path)
    assert (result.verdict, result.frames) == ("fake", 32)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("ten_bit.mkv", "libx265", "yuv420p10le"),
        ("alpha.mov", "qtrle", "argb"),
        ("vp9.webm", "libvpx-vp9", "yuva420p"),
        ("old.avi", "mpeg4", "yuv420p"),
    ],
)
def test_kinds_of_pixels(sitters, scene, clip, tmp_path, brightness, name, codec, pix_fmt):
    pictures = [scene([(sitters[0], 100, 16)])] * 18
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    path = clip(tmp_path / name, pictures, codec=codec, pix_fmt=pix_fmt, **options)
    (person,) = judge_video(brightness, path).persons
    assert person.ruling.estimate is not None
    assert len(person.sights) == 6


def test_a_sliver(clip, tmp_path, brightness):
    sliver = np.zeros((2, 100, 3), np.uint8)
    path = clip(tmp_path / "sliver.mkv", [sliver[:1]] * 5, codec="ffv1", pix_fmt="yuv444p")
    result = judge_video(brightness, path)
    assert result.verdict == "not applicable"
    assert "too small: 100x1 pixels" in result.reason


@pytest.mark.slow
def test_eight_thousand_pixels(sitters, scene, clip, tmp_path, brightness):
    large = np.repeat(np.repeat(scene([(sitters[0], 100, 16)], 512, 288), 15, 0), 15, 1)
    path = clip(tmp_path / "8k.mp4", [large] * 2, preset="ultrafast")
    assert large.shape == (4320, 7680, 3)
    assert judge_video(brightness, path).verdict == "not applicable"


def test_too_many_pixels(clip, tmp_path, brightness):
    path = clip(tmp_path / "huge.mp4", [np.zeros((16, 32, 3), np.uint8)], codec="mpeg4")
    data = path.read_bytes()
    # The box of the picture's format claims 40,000 by 40,000 pixels.
    place = data.index(b"mp4v") + 4 + 24
    claimed = struct.pack(">HH", 40_000, 40_000)
    path.write_bytes(data[:place] + claimed + data[place + 4 :])
    result = judge_video(brightness, path)
    assert result.verdict in ("error", "not applicable")


@pytest.mark.parametrize("name", ["none.mkv", "none.mp4", "none.avi"])
def test_a_picture_without_frames(tmp_path, brightness, name):
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        container.start_encoding()
    result = judge_video(brightness, tmp_path / name)
    assert result.verdict == "error"
    assert result.reason


@pytest.mark.parametrize("claimed", [0, 1, 2**31 - 1])
def test_a_lying_number_of_frames_changes_nothing(
    sitters, scene, clip, tmp_path, brightness, claimed
):
    path = clip(tmp_path / "liar.avi", [scene([(sitters[0], 100, 16)])] * 24, codec="mpeg4")
    data = bytearray(path.read_bytes())
    of_file, of_stream = data.index(b"avih") + 8 + 16, data.index(b"strh") + 8 + 32
    for place in (of_file, of_stream):
        assert struct.unpack_from("<I", data, place) == (2000,)  # of a millisecond each
        struct.pack_into("<I", data, place, claimed)
    path.write_bytes(data)
    assert judge_video(brightness, path).frames == 8


@pytest.mark.parametrize(("codec", "box"), [("libx264", b"avc1"), ("mpeg4", b"mp4v")])
def test_a_header_of_eight_thousand_pixels(sitters, scene, clip, tmp_path, brightness, codec, box):
    path = clip(tmp_path / "claims.mp4", [scene([(sitters[0], 100, 16)])] * 12, codec=codec)
    data = bytearray(path.read_bytes())
    struct.pack_into(">HH", data, data.index(box) + 4 + 24, 7680, 4320)
    path.write_bytes(data)
    result = judge_video(brightness, path)
    assert (result.frames, len(result.persons)) == (4, 1)


def test_pixels_that_are_claimed_and_not_there(tmp_path, brightness, clip, scene):
    path = clip(tmp_path / "raw.mov", [scene([])] * 8, codec="rawvideo", pix_fmt="rgb24")
    data = bytearray(path.read_bytes())
    struct.pack_into(">HH", data, data.index(b"raw ") + 4 + 24, 7680, 4320)
    path.write_bytes(data)
    result = judge_video(brightness, path)
    assert result.verdict in ("error", "not applicable")
    assert result.reason


@pytest.mark.parametrize(
    ("name", "codec"),
    [("h264.mkv", "libx264"), ("h265.mkv", "libx265"), ("vp9.webm", "libvpx-vp9")],
)
def test_every_second_packet_damaged(sitters, scene, clip, tmp_path, brightness, name, codec):
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {"preset": "veryfast"}
    pictures = [scene([(sitters[0], 100 + i % 5, 16)]) for i in range(36)]
    path = clip(tmp_path / name, pictures, codec=codec, **options)
    data = bytearray(path.read_bytes())
    for place, size in packets_of(path)[1::2]:
        noise = np.random.default_rng(place).bytes(size)
        data[place + size // 4 : place + size] = noise[size // 4 :]
    path.write_bytes(data)
    result = judge_video(brightness, path)
    assert result.verdict in VERDICTS
    assert result.verdict in ("real", "fake") or result.reason


def packets_of(path):
    """Where packets of the picture lie in a file, and how long they are."""
    data = path.read_bytes()
    with av.open(str(path)) as container:
        contents = [bytes(packet) for packet in container.demux(video=0)]
    return [(data.index(content), len(content)) for content in contents if content]

"""Every sound gets samples or a reason: whatever is broken in it, no trace and no hang."""

import struct
import tracemalloc

import numpy as np
import pytest

from dfd_tf.audio.reading import RATE, UnusableSound, read_sound
from dfd_tf.errors import UserError


def reason(source) -> str:
    with pytest.raises(UnusableSound) as caught:
        read_sound(source)
    assert not isinstance(caught.value, UserError)
    return caught.value.reason


def test_samples_as_they_were_written(voice, wav, tmp_path):
    samples = voice(1.5)
    path = tmp_path / "named as a picture.jpg"
    path.write_bytes(wav(samples))
    sound = read_sound(path)
    assert (sound.rate, sound.channels, sound.codec) == (RATE, 1, "pcm_s16le")
    assert sound.samples.dtype == np.float32
    assert sound.seconds == 1.5
    np.testing.assert_allclose(sound.samples, samples, atol=1e-4)


def test_a_path_and_its_bytes_sound_the_same(voice, wav, tmp_path):
    (tmp_path / "a.wav").write_bytes(wav(voice(1.0)))
    from_path = read_sound(str(tmp_path / "a.wav")).samples
    np.testing.assert_array_equal(read_sound(wav(voice(1.0))).samples, from_path)


@pytest.mark.parametrize(
    ("codec", "container", "rate"),
    [("flac", "flac", RATE), ("libmp3lame", "mp3", 44_100), ("aac", "mp4", 48_000),
     ("libopus", "ogg", 48_000), ("pcm_mulaw", "wav", 8_000), ("aac", "adts", 22_050)],
)  # fmt: skip
def test_any_codec_is_brought_to_one_rate(voice, encoded, codec, container, rate):
    sound = read_sound(encoded(voice(2.0, rate=rate), codec, container, rate))
    assert sound.rate == rate
    assert sound.seconds == pytest.approx(2.0, abs=0.1)
    assert 0.01 < sound.samples.std() < 0.3


@pytest.mark.parametrize(("rate", "channels"), [(192_000, 1), (48_000, 8), (8_000, 2)])
def test_odd_recordings_are_mixed_and_resampled(voice, wav, rate, channels):
    sound = read_sound(wav(voice(1.0, rate=rate), rate, channels))
    assert (sound.rate, sound.channels) == (rate, channels)
    assert sound.seconds == pytest.approx(1.0, abs=0.01)
    assert np.abs(sound.samples).max() <= 1


def test_no_sound_at_all(wav, tmp_path):
    assert "no such file" in reason(tmp_path / "absent.wav")
    assert "not a file" in reason(tmp_path)
    assert "cannot be read as sound" in reason(b"")
    assert "cannot be read as sound" in reason(b"#EXTM3U\n/etc/passwd\n" * 40)
    assert "0 samples" in reason(wav(np.zeros(0)))


def test_one_sample_is_read(wav):
    assert read_sound(wav(np.ones(1))).samples.shape == (1,)


def test_what_is_no_number_is_no_sound(encoded, voice):
    samples = voice(1.0)
    samples[5000] = np.nan
    assert "not numbers" in reason(encoded(samples, "pcm_f32le", "wav"))


def test_louder_than_it_can_be_is_clipped(encoded, voice):
    sound = read_sound(encoded(1e30 * voice(1.0), "pcm_f32le", "wav"))
    assert np.abs(sound.samples).max() == 1


def three_hours(flac: bytes) -> bytes:
    """The same with 3 h of samples claimed in STREAMINFO: 36 bits that end at byte 26."""
    claimed = int.from_bytes(flac[21:26]) >> 36 << 36 | 3 * 3600 * RATE
    return flac[:21] + claimed.to_bytes(5) + flac[26:]


def test_a_header_that_claims_three_hours(encoded, voice):
    content = three_hours(encoded(voice(1.0), "flac", "flac"))
    tracemalloc.start()
    assert reason(content) == "too long: 180 minutes, the limit is 30"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_wav_of_a_false_length_is_what_is_there(wav, voice):
    content = wav(voice(1.0))
    claim = struct.pack("<I", 3 * 3600 * 2 * RATE)
    assert read_sound(content[:40] + claim + content[44:]).seconds == 1.0
    assert read_sound(content[: 44 + RATE]).seconds == 0.5


@pytest.mark.parametrize(("codec", "container"), [("flac", "flac"), ("aac", "mp4")])
def test_cut_off_in_the_middle(voice, encoded, codec, container):
    content = encoded(voice(4.0), codec, container)
    assert reason(content[: len(content) // 2])


def test_a_rate_that_would_fill_the_memory(wav):
    assert "no rate of sound" in reason(wav(np.zeros(1_000), rate=1))


def test_noise_in_the_file_is_no_trace(voice, encoded):
    rng = np.random.default_rng(0)
    for codec, container in (("flac", "flac"), ("libmp3lame", "mp3"), ("libopus", "ogg")):
        content = bytearray(encoded(voice(1.0), codec, container))
        for place in rng.integers(len(content), size=40):
            content[place] ^= 255
        try:
            assert np.isfinite(read_sound(bytes(content)).samples).all()
        except UnusableSound as error:
            assert error.reason

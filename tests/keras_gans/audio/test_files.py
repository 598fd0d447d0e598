"""Reading and writing sound files."""

import struct
import wave

import numpy as np
import pytest
from scipy.io import wavfile

from keras_gans.audio import as_wav, read, resample, write

TONE = (0.5 * np.sin(np.arange(400) / 5)).astype("float32")


@pytest.mark.parametrize(
    ("stored", "step"),
    [
        ((TONE * 127 + 128).astype("uint8"), 1 / 127),
        ((TONE * 32767).astype("int16"), 1 / 32767),
        ((TONE * (2**31 - 1)).astype("int32"), 1e-6),
    ],
)
def test_whole_numbers_are_scaled(tmp_path, stored, step):
    wavfile.write(tmp_path / "tone.wav", 8000, stored)
    samples, rate = read(tmp_path / "tone.wav")
    assert (samples.shape, samples.dtype, rate) == ((400, 1), np.float32, 8000)
    np.testing.assert_allclose(samples[:, 0], TONE, atol=2 * step)


def test_24_bits(tmp_path):
    numbers = np.rint(TONE * 2**23).astype("<i4")
    with wave.open(str(tmp_path / "tone.wav"), "wb") as file:
        file.setparams((1, 3, 44100, 0, "NONE", ""))
        file.writeframes(numbers.view("u1").reshape(-1, 4)[:, :3].tobytes())
    samples, rate = read(tmp_path / "tone.wav")
    assert rate == 44100
    np.testing.assert_allclose(samples[:, 0], TONE, atol=1e-6)


def test_several_channels_are_mixed(tmp_path):
    wavfile.write(tmp_path / "stereo.wav", 8000, (np.stack([TONE, -TONE / 2], axis=1) * 32767).astype("int16"))
    np.testing.assert_allclose(read(tmp_path / "stereo.wav")[0][:, 0], TONE / 4, atol=1e-4)


def test_floats_and_flac_need_the_extra(tmp_path):
    wavfile.write(tmp_path / "floats.wav", 8000, 1.5 * TONE)
    # The beginning of an MP3 file, and none of audio.
    (tmp_path / "mp3.wav").write_bytes(b"ID3\x04" + bytes(6) + b"\xff\xfb\x90\x00" + bytes(413))
    (tmp_path / "words.wav").write_text("these are words")
    with pytest.raises(ValueError, match=r"words.wav cannot be read as audio"):
        read(tmp_path / "words.wav")
    try:
        import soundfile
    except ImportError:
        with pytest.raises(ImportError, match=r"mp3.wav is not a WAV file of 8 to 32 bits: .*keras-gans\[audio\]"):
            read(tmp_path / "mp3.wav")
        with pytest.raises(ImportError, match=r"floats.wav is not a WAV file of 8 to 32 bits: .*keras-gans\[audio\]"):
            read(tmp_path / "floats.wav")
        return
    np.testing.assert_allclose(read(tmp_path / "floats.wav")[0][:, 0], 1.5 * TONE, atol=1e-6)
    soundfile.write(tmp_path / "tone.flac", TONE, 8000)
    # The suffix does not matter.
    (tmp_path / "flac.wav").write_bytes((tmp_path / "tone.flac").read_bytes())
    np.testing.assert_allclose(read(tmp_path / "flac.wav")[0][:, 0], TONE, atol=1e-4)
    wavfile.write(tmp_path / "nan.wav", 8000, np.array([0, np.nan], "float32"))
    with pytest.raises(ValueError, match=r"nan.wav contains NaN or infinity"):
        read(tmp_path / "nan.wav")


def test_damaged_files_are_refused(tmp_path):
    whole = as_wav(TONE, 8000)
    for content, words in (
        (b"", "is empty"),
        (whole[:30], "is a truncated WAV file: its header is incomplete"),
        (whole[:-200], "is a truncated WAV file: it contains 300 of 400 samples"),
        (as_wav(TONE[:0], 8000), "contains no samples"),
    ):
        (tmp_path / "damaged.wav").write_bytes(content)
        with pytest.raises(ValueError, match=f"damaged.wav {words}"):
            read(tmp_path / "damaged.wav")
    with pytest.raises(FileNotFoundError, match="There is no file"):
        read(tmp_path / "none.wav")


def test_a_recording_from_a_pipe_has_an_unknown_length(tmp_path):
    content = bytearray(as_wav(TONE, 8000))
    content[40:44] = struct.pack("<I", 2**32 - 1)
    (tmp_path / "pipe.wav").write_bytes(content)
    assert len(read(tmp_path / "pipe.wav")[0]) == 400


def test_writing_saturates(tmp_path):
    write(tmp_path / "loud.wav", np.array([[1.0], [-1.0], [1.7], [-1.7], [0.5]], "float32"), 8000)
    rate, samples = wavfile.read(tmp_path / "loud.wav")
    assert (rate, samples.dtype) == (8000, np.int16)
    np.testing.assert_array_equal(samples, [32767, -32768, 32767, -32768, 16384])
    # int16 is written as it is, and comes back as it was.
    numbers = np.arange(-32768, 32767, 7, dtype="int16")
    write(tmp_path / "numbers.wav", numbers, 8000)
    np.testing.assert_array_equal(np.rint(read(tmp_path / "numbers.wav")[0][:, 0] * 32768), numbers)


def test_what_cannot_be_written_is_refused(tmp_path):
    for path, samples, words in (
        ("tone.mp3", TONE, "must end in .wav"),
        ("tone.wav", TONE[None, :, None], r"shape \(length,\) or \(length, 1\); received \(1, 400, 1\)"),
        ("tone.wav", np.arange(3), "int16 or floats"),
        ("tone.wav", np.array([np.nan]), "NaN"),
    ):
        with pytest.raises(ValueError, match=words):
            write(tmp_path / path, samples, 8000)
    assert not list(tmp_path.iterdir())


def test_resampling(tmp_path):
    slow = np.sin(2 * np.pi * 200 * np.arange(8000) / 8000).astype("float32")
    found = resample(slow, 8000, 11025)
    expected = np.sin(2 * np.pi * 200 * np.arange(11025) / 11025)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[200:-200], expected[200:-200], atol=2e-3)
    write(tmp_path / "slow.wav", slow, 8000)
    samples, rate = read(tmp_path / "slow.wav", sample_rate=16000)
    assert (samples.shape, rate) == ((16000, 1), 16000)

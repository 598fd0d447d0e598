"""Data from recordings."""

import warnings

import numpy as np
import pytest
from scipy.io import wavfile

from keras_gans.data import load_data
from keras_gans.data.skipped import UnreadableWarning
from keras_gans.media import Audio
from tests.support import sounds

PATTERN = "{label}_{speaker}_{index}"


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return f"wav:{sounds.write_digits(tmp_path_factory.mktemp('recordings') / 'digits')}"


def write(folder, name, samples, rate=8000):
    folder.mkdir(parents=True, exist_ok=True)
    if np.issubdtype(samples.dtype, np.floating):
        samples = np.rint(samples * 32767).astype("int16")
    wavfile.write(folder / name, rate, samples)


def tone(length, pitch=440, rate=8000, loudness=0.5):
    return loudness * np.sin(2 * np.pi * pitch * np.arange(length) / rate)


def test_names_tell_labels_speakers_and_the_test_part(digits):
    data = load_data(digits, length=512, name_pattern=PATTERN, test_part="index:0-1")
    test = load_data(digits, length=512, name_pattern=PATTERN, test_part="index:0-1", split="test")
    assert (len(data), len(test)) == (12, 12)
    assert data.medium == test.medium == Audio((512, 1), 8000)
    assert data.samples.dtype == np.int16
    assert data.class_names == ["0", "1", "2"]
    np.testing.assert_array_equal(data.labels, np.repeat([0, 1, 2], 4))
    assert set(data.conditions) == {"labels", "speaker"}  # the index is only a number
    assert data.names == {"speaker": ["ann", "bob"]}
    np.testing.assert_array_equal(data.conditions["speaker"], np.tile([0, 0, 1, 1], 3))
    assert any("recordings of" in note and "at 8,000 Hz became sounds of 512 samples (0.06 s)" in note for note in data.notes)
    samples, conditions = data.batches(4, labels=True, conditions=["speaker"])[0]
    assert samples.shape == (4, 512, 1)
    assert conditions["speaker"].dtype == conditions["labels"].dtype == np.int32


def test_other_recordings_of_a_speaker_are_the_test_part(digits):
    everything = load_data(digits, length=512, name_pattern=PATTERN, test_part="speaker:bob", split="all")
    test = load_data(digits, length=512, name_pattern=PATTERN, test_part="speaker:bob", split="test")
    assert len(everything) == 24
    np.testing.assert_array_equal(test.conditions["speaker"], np.ones(12))


def test_a_twentieth_is_left_out_by_default(tmp_path):
    for number in range(200):
        write(tmp_path, f"{number}.wav", tone(20))
    train, test = (load_data(f"wav:{tmp_path}", split=split) for split in ("train", "test"))
    assert len(train) + len(test) == 200
    assert 3 <= len(test) <= 20
    assert train.labels is None


def test_folders_are_classes(tmp_path):
    for word, pitch in (("yes", 300), ("no", 900)):
        for number in range(3):
            write(tmp_path / word, f"{number}.wav", tone(300 + number, pitch))
    (tmp_path / "README.txt").write_text("words")
    data = load_data(f"wav:{tmp_path}", split="all")
    assert data.class_names == ["no", "yes"]
    assert data.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert data.shape == (302, 1)
    assert "1 other file was ignored: 1 .txt" in data.notes


def test_another_rate_is_resampled_and_said(tmp_path):
    write(tmp_path, "slow.wav", tone(1000))
    write(tmp_path, "fast.wav", tone(2000, rate=16000), 16000)
    with pytest.raises(ValueError, match=r"several sample rates \(1 of 8,000 Hz, 1 of 16,000 Hz\): choose a sample_rate"):
        load_data(f"wav:{tmp_path}", split="all")
    data = load_data(f"wav:{tmp_path}", split="all", sample_rate=8000, length=1000)
    fast, slow = data.samples[..., 0] / 32768
    np.testing.assert_allclose(fast[50:-50], slow[50:-50], atol=0.01)
    assert "1 recordings were resampled from 16,000 to 8,000 Hz" in data.notes


def test_short_and_long_recordings(tmp_path):
    write(tmp_path, "long.wav", np.concatenate([np.zeros(600), tone(100), np.zeros(300)]))
    write(tmp_path, "short.wav", tone(100))
    begin = load_data(f"wav:{tmp_path}", split="all", length=400)
    assert begin.shape == (400, 1)
    assert np.flatnonzero(begin.samples[1, :, 0])[-1] < 100
    assert not begin.samples[0].any()
    assert "1 of 2 recordings are shorter and were filled up with silence" in begin.notes
    assert "1 of 2 recordings are longer and were cut" in begin.notes
    assert not any("silent" in note for note in begin.notes)
    centred = load_data(f"wav:{tmp_path}", split="all", length=400, place="centre")
    for sound in centred.samples[..., 0]:
        heard = np.flatnonzero(sound)
        assert 145 < heard[0] < heard[-1] < 255


def test_random_parts_differ_and_the_middle_is_measured(tmp_path):
    write(tmp_path, "rising.wav", np.arange(1000, dtype="int16"))
    data = load_data(f"wav:{tmp_path}", split="all", length=100, place="random")
    starts = [data.source.read(np.arange(1), np.array([[number]]))[0][0, 0, 0] for number in (0.0, 0.5, 0.9999)]
    assert starts == [0, 450, 900]
    assert data.source.read(np.arange(1))[0][0, 0, 0] == 450
    assert data.source.read(np.arange(1))[0].dtype == np.int16
    with pytest.raises(ValueError, match="place='random' needs a length"):
        load_data(f"wav:{tmp_path}", place="random")


def test_quiet_ends_are_trimmed(tmp_path):
    write(tmp_path, "padded.wav", np.concatenate([tone(2000, loudness=0.001), tone(1000), np.zeros(3000)]))
    data = load_data(f"wav:{tmp_path}", split="all", trim=40, length=1500)
    heard = np.flatnonzero(np.abs(data.samples[0, :, 0]) > 100)
    assert heard[0] < 200
    assert 900 < heard[-1] - heard[0] < 1100
    with pytest.raises(ValueError, match="trim must be a number of decibels between 0 and 200"):
        load_data(f"wav:{tmp_path}", trim=0)


def test_loudness(tmp_path):
    write(tmp_path, "loud.wav", tone(1000, loudness=0.99))
    write(tmp_path, "quiet.wav", tone(1000, loudness=0.01))
    write(tmp_path, "silent.wav", np.zeros(1000))
    peaks = np.abs(load_data(f"wav:{tmp_path}", split="all", loudness="peak").samples.astype(int)).max(axis=(1, 2)) / 32768
    np.testing.assert_allclose(peaks, [0.95, 0.95, 0], atol=0.001)
    rms = load_data(f"wav:{tmp_path}", split="all", loudness="rms").samples.astype(float).std(axis=(1, 2)) / 32768
    np.testing.assert_allclose(rms, [0.1, 0.1, 0], atol=0.001)
    notes = load_data(f"wav:{tmp_path}", split="all").notes
    assert "1 recordings are silent (below -60 dB), such as silent.wav" in notes
    with pytest.raises(ValueError, match=r"There is no loudness 'peek'. Did you mean 'peak'"):
        load_data(f"wav:{tmp_path}", loudness="peek")


def test_stereo_is_mixed_and_a_single_sample_is_a_sound(tmp_path):
    write(tmp_path, "stereo.wav", np.stack([tone(500), tone(500)], axis=1))
    write(tmp_path, "tick.wav", np.array([0.5]))
    data = load_data(f"wav:{tmp_path}", split="all", length=500)
    assert "1 recordings of several channels were mixed into one" in data.notes
    np.testing.assert_allclose(data.samples[0, :, 0] / 32768, tone(500), atol=1e-3)
    assert np.flatnonzero(data.samples[1]).tolist() == [0]


def test_unreadable_recordings_are_left_out(tmp_path):
    write(tmp_path, "good.wav", tone(500))
    whole = (tmp_path / "good.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[:-300])
    (tmp_path / "empty.wav").write_bytes(b"")
    with pytest.warns(UnreadableWarning, match="2 recordings could not be read and are left out"):
        data = load_data(f"wav:{tmp_path}", split="all")
    assert len(data) == 1
    reasons = {path.rpartition("/")[2]: why for path, why in data.skipped}
    assert reasons == {"empty.wav": "is empty", "cut.wav": "is a truncated WAV file: it contains 350 of 500 samples"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnreadableWarning)
        with pytest.raises(ValueError, match=r"which strict forbids: .*cut.wav \(is a truncated WAV file"):
            load_data(f"wav:{tmp_path}", split="all", strict=True)
        (tmp_path / "good.wav").write_bytes(whole[:-2])
        with pytest.raises(ValueError, match=r"contains no readable recording .*none of 3 can be read"):
            load_data(f"wav:{tmp_path}", split="all")


def test_larger_data_are_decoded_as_they_are_used(digits, monkeypatch):
    from keras_gans.data import memory_limit

    held = load_data(digits, length=512, name_pattern=PATTERN, split="all")
    monkeypatch.setattr(memory_limit, "LIMIT", 100)
    data = load_data(digits, length=512, name_pattern=PATTERN, split="all")
    assert not isinstance(data.samples, np.ndarray)
    np.testing.assert_array_equal(data.source.read(np.arange(24))[0], held.samples)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name_pattern": "label"}, "must have fields in braces"),
        ({"name_pattern": "{label}_{label}"}, "each once"),
        ({"name_pattern": "{label}-{speaker}"}, r"does not fit 0_ann_0"),
        ({"test_part": "index:0"}, "test_part needs name_pattern"),
        ({"name_pattern": PATTERN, "test_part": "take:0"}, r"needs the field \{take\} in name_pattern, which has: label, sp"),
        ({"name_pattern": PATTERN, "test_part": "index"}, "must look like index:0-4"),
        ({"name_pattern": PATTERN, "test_part": "index:90", "split": "test"}, "The split 'test' of .* is empty"),
        ({"length": 0}, "length must be an integer of at least 1"),
        ({"sample_rate": 8000.0}, "sample_rate must be an integer"),
        ({"split": "validation"}, "no split of wav:.* 'validation'"),
        ({"image_shape": (8, 8)}, "holds recordings, which has no image size"),
        ({"flip": True}, "holds audio, which cannot be flipped"),
    ],
)
def test_options_that_do_not_fit_are_refused(digits, options, words):
    with pytest.raises(ValueError, match=words):
        load_data(digits, **options)


def test_the_source_of_a_path_is_suggested(tmp_path):
    write(tmp_path, "one.wav", tone(100))
    with pytest.raises(FileNotFoundError, match=r"but a file: did you mean 'wav:"):
        load_data(f"wav:{tmp_path / 'one.wav'}")
    with pytest.raises(ValueError, match=r"contains no readable image .* Did you mean wav:"):
        load_data(f"folder:{tmp_path}")
    with pytest.raises(ValueError, match=r"is a path, not the name of a data set: did you mean 'wav:"):
        load_data(str(tmp_path / "one.wav"))

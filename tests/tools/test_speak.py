"""Speech from the command line: speak and vocode."""

import json
import re

import numpy as np
import pytest

import keras_gans
from keras_gans.audio import read, write
from keras_gans.conditions import Classes, to_config
from tests.support.entries import build


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("speech")
    keras_gans.save_preset(build("hifi_gan", floor=1e-4), folder / "vocoder")
    keras_gans.save_preset(build("speech_gan"), folder / "speaker")
    told = to_config({"labels": Classes(2), "speaker": Classes(2)})
    names = {"class_names": ["4", "7"], "condition_names": {"speaker": ["ann", "bob"]}}
    keras_gans.save_preset(build("speech_gan", conditions=told, **names), folder / "told")
    seconds = np.arange(1601) / 16_000
    write(folder / "in.wav", 0.5 * np.sin(2 * np.pi * 440 * seconds), 16_000)
    (folder / "there.wav").touch()
    return folder


def test_words_become_a_wav_file(folder, keras_gans_forked):
    process = keras_gans_forked("speak", "speaker", "4 zero 7", "--output=n.wav", "--vocoder=vocoder", cwd=folder)
    assert process.returncode == 0, process.stderr
    samples, rate = read(folder / "n.wav")
    assert rate == 8000
    assert f"Wrote {len(samples) / 8000:.2f} seconds of speech to n.wav." in process.stdout
    model = keras_gans.load_pretrained(folder / "speaker")
    model.use_vocoder(str(folder / "vocoder"))
    np.testing.assert_allclose(samples, model.speak("407", seed=0), atol=1e-4)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_recording_is_sent_through_a_vocoder(folder, keras_gans_forked):
    process = keras_gans_forked("vocode", "vocoder", "in.wav", "--output=out.wav", "--chunk_frames=8", cwd=folder)
    assert process.returncode == 0, process.stderr
    assert "resampled from 16,000 to 8,000 Hz" in process.stdout
    samples, rate = read(folder / "out.wav")
    assert rate == 8000
    assert len(samples) == 816  # 801 samples at that rate, in whole frames of 16
    model = keras_gans.load_pretrained(folder / "vocoder")
    np.save(folder / "mels.npy", model.mel(np.zeros((1, 160), "float32"))[0])
    process = keras_gans_forked("vocode", "vocoder", "mels.npy", "--output=silence.wav", cwd=folder)
    assert process.returncode == 0, process.stderr
    assert len(read(folder / "silence.wav")[0]) == 160


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_vocoder_that_learned_from_random_parts_is_measured_on_whole_recordings(folder, keras_gans_forked):
    vocoder, recordings = folder / "of parts", folder / "recordings"
    keras_gans.save_preset(
        build("hifi_gan", floor=1e-4), vocoder, dataset="wav:recordings", training={"place": "random", "length": 256}
    )
    recordings.mkdir()
    for number in range(4):
        write(recordings / f"{number}.wav", np.random.default_rng(number).uniform(-0.5, 0.5, 1600 + 64 * number), 8000)
    process = keras_gans_forked("evaluate", vocoder, "--metrics=mr_stft", "--seeds=1", "--json", cwd=folder)
    assert process.returncode == 0, process.stderr
    result = json.loads(process.stdout)
    assert result["metrics"]["mr_stft"]["mean"] > 0
    assert result["protocol"]["image_shape"][0] >= 1600


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_speakers_are_called_by_their_names(folder, keras_gans_forked):
    metadata = keras_gans.presets.find_preset(folder / "told").metadata
    assert (metadata.classes, metadata.condition_names) == (["4", "7"], {"speaker": ["ann", "bob"]})
    process = keras_gans_forked("speak", "told", "4 seven", "--speaker=bob", "--output=bob.wav", cwd=folder)
    assert process.returncode == 0, process.stderr
    model = keras_gans.load_pretrained(folder / "told")
    np.testing.assert_allclose(read(folder / "bob.wav")[0], model.speak("47", seed=0, speaker=1), atol=1e-4)
    some = ("--num=2", "--label=7", "--condition=speaker=bob", "--output=some/")
    process = keras_gans_forked("generate", "told", *some, cwd=folder)
    assert process.returncode == 0, process.stderr
    expected = model.generate(2, seed=0, conditions={"labels": 1, "speaker": 1})
    found = [read(path)[0] for path in sorted((folder / "some").glob("*.wav"))]
    np.testing.assert_allclose(found, expected, atol=1e-4)
    # What is not said is every value in turn.
    process = keras_gans_forked("generate", "told", "--num=3", "--label=4", "--output=page.html", cwd=folder)
    assert process.returncode == 0, process.stderr
    captions = re.findall("<figcaption>([^<]*)", (folder / "page.html").read_text(encoding="utf-8"))
    assert captions == ["sound 1, 4, ann", "sound 2, 4, bob", "sound 3, 4, ann"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("speak", "speaker"), "one preset or run folder, and a text"),
        (("speak", "speaker", "hello"), "There is no word 'hello'. There are: 0, 1, 2"),
        (("speak", "vocoder", "4"), "vocoder does not speak: it is a Vocoder"),
        (("speak", "speaker", "4", "--speaker=theo"), "told nothing but words: leave out speaker"),
        (("speak", "told", "4", "--speaker=theo"), "There is no speaker 'theo'. There are: ann, bob"),
        (("generate", "told", "--condition=speaker=theo"), "There is no speaker 'theo'. There are: ann, bob"),
        (("generate", "told", "--condition=mood=glad"), "There is no condition of told 'mood'. There are: speaker"),
        (("generate", "told", "--condition=theo"), "--condition=theo must look like NAME=VALUE"),
        (("speak", "speaker", "4", "--output=n.mp3"), "must end in .wav"),
        (("vocode", "speaker", "in.wav"), "speaker is not a vocoder, but a SpeechGAN"),
        (("vocode", "vocoder", "none.wav"), "There is no file none.wav"),
        (("vocode", "vocoder", "in.wav", "--output=there.wav"), "there.wav exists already: add --overwrite"),
        (("generate", "vocoder"), "vocoder is a vocoder: keras-gans vocode vocoder in.wav"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments, message, folder, keras_gans_forked):
    process = keras_gans_forked(*arguments, cwd=folder)
    assert process.returncode == 2
    assert message in process.stderr
    assert len(process.stderr.strip().splitlines()) == 1

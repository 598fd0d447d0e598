"""`keras-gans train` that is killed, and started again by the same command until it succeeds."""

import random

import pytest

from tests.support import killing, sounds


@pytest.fixture
def folder(tmp_path):
    killing.make_pictures(tmp_path / "pictures")
    return tmp_path


@pytest.mark.slow
def test_a_killed_run_ends_as_if_it_had_not_been(folder):
    """A minute (last run: 0.1.0, 2026-11-24). tests/keras_gans/callbacks/test_exact_resume.py breaks off in one process."""
    arguments = (*killing.DCGAN, "--set=width=4", "--dataset=folder:pictures", "--epochs=12")
    killing.train_to_the_end(arguments, folder / "whole", folder, streamed=True)
    killing.train_with_kills(arguments, folder / "run", folder, 2, random.Random(1), streamed=True, longest=0.5)
    killing.assert_same_result(folder / "run", folder / "whole")


@pytest.mark.slow
def test_a_killed_run_of_sounds_ends_as_if_it_had_not_been(tmp_path):
    """Two minutes (last run: 0.1.0, 2026-11-29). tests/zoo/test_entries.py breaks off in one process."""
    sounds.write_digits(tmp_path / "digits", per_speaker=24)
    small = {"width": 4, "n_fft": 64, "hop_length": 16, "win_length": 64, "n_mels": 16, "iterations": 2}
    told = ("--length=256", "--place=random", "--name_pattern={label}_{speaker}_{index}", "--test_part=index:0-3")
    arguments = ("speech_gan", "--dataset=wav:digits", *told, *(f"--set={name}={value}" for name, value in small.items()))
    arguments += ("--batch_size=20", "--epochs=12", "--metrics=none", "--ema=0.9")
    killing.train_to_the_end(arguments, tmp_path / "whole", tmp_path)
    killing.train_with_kills(arguments, tmp_path / "run", tmp_path, 2, random.Random(1), longest=0.5)
    killing.assert_same_result(tmp_path / "run", tmp_path / "whole")


@pytest.mark.slow
def test_thirty_kills(capsys):
    """Thirty kills over runs of `gan` and `dcgan`, on arrays and on streamed folders. Last run: see CHANGELOG."""
    killing.main(30)
    assert "30 kills" in capsys.readouterr().out

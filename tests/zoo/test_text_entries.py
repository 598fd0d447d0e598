"""What two commands do with the text models of the zoo."""

import json

import numpy as np
import pytest

import keras_gans
from tests.support.entries import SENTENCES, TEXTS, small


# One entry by default: tests/tools/test_training_data.py. A minute (last run: next_token_gan 2026-11-29, others 2026-11-26).
@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTS)
def test_text_is_trained_and_written_by_two_commands(name, tmp_path, keras_gans_forked):
    text, run = tmp_path / "text.txt", tmp_path / "run"
    text.write_text("".join(f"{line} {number % 7}\n" for number, line in enumerate(SENTENCES * 4)), encoding="utf-8")
    settings = [f"--set={key}={value}" for key, value in small(name).items() if key not in ("vocabulary_size", "length")]
    finished = keras_gans_forked(
        "train", name, f"--dataset=text:{text}", "--epochs=2", "--batch_size=16", f"--run_dir={run}", *settings
    )
    assert finished.returncode == 0, finished.stderr
    assert "held out" in finished.stdout
    finished = keras_gans_forked("generate", run, "--num=3", "--prompt=a dog", "--temperature=0.5")
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.strip().splitlines()
    assert len(lines) == 3
    assert all(line.startswith("a dog") for line in lines)
    if name == TEXTS[0]:
        two = keras_gans_forked("generate", run, "--seeds=3, 7", f"--output={tmp_path / 'two.txt'}")
        assert two.returncode == 0, two.stderr
        written = keras_gans.load_pretrained(run).write(seeds=[3, 7])
        assert (tmp_path / "two.txt").read_text(encoding="utf-8").splitlines() == written
    finished = keras_gans_forked("generate", run, "--prompt=a zebra")
    assert finished.returncode == 2
    assert "does not contain these parts of the prompt: 'zebra'" in finished.stderr


# Ten seconds (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
def test_the_class_of_text_is_asked_for_by_two_commands(tmp_path, keras_gans_forked):
    words = {"good": ["fine", "nice", "lovely"], "bad": ["awful", "sad", "poor"]}
    lines = [
        f"{label}\tthe {noun} {verb} {word}\n"
        for label, some in words.items()
        for word in some
        for noun in ("film", "plot", "cast", "song", "book")
        for verb in ("is", "was", "seems")
    ]
    (tmp_path / "reviews.tsv").write_text("".join(lines * 6), encoding="utf-8")
    settings = ["--set=pretraining_epochs=8", "--set=head_start=20", "--epochs=10", "--batch_size=16"]
    run, source = f"--run_dir={tmp_path / 'run'}", f"--dataset=text:{tmp_path / 'reviews.tsv'}"
    finished = keras_gans_forked("train", "next_token_gan", source, "--labelled", run, *settings)
    assert finished.returncode == 0, finished.stderr
    for label, some in words.items():
        finished = keras_gans_forked("generate", tmp_path / "run", f"--label={label}", "--num=20", "--temperature=0.5")
        assert finished.returncode == 0, finished.stderr
        right = [line.split()[-1] in some for line in finished.stdout.strip().splitlines()]
        assert len(right) == 20
        assert np.mean(right) > 0.8
    finished = keras_gans_forked("generate", tmp_path / "run", "--label=neutral")
    assert finished.returncode == 2
    assert "There is no class 'neutral'" in finished.stderr


# Half a minute each (last run: 0.1.0, 2026-11-30).
@pytest.mark.slow
@pytest.mark.parametrize("name", ["next_token_gan", "transformer_gan"])
def test_answers_are_learnt_and_measured_by_a_few_commands(name, tmp_path, keras_gans_forked):
    places = {"dog": "garden", "cat": "kitchen", "bird": "tree", "fish": "pond"}
    lines = [
        {"context": [f"hello {number % 10} ,", f"where is the {who} ?"], "text": f"the {who} is in the {place} {number % 7} ."}
        for number in range(60)
        for who, place in places.items()
    ]
    (tmp_path / "said.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    flags = ["--contexts", "--context_length=7", "--epochs=16", "--batch_size=16", "--set=pretraining_epochs=14"]
    flags += ["--set=head_start=20", "--set=embedding_dim=16"] if name == "next_token_gan" else ["--set=width=16"]
    source = f"--dataset=text:{tmp_path / 'said.jsonl'}"
    finished = keras_gans_forked("train", name, source, f"--run_dir={tmp_path / 'run'}", *flags)
    assert finished.returncode == 0, finished.stderr
    assert "contexts are longer than 7 tokens and lost their beginning" in finished.stdout
    for who, place in places.items():
        asked = ["--num=20", "--temperature=0.5", f"--context=Where is the {who.upper()}?"]
        finished = keras_gans_forked("generate", tmp_path / "run", *asked)
        assert finished.returncode == 0, finished.stderr
        right = [f"the {who} is in the {place}" in line for line in finished.stdout.strip().splitlines()]
        assert len(right) == 20
        assert np.mean(right) > 0.8
    measured = ["--metrics=hits_at_1,context_overlap,dull_replies,nll", "--num=100", "--seeds=1", "--json"]
    finished = keras_gans_forked("evaluate", tmp_path / "run", *measured)
    assert finished.returncode == 0, finished.stderr
    result = json.loads(finished.stdout)
    # Answers to the same question are equal but for a number that nothing tells.
    assert result["metrics"]["hits_at_1"]["mean"] > 0.2
    assert 0 < result["metrics"]["dull_replies"]["mean"] < 1
    assert result["real"]["hits_at_1"] is None


# Half a minute (last run: 0.1.0, 2026-11-30).
@pytest.mark.slow
def test_running_text_is_continued_and_measured(tmp_path, keras_gans_forked):
    (tmp_path / "stories").mkdir()
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    for number in range(30):
        text = " ".join(f"on {days[(number + day) % 7]} it rained ." for day in range(60))
        (tmp_path / "stories" / f"{number}.txt").write_text(text, encoding="utf-8")
    flags = ["--windows", "--contexts", "--length=5", "--context_length=10", "--batch_size=16"]
    flags += ["--epochs=11", "--set=pretraining_epochs=10", "--set=head_start=20"]
    source = f"--dataset=text:{tmp_path / 'stories'}"
    finished = keras_gans_forked("train", "next_token_gan", source, f"--run_dir={tmp_path / 'run'}", *flags)
    assert finished.returncode == 0, finished.stderr
    asked = ["--num=20", "--temperature=0.5", "--context=on friday it rained . on saturday it rained ."]
    finished = keras_gans_forked("generate", tmp_path / "run", *asked)
    assert np.mean([line == "on sunday it rained ." for line in finished.stdout.strip().splitlines()]) > 0.8
    measured = ["--metrics=nll,novelty,context_overlap", "--num=100", "--seeds=1", "--json"]
    finished = keras_gans_forked("evaluate", tmp_path / "run", *measured)
    assert finished.returncode == 0, finished.stderr
    metrics = json.loads(finished.stdout)["metrics"]
    assert metrics["nll"]["mean"] < 0.5
    assert metrics["novelty"]["mean"] < 0.5

"""Model cards as readers meet them, on the Hub or beside a run."""

import re
import subprocess
import sys

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans import presets, registry
from keras_gans.presets import model_card
from keras_gans.text import Tokenizer
from tests.conftest import ROOT


def make_model():
    keras.utils.set_random_seed(0)
    return keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=3, seed=0)


def save(folder, **metadata):
    return model_card.render(keras_gans.save_preset(make_model(), folder, **metadata).folder)


def rows(card):
    return dict(re.findall(r"^\| (.+?) \| (.*?) \|", card, re.MULTILINE))


def test_what_is_not_known_is_said_or_left_out(tmp_path):
    card = save(tmp_path / "bare")
    assert rows(card)["Data"] == rows(card)["Licence of the data"] == rows(card)["Licence of the weights"] == "not said"
    assert not {"Training", "Time", "Chosen", "Fine-tuned from", "Rounding", "Made by"} & set(rows(card))
    assert "license:" not in card
    assert not re.search(r"\|\s*\|\s*$", card.split("| --- | --- |")[1], re.MULTILINE)  # no empty cell
    assert "None" not in card


def test_a_model_without_a_paper_has_neither_an_empty_row_nor_an_empty_section(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_entries", dict(registry._entries))

    @keras_gans.register_model("nameless")
    def nameless():
        return keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=3)

    folder = keras_gans.save_preset(keras_gans.create_model("nameless"), tmp_path / "mine").folder
    card = model_card.render(folder)
    assert "Paper" not in card
    assert "## Citation" not in card


def test_a_sentence_ends_with_a_full_stop(tmp_path):
    card = save(tmp_path / "one", description="my_gan trained on digits", use="Trying things out", limits="Many!")
    assert "my_gan trained on digits. Model: `gan` of keras_gans.\n" in card
    assert "## Uses\n\nTrying things out.\n" in card
    assert "## Limitations\n\nMany!\n" in card


def test_the_code_says_what_the_model_takes(tmp_path):
    def code(model, name, **metadata):
        return model_card.render(keras_gans.save_preset(model, tmp_path / name, **metadata).folder)

    options = {"image_shape": (16, 16, 3), "width": 4, "discriminator_width": 4}
    alike, apart = (keras_gans.create_model("fastgan", num_classes=classes, latent_dim=3, **options) for classes in (None, 2))
    # The data may have had classes that the model was not told.
    card = code(alike, "alike", classes=["a", "b"])
    assert "model.generate(64, seed=0)  # float32 in [-1, 1]\n" in card
    assert "model.generate(10, seed=0, labels=model.class_labels(10))" in code(apart, "apart", classes=["a", "b"])
    best = {"epochs": 9, "epoch": 7, "metrics": "psnr,fid"}
    card = code(keras_gans.create_model("edsr", width=4, blocks=1), "edsr", training=best)
    assert 'keras_gans.apply_file(model, "picture.jpg", "output.png")' in card
    assert "pipeline_tag: image-to-image\n" in card
    assert "| Chosen | epoch 7 of 9, the one with the highest PSNR during training |" in card
    assert "generator)" in card
    assert "0 discriminator" not in card
    assert "Random samples" not in card
    filler = keras_gans.create_model(
        "gated_inpainting", image_shape=(8, 8, 1), width=2, dilations=(2,), discriminator_width=2, discriminator_depth=1
    )
    assert '"output.png", mask="mask.png")' in code(filler, "filler")


def test_sentences_stand_below_their_class(tmp_path):
    tokenizer = Tokenizer.train(["a cat sat", "two dogs ran", "it rains"])
    model = keras_gans.create_model(
        "next_token_gan", vocabulary_size=tokenizer.size, length=5, units=4, discriminator_units=4, num_classes=2, seed=0
    )
    model.tokenizer = tokenizer
    folder = keras_gans.save_preset(model, tmp_path / "verse", classes=["Ann", "Bob"]).folder
    lines = [line.split("\t") for line in (folder / "samples.txt").read_text(encoding="utf-8").splitlines()]
    assert [label for label, _ in lines] == ["0"] * 10 + ["1"] * 10
    assert [line for _, line in lines] == model.write(20, seed=0, labels=np.repeat([0, 1], 10))
    card = model_card.render(folder)
    written = [f"      {line}".rstrip() for _, line in lines]
    assert "\n".join(["    Ann:", *written[:10], "    Bob:", *written[10:]]) in "\n".join(map(str.rstrip, card.splitlines()))
    assert "model.write(20, seed=0, temperature=0.8, labels=model.class_labels(20))" in card


def test_the_card_of_the_best_model_of_a_run_is_called_like_the_run(tmp_path, monkeypatch):
    keras_gans.save_preset(make_model(), tmp_path / "runs/rings/best")
    monkeypatch.chdir(tmp_path)
    card = model_card.render("runs/rings/best")
    assert "# rings\n" in card
    assert 'load_pretrained("runs/rings/best")' in card


def test_the_hub_is_told_our_library_and_no_other(tmp_path):
    front = save(tmp_path / "one", licence="Apache-2.0", dataset="mnist").split("---")[1].splitlines()
    assert "library_name: keras_gans" in front  # not `keras`, whose snippet cannot load such a folder
    assert 'tags: ["keras", "keras-gans", "gan", "gan"]' in front
    assert "license: apache-2.0" in front
    assert 'datasets: ["mnist"]' in front
    assert "datasets:" not in save(tmp_path / "two", dataset="folder:/home/me/pictures")


def test_a_package_that_registers_the_model_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("keras_gans.presets.save.providing_package", lambda name: "their-gans")
    card = save(tmp_path / "one")
    assert "Model: `gan` of their-gans." in card
    assert "pip install keras-gans their-gans" in card
    assert presets.find_preset(tmp_path / "one").config["requires_package"] == "their-gans"


def test_a_fine_tuned_model_says_from_what(tmp_path):
    card = save(tmp_path / "one", fine_tuned_from={"preset": "dcgan_mnist", "sha256": "0" * 64, "dataset": "mnist"})
    assert rows(card)["Fine-tuned from"] == "`dcgan_mnist` (mnist)"


@pytest.mark.parametrize("name", ["dcgan_digits", "seqgan_coco"])
def test_the_code_of_a_card_runs(name):
    names = {}
    exec(re.search("```python\n(.*?)```", model_card.render(name), re.DOTALL)[1], names)
    made = names["images"] if name == "dcgan_digits" else names["sentences"]
    assert len(made) in (20, 64)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_presets_are_saved_and_cards_written_without_jinja2(tmp_path):
    program = f"""
import sys; sys.modules["jinja2"] = None
import keras_gans
model = keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=3)
preset = keras_gans.save_preset(model, {str(tmp_path / "one")!r})
from keras_gans.presets import model_card
from keras_gans.text import Tokenizer
print(model_card.write(preset.folder))
"""
    process = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert process.stdout.strip() == str(tmp_path / "one/README.md")

"""Exports that mark all text, and what finds the mark."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

import keras_gans
from keras_gans import Watermark, export, find_watermark
from keras_gans.export.signatures import signatures_of
from keras_gans.text import Tokenizer
from tests.support.captions import captions

KEY = "correct horse battery staple"
LINES = captions(200, seed=0)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    tokenizer = Tokenizer.train(LINES)
    own = {"vocabulary_size": tokenizer.size, "length": 12, "pretraining_epochs": 1, "seed": 0}
    model = keras_gans.create_model("next_token_gan", units=8, **own)
    model.tokenizer = tokenizer
    rng = np.random.default_rng(0)
    model.generator.set_weights([rng.normal(0, 0.5, each.shape) for each in model.generator.get_weights()])
    model.ema_generator.set_weights(model.generator.get_weights())
    return model


def test_the_same_seed_and_key_give_the_same_tokens_in_graphs_of_servers(model):
    mark, seeds = Watermark(KEY), np.arange(20, dtype="int64")
    tokens = model.generate(seeds=seeds, watermark=mark)
    assert (tokens != model.generate(seeds=seeds)).any()
    contents = signatures_of(model, watermark=mark).contents("saved_model")
    found = contents.functions["generate"](tf.constant(seeds))
    np.testing.assert_array_equal(found["token_ids"], tokens)
    assert [text.decode() for text in found["text"].numpy()] == model.write(seeds=seeds, watermark=mark)


def test_tflite_files_mark_text_and_do_not_contain_the_key(model, tmp_path):
    mark = Watermark(KEY, strength=5, context=3)
    path, difference = export.tflite(model, tmp_path / "marked.tflite", batch=None, watermark=mark)
    assert difference == 0
    seeds = np.arange(20, dtype="int64")
    found = Interpreter(str(path)).get_signature_runner("generate")(seeds=seeds)["token_ids"]
    np.testing.assert_array_equal(found, model.generate(seeds=seeds, watermark=mark))
    assert KEY.encode() not in path.read_bytes()


# A quarter of a minute (last run: 0.1.0, 2026-11-30).
@pytest.mark.slow
def test_saved_models_mark_text_in_every_signature(model, tmp_path):
    mark = Watermark(KEY)
    folder, difference = export.saved_model(model, tmp_path / "marked", watermark=mark)
    assert difference == 0
    seeds = np.arange(20, dtype="int64")
    loaded = tf.saved_model.load(str(folder))
    found = loaded.signatures["generate"](seeds=tf.constant(seeds))
    np.testing.assert_array_equal(found["token_ids"], model.generate(seeds=seeds, watermark=mark))
    prompt = LINES[0].split()[0]
    found = loaded.signatures["complete"](seeds=tf.constant(seeds[:3]), prompt=tf.constant([prompt] * 3))
    expected = model.write(seeds=seeds[:3], prompt=prompt, watermark=mark)
    assert [text.decode() for text in found["text"].numpy()] == expected
    assert not any(KEY.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_the_mark_is_found_in_sentences_and_in_files(model, tmp_path):
    mark = Watermark(KEY)
    sentences = model.write(40, seed=1, watermark=mark)
    found = find_watermark(sentences, KEY, model.medium)
    assert found.marked
    assert found.words.startswith("marked with this key: ")
    assert found == find_watermark(sentences + sentences, mark, model.medium)  # repeated text counts once
    assert not find_watermark(sentences, KEY[::-1], model.medium).marked
    assert not find_watermark(model.write(40, seed=1), KEY, model.medium).marked
    assert not find_watermark(LINES, KEY, model.medium).marked
    # As people and programs change text: capital letters, white space, contexts before tabs, JSON, a byte order mark.
    (tmp_path / "a.txt").write_text("\ufeff" + "\r\n\r\n".join("before\t" + each.upper() + "  " for each in sentences), "utf-8")
    (tmp_path / "b.jsonl").write_text("".join(json.dumps({"text": each, "label": 3}) + "\n" for each in sentences), "utf-8")
    for name in ("a.txt", "b.jsonl"):
        assert find_watermark(tmp_path / name, KEY, model.medium) == found
    # Sentences left out, and words of others in between.
    edited = [each + " zebra" for each in sentences[:30]] + LINES[:5]
    assert find_watermark(edited, KEY, model.medium).marked


def test_text_that_cannot_be_read(model, tmp_path):
    def fails(content, message, name="a.txt", what=ValueError, **arguments):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(what, match=message):
            find_watermark(tmp_path / name, KEY, **{"model": model.medium, **arguments})

    fails(b"\xff\xfe\x00", "is not text in UTF-8: .* at byte 0")
    fails(b"[1]\n", r'b\.jsonl, line 1 has no "text"', "b.jsonl")
    fails(b'{"text": "a"}\n{"text": 3}\n', r'line 2 has no "text"', "b.jsonl")
    fails(b"[" * 100_000, "line 1 is not JSON", "b.jsonl")
    fails(b"a" * (2**24 + 1), "has more than 16 MiB of text")
    fails(b"a", "dcgan_digits has no tokenizer", model="dcgan_digits")
    fails(b"a", "There is no preset", model="nobody", what=(ValueError, FileNotFoundError))
    with pytest.raises(FileNotFoundError):
        find_watermark(tmp_path / "none.txt", KEY, model.medium)
    for nothing in (b"", b"\n \n", b"zebra zebra\nzebra"):
        (tmp_path / "a.txt").write_bytes(nothing)
        assert find_watermark(tmp_path / "a.txt", KEY, model.medium).words.startswith("too short to tell")
    rng = np.random.default_rng(0)
    for _ in range(100):
        (tmp_path / "a.txt").write_bytes(bytes(rng.integers(0, 128, 300, "uint8")))
        assert find_watermark(tmp_path / "a.txt", KEY, model.medium).p <= 1.0


def test_only_text_is_marked():
    images = keras_gans.create_model("gan", image_shape=(8, 8, 1))
    with pytest.raises(ValueError, match="A watermark marks text, but this model makes images"):
        signatures_of(images, watermark=Watermark(KEY))

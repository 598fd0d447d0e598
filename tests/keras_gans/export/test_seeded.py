"""The signatures that take seeds, where test_matrix.py, which tests them for every entry, does not reach."""

import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

import keras_gans
from keras_gans import export, seeds
from keras_gans.export import parity, vocabulary
from keras_gans.export.signatures import signatures_of
from keras_gans.export.signatures.random_numbers import uniform
from keras_gans.export.signatures.token_boundaries import seeds_far_from_boundaries, token_intervals
from keras_gans.text import Tokenizer

# Control characters that Python does not count as white space.
CONTROLS = "\x01\x07\x1b\x7f\u200b\ufeff"
CHINESE = ["猫坐在垫子上", "狗在公园里跑", f"两只猫{CONTROLS}跑", "公园里 下雨了"] * 4


def build(tokenizer=None, **arguments):
    keras.utils.set_random_seed(0)
    size = 16 if tokenizer is None else tokenizer.size
    arguments = {"vocabulary_size": size, "length": 6, "seed": 0, "filters": 0.01, **arguments}
    model = keras_gans.create_model("seqgan", **arguments)
    model.tokenizer = tokenizer
    return model


def generate(folder, given, **inputs):
    name = "generate_with_temperature" if "temperature" in inputs else "generate"
    signature = tf.saved_model.load(str(folder)).signatures[name]
    found = signature(seeds=tf.constant(given, tf.int64), **{name: tf.constant(value) for name, value in inputs.items()})
    return {name: value.numpy() for name, value in found.items()}


def run(path, given, **inputs):
    name = "generate_with_temperature" if "temperature" in inputs else "generate"
    outputs = Interpreter(str(path)).get_signature_runner(name)(seeds=np.array(given), **inputs)
    return {name: value.copy() for name, value in outputs.items()}


def test_numbers_are_those_of_python_in_graphs_and_in_tflite():
    some = np.array([0, 1, 2, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**62 + 12345, 2**63 - 1])
    expected = seeds.uniform(some, (3, 40))
    function = tf.function(lambda tensor: uniform(tensor, (3, 40)), input_signature=[tf.TensorSpec((None,), tf.int64)])
    found = function(some).numpy()
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()], function)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    interpreter = Interpreter(model_content=converter.convert())
    [given], [answer] = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(given["index"], some.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], some)
    interpreter.invoke()
    np.testing.assert_array_equal(interpreter.get_tensor(answer["index"]), expected)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_chinese_characters_and_control_characters(tmp_path):
    model = build(Tokenizer.train(CHINESE, "characters"), num_classes=2, length=12)
    assert set(CONTROLS) < set(model.tokenizer.vocabulary)
    four, labels = [3, 7, 11, 15], np.array([0, 1, 1, 0], "int32")
    expected = model.write(seeds=four, labels=labels)
    assert set(CONTROLS) & set("".join(expected))
    folder, difference = export.saved_model(model, tmp_path / "served")
    assert difference == 0
    found = generate(folder, four, labels=labels)
    assert [line.decode() for line in found["text"]] == expected
    np.testing.assert_array_equal(found["token_ids"], model.generate(seeds=four, labels=labels))
    path, difference = export.tflite(model, tmp_path / "model.tflite", batch=None)
    assert difference == 0
    found = run(path, four, labels=labels)
    np.testing.assert_array_equal(found["token_ids"], model.generate(seeds=four, labels=labels))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        packed = archive.read("vocabulary.txt")
    assert packed.decode().splitlines() == packed.decode().split("\n")[:-1] == model.tokenizer.vocabulary

    # As TensorFlow Serving loads it: a session, by the names of the signature's tensors, and wherever the folder lies now.
    moved = folder.rename(tmp_path / "2")
    assert (moved / "assets" / "vocabulary.txt").read_bytes() == packed
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        signature = tf.compat.v1.saved_model.load(session, ["serve"], str(moved)).signature_def["generate_with_temperature"]
        # One temperature does for all.
        given = {"seeds": four, "temperature": [1.0], "labels": labels}
        lines = session.run(signature.outputs["text"].name, {signature.inputs[name].name: given[name] for name in given})
    assert [line.decode() for line in lines] == expected


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_model_without_tokenizer_gives_tokens(tmp_path, monkeypatch):
    monkeypatch.setattr(parity, "check", lambda *_: 0.0)  # what is looked at here
    model = build()
    expected = model.generate(seeds=[1, 2])
    folder, _ = export.saved_model(model, tmp_path / "served")
    found = generate(folder, [1, 2])
    assert list(found) == ["token_ids"]
    assert found["token_ids"].dtype == np.int32
    np.testing.assert_array_equal(found["token_ids"], expected)
    assert not list((folder / "assets").glob("*"))
    path, _ = export.tflite(model, tmp_path / "model.tflite")
    found = run(path, [1])
    np.testing.assert_array_equal(found["token_ids"], expected[:1])
    assert not zipfile.is_zipfile(path)


@pytest.mark.parametrize(
    ("kind", "lines", "prompt"),
    [
        ("words", ["a cat sat\x1cdown", "a dog ran down"], " a\u2003 dog\x1c ran\u2581"),
        # Ten seconds (last run: 0.1.0, 2026-11-26).
        pytest.param("characters", CHINESE, f" {CHINESE[0][:2]}\n", marks=pytest.mark.slow),
    ],
    ids=["words", "characters"],
)
def test_prompts_are_completed_as_the_model_does_it(kind, lines, prompt, tmp_path):
    model = build(Tokenizer.train(lines, kind))
    folder, difference = export.saved_model(model, tmp_path / "served")
    assert difference == 0
    signatures = tf.saved_model.load(str(folder)).signatures

    def ask(*prompts, temperature=None):
        given = {"seeds": tf.range(len(prompts), dtype=tf.int64), "prompt": tf.constant(prompts)}
        if temperature is None:
            found = signatures["complete"](**given)
        else:
            found = signatures["complete_with_temperature"](**given, temperature=tf.fill([len(prompts)], temperature))
        return [text.decode() for text in found["text"].numpy()]

    expected = [model.write(seeds=[0], prompt=prompt)[0], model.write(seeds=[1])[0]]
    assert ask(prompt, "") == expected
    assert ask("", prompt, temperature=2.0) == [
        model.write(seeds=[0], temperature=2.0)[0],
        model.write(seeds=[1], prompt=prompt, temperature=2.0)[0],
    ]
    assert expected[0].startswith(" ".join(prompt.replace("\u2581", " ").split()))
    with pytest.raises(tf.errors.InvalidArgumentError, match="never seen"):
        ask("zebra \U0001f993")
    with pytest.raises(tf.errors.InvalidArgumentError, match="leaves no room in 6 tokens"):
        ask(" ".join(["a"] * 6) if kind == "words" else CHINESE[0][0] * 6)


def test_subwords_are_not_completed_by_a_server():
    model = build(Tokenizer.train(["a cat sat", "a dog sat"], "subwords", 16))
    contents = signatures_of(model).contents("saved_model")
    assert set(contents.examples) == set(contents.functions) == {"serving_default", "generate", "generate_with_temperature"}


def test_tokens_that_the_tokenizer_lacks_are_unknown():
    tokenizer = Tokenizer.train(["a cat", "a dog"])
    model = build(tokenizer, vocabulary_size=tokenizer.size + 2)
    pieces = vocabulary.pieces(model.medium)
    cat = pieces.index("▁cat")
    tokens = np.array([[cat, tokenizer.size + 1, cat, 0, cat, cat], [0] * 6], "int32")
    assert vocabulary.join(tf.constant(tokens), pieces).numpy().tolist() == [b"cat <unk> cat", b""]
    # A model that generates only the last token is not a reason to reject an export.
    model.generator.predict_token.bias.assign(np.eye(tokenizer.size + 2)[-1] * 50)
    _, outputs = signatures_of(model).cases("saved_model", 8)["generate_with_temperature"]
    assert set(outputs["text"]) == {" ".join(["<unk>"] * 6)}


@pytest.mark.parametrize(
    ("given", "message"),
    [({"seeds": [3, -1]}, "seeds must be integers from 0"), ({"temperature": [0.0]}, "temperature must be above 0")],
    ids=str,
)
def test_what_is_out_of_range_is_refused_where_text_is_served(given, message):
    functions = signatures_of(build()).contents("saved_model").functions
    inputs = {"seeds": [3, 4], "temperature": [1.0], **given}
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        functions["generate_with_temperature"](tf.constant(inputs["seeds"], tf.int64), tf.constant(inputs["temperature"]))


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
@pytest.mark.parametrize(("kind", "wrong"), [("saved_model", "numbers"), ("tflite", "vocabulary")])
def test_an_export_that_writes_something_else_is_not_kept(kind, wrong, tmp_path, monkeypatch):
    model = build(Tokenizer.train(CHINESE, "characters"))
    if wrong == "numbers":
        monkeypatch.setattr(model, "seeded_latents", lambda given: seeds.uniform(np.asarray(given) + 1, (6,)))
    else:
        monkeypatch.setattr(vocabulary, "pieces", lambda medium: ["", *medium.tokenizer.vocabulary[:0:-1]])
    with pytest.raises(ValueError, match="differs from the Keras model by"):
        getattr(export, kind)(model, tmp_path / "model.tflite")
    assert not (tmp_path / "model.tflite").is_file()
    assert not list(tmp_path.rglob("saved_model.pb"))


def test_intervals_are_those_that_tokens_are_drawn_by():
    model = build(num_classes=2)
    inputs = {"temperature": np.linspace(0.5, 2, 40, dtype="float32")[:, None], "labels": model.class_labels(40)}
    latents = seeds.uniform(range(40), (6,))
    tokens = model.run_network(model.decoder(model.generator), {"latents": latents, **inputs})
    below, above = token_intervals(model, tokens, inputs)
    counted = keras.ops.convert_to_numpy(model.generator.counted(tokens)) == 1
    assert ((below - 1e-5 < latents) & (latents < above + 1e-5))[counted].all()
    assert (above > below).all()


def test_seeds_for_comparisons_lie_far_from_ends_of_intervals():
    model = build(vocabulary_size=200)
    conditions = {"temperature": np.ones((4, 1), "float32")}

    def least(given):
        latents = seeds.uniform(given, (6,))
        tokens = model.generate(seeds=given)
        below, above = token_intervals(model, tokens, {"temperature": np.ones((len(given), 1), "float32")})
        counted = keras.ops.convert_to_numpy(model.generator.counted(tokens)) == 1
        return np.where(counted, np.minimum(latents - below, above - latents), 1).min(axis=1)

    chosen = seeds_far_from_boundaries(model, model.generator, conditions, tries=8)
    np.testing.assert_allclose(least(chosen), least(np.arange(32)).reshape(8, 4).max(axis=0))

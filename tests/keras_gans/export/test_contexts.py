"""Exports of models that answer or continue other text."""

import grpc
import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

import keras_gans
from keras_gans import export
from keras_gans.export.signatures import signatures_of
from keras_gans.export.vocabulary import ContextReader, PromptReader
from keras_gans.media import Text
from keras_gans.text import Tokenizer
from tests.keras_gans.serving.conftest import started

LINES = ["where is the dog ?", "the dog ran in the park .", "a cat sat , down", "größer als ein Hund"]
# Turns, white space of every kind, capital letters, marks without spaces, unknown words, other alphabets, emoji.
SAID = [
    [],
    ["where is the dog ?"],
    ["Where IS the\u2003dog?", "the dog ran in the park ."],
    ["", "a cat", "\u2581", "sat,down"],
    [" ".join(["the dog ran"] * 5), "in the park"],
    ["Größer? zebra \U0001f993", "привет , мир", "שלום"],
]


def build(kind="words", **arguments):
    keras.utils.set_random_seed(0)
    tokenizer = Tokenizer.train([line.lower() for line in LINES], kind)
    own = {"vocabulary_size": tokenizer.size, "length": 6, "context_length": 7, "pretraining_epochs": 1, "seed": 0}
    model = keras_gans.create_model("next_token_gan", units=8, **own, **arguments)
    model.tokenizer = tokenizer
    rng = np.random.default_rng(0)
    model.generator.set_weights([rng.normal(0, 0.7, each.shape) for each in model.generator.get_weights()])
    model.ema_generator.set_weights(model.generator.get_weights())
    return model


@pytest.mark.parametrize("kind", ["words", "words_and_marks", "characters"])
def test_servers_read_contexts_as_the_tokenizer_does(kind):
    for lines in (LINES, [line.lower() for line in LINES]):
        tokenizer = Tokenizer.train(lines, kind)
        reader = ContextReader(Text((6,), tokenizer=tokenizer, context_length=7))
        found = reader(tf.constant(["\t".join(turns) for turns in SAID]))
        np.testing.assert_array_equal(found, tokenizer.encode_contexts(SAID, 7)[0])


def test_servers_part_words_and_marks_as_the_tokenizer_does():
    rng = np.random.default_rng(0)
    few = np.array(list("ab1'-.,:(! \u2019\u0301\u4f60\x1c\x0b\u2581"))
    lines = ["".join(rng.choice(few, rng.integers(0, 12))) for _ in range(3000)]
    lines += ["I don't, you-know-who.", "a'b'c-d 1.2.3,4:5 ... 1,000.", "", " ", "'", "\u2581"]
    tokenizer = Tokenizer.train(lines, "words_and_marks")
    reader = PromptReader(Text((20,), tokenizer=tokenizer))
    found, lengths = reader(tf.constant(lines))
    expected, longer = tokenizer.encode(lines, 20)
    assert not longer.any()
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(lengths, (expected > 0).sum(axis=1))


def test_exports_are_compared_on_contexts_that_are_text():
    model = build(num_classes=2)
    given, outputs = signatures_of(model).cases("saved_model", 4)["reply"]
    assert set(given) == {"seeds", "context", "labels"}
    turns = [context.split("\t") for context in given["context"]]
    assert any(turns)
    told = {"context": turns, "labels": given["labels"]}
    assert outputs["text"].tolist() == model.write(seeds=given["seeds"], conditions=told)
    subwords = build("subwords")
    assert "reply" not in signatures_of(subwords).all
    assert signatures_of(subwords).all["generate"].examples(2)["context"].shape == (2, 7)


@pytest.mark.parametrize("wrong", [-1, 99])
def test_tokens_out_of_range_are_refused(wrong):
    function = signatures_of(build()).contents("saved_model").functions["generate"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="context must be tokens from 0 to"):
        function(tf.constant([3], tf.int64), tf.constant([[0, 0, 0, 0, 0, 0, wrong]]))


# Half a minute (last run: 0.1.0, 2026-11-30).
@pytest.mark.slow
def test_the_same_seed_answers_the_same_everywhere(tmp_path):
    model = build()
    seeds, contexts = [3, 4, 5, 6, 7, 8], ["\t".join(turns) for turns in SAID]
    expected = model.write(seeds=seeds, context=SAID)
    _, difference = export.saved_model(model, tmp_path / "served" / "answers")
    assert difference == 0
    path, difference = export.tflite(model, tmp_path / "answers.tflite", batch=None)
    assert difference == 0
    tokens = model.tokenizer.encode_contexts(SAID, 7)[0]
    found = Interpreter(str(path)).get_signature_runner("generate")(seeds=np.array(seeds), context=tokens)["token_ids"]
    assert model.tokenizer.decode(found) == expected
    with started(tmp_path / "served", "--grpc_port=0") as server:
        rows = [{"seeds": seed, "context": context} for seed, context in zip(seeds, contexts, strict=True)]
        server.wait_for("/v1/models/answers", lambda status: status["model_version_status"][0]["state"] == "AVAILABLE")
        status, answer = server.predict("answers", {"signature_name": "reply", "instances": rows})
        assert status == 200, answer
        assert [each["text"] for each in answer["predictions"]] == expected
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = "answers", "reply"
        request.inputs["seeds"].CopyFrom(tf.make_tensor_proto(seeds, tf.int64))
        request.inputs["context"].CopyFrom(tf.make_tensor_proto(contexts))
        with grpc.insecure_channel(server.grpc) as channel:
            answer = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(request, timeout=60)
        assert [text.decode() for text in tf.make_ndarray(answer.outputs["text"])] == expected

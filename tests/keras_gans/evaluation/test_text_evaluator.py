import re

import keras
import numpy as np
import pytest
from nltk.tokenize import NLTKWordTokenizer
from nltk.translate import bleu_score

import keras_gans
from keras_gans.data.text import Sentences
from keras_gans.evaluation import TEXT_METRICS, TextEvaluator
from keras_gans.evaluation.text.passages import most_copied
from keras_gans.evaluation.text.splitting import LONGEST, split
from keras_gans.text import Tokenizer
from tests.support.captions import captions

NUM = 400
TRAINING, HELD_OUT = captions(NUM, seed=1), captions(300, seed=2)
WITHOUT_MODELS = ["bleu", "self_bleu", "distinct", "repetition", "duplicated", "novelty"]


def of_nltk(hypotheses, references, n):
    """NLTK's mean sentence BLEU, of words found by another rule than ours that is the same for this text."""
    parts = re.compile(r"\w+|[^\w\s]").findall
    smoothing, references = bleu_score.SmoothingFunction().method1, [parts(line) for line in references]
    return np.mean([bleu_score.sentence_bleu(references, parts(line), (1 / n,) * n, smoothing) for line in hypotheses])


@pytest.fixture(scope="module")
def evaluator():
    return TextEvaluator(TRAINING, HELD_OUT)


@pytest.fixture(scope="module")
def fresh(evaluator):
    """What real sentences score that are neither training nor held-out ones."""
    return evaluator.measure(captions(NUM, seed=3))


# Metrics of what sentences were asked for.
TOLD = {"class_agreement", "coherence", "context_overlap", "dull_replies", "hits_at_1"}


def test_fresh_real_sentences_score_like_the_real_row(evaluator, fresh):
    real = evaluator.real_row
    assert list(real) == [name for name in TEXT_METRICS if name not in TOLD]
    assert real["nll"] is None
    for name, value in fresh.items():
        if name == "lm_frechet":  # 0 is as near as can be
            assert 0 <= value < 3 * real[name] < 0.1
        elif name == "novelty":
            assert value == pytest.approx(real[name], abs=0.06)
        else:
            assert value == pytest.approx(real[name], rel=0.1, abs=0.04), name


def test_a_generator_that_repeats_one_real_sentence_is_found_out(evaluator):
    real, repeated = evaluator.real_row, evaluator.measure([HELD_OUT[0]] * NUM)
    for n in (2, 3, 4, 5):
        assert repeated[f"bleu_{n}"] == pytest.approx(1)
        assert repeated[f"self_bleu_{n}"] == pytest.approx(1)
    assert max(real["bleu_5"], real["self_bleu_5"]) < 0.9
    assert repeated["reverse_lm_score"] > 1.5 * real["reverse_lm_score"]
    assert repeated["lm_frechet"] > 10 * real["lm_frechet"]
    assert repeated["duplicated"] == 1
    assert repeated["distinct_2"] < 0.1 * real["distinct_2"]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_noise_is_found_out(evaluator, fresh):
    words = sorted({word for line in TRAINING for word in line.split()})
    rng = np.random.default_rng(0)
    noise = evaluator.measure([" ".join(rng.choice(words, 8)) for _ in range(NUM)])
    for name in ("lm_score", "reverse_lm_score"):
        assert noise[name] > 1.3 * fresh[name]
    assert noise["lm_frechet"] > 10 * fresh["lm_frechet"]
    assert noise["bleu_4"] < 0.5 * fresh["bleu_4"]


def test_bleu_is_nltks():
    training, references, others = TRAINING[:30], HELD_OUT[:50], captions(30, seed=4)
    evaluator = TextEvaluator(training, references, ["bleu"])
    found, real = evaluator.measure(others), evaluator.real_row
    for n in (2, 3, 4, 5):
        assert found[f"bleu_{n}"] == pytest.approx(of_nltk(others, references, n), abs=1e-9, rel=0)
        assert real[f"bleu_{n}"] == pytest.approx(of_nltk(training, references, n), abs=1e-9, rel=0)


def test_self_bleu_is_of_the_first_sentences_against_the_others():
    evaluator = TextEvaluator(TRAINING[:60], HELD_OUT, ["self_bleu"])
    others = captions(60, seed=4)
    expected = of_nltk(others[:30], others[30:], 3)
    assert evaluator.measure(others)["self_bleu_3"] == pytest.approx(expected, abs=1e-9, rel=0)


def test_where_white_space_stands_does_not_matter():
    evaluator = TextEvaluator(TRAINING, HELD_OUT, WITHOUT_MODELS)
    lines = captions(NUM, seed=5)
    spaced = [re.sub(r"([.,])", r" \1 ", line) for line in lines]
    assert spaced != lines
    assert evaluator.measure(spaced) == evaluator.measure(lines)


def test_copies_are_not_new():
    evaluator = TextEvaluator(TRAINING, HELD_OUT, ["novelty"], num=100)
    # All training sentences are looked through, not those alone that are measured.
    assert evaluator.measure(TRAINING[-100:]) == {"novelty": 0}
    assert evaluator.measure(["never seen"] * 50 + TRAINING[:50]) == {"novelty": 0.5}
    others = {line: TRAINING.count(line) for line in TRAINING}
    assert evaluator.real_row["novelty"] == pytest.approx(np.mean([others[line] == 1 for line in TRAINING]), abs=0.05)


def test_agreement_with_the_class_asked_for():
    rng = np.random.default_rng(0)
    kinds = (["good", "fine", "film"], ["bad", "dull", "film"])

    def sentences(labels):
        return [" ".join([*rng.choice(kinds[label], 4), f"no{rng.integers(10**6)}"]) for label in labels]

    labels = np.array([0] * 150 + [1] * 50, "int32")
    training = Sentences("text:reviews.txt", "all", sentences(labels), labels, ["good", "bad"])
    evaluator = TextEvaluator(training, HELD_OUT, ["class_agreement"])
    # As asked for, the other way round, and as often as both classes are guessed.
    written = sentences(labels)
    right = evaluator.measure(written, labels)["class_agreement"]
    assert right > 0.9
    assert evaluator.measure(written, 1 - labels)["class_agreement"] < 0.1
    assert evaluator.measure(written) == {"class_agreement": None}
    # The real row: the half that the classifier has not seen.
    assert evaluator.real_row["class_agreement"] == pytest.approx(right, abs=0.08)
    assert evaluator.protocol.settings == {"class_agreement_learnt": 100}
    with pytest.raises(ValueError, match="class_agreement needs the classes of the training sentences, and training was read"):
        TextEvaluator(TRAINING, HELD_OUT, ["class_agreement"])
    assert "class_agreement" not in TextEvaluator(TRAINING, HELD_OUT, "all").metrics


class Answering:
    """A text model that finds the more of a sentence probable, the more of its words the context holds; it writes as told."""

    conditional, conditions = True, {"context": None}

    def __init__(self, tokenizer, words=None):
        self.tokenizer, self.words = tokenizer, words
        self.generator = type("Network", (), {"length": 6})

    def token_log_probabilities(self, tokens, *, temperature, conditions):
        known = [set(self.tokenizer.encode_whole([" ".join(turns)])[0]) for turns in conditions["context"]]
        held = np.array([[token in own for token in row] for row, own in zip(tokens, known, strict=True)])
        return np.where(held, -1.0, -3.0), (tokens != 0).astype("float32")


def test_sentences_that_continue_their_contexts_are_told_from_others():
    rng = np.random.default_rng(0)

    def read(count, name):
        """Sentences of one of ten topics, of twenty words each: eight for the context, eight others for the sentence."""
        words = [[f"t{topic}w{word}" for word in rng.permutation(20)[:16]] for topic in rng.integers(10, size=count)]
        return Sentences(name, "all", [" ".join(each[8:]) for each in words], contexts=[[" ".join(each[:8])] for each in words])

    training, held_out = read(400, "text:a.tsv"), read(100, "text:b.tsv")
    evaluator = TextEvaluator(training, held_out, ["coherence"])
    # Nine of ten sentences are of another topic, which no document holds beside the own one.
    assert 0.88 < evaluator.real_row["coherence"] < 1
    shuffled = [training.lines[index] for index in rng.permutation(400)]
    assert evaluator.measure(shuffled, contexts=training.contexts)["coherence"] == pytest.approx(0.5, abs=0.05)
    assert evaluator.measure(training.lines) == {"coherence": None}
    assert evaluator.protocol.settings == {"coherence_learnt": 200}


def test_answers_are_measured_beside_what_was_said():
    rng = np.random.default_rng(0)

    def read(count, name):
        topics = [f"topic{number}" for number in rng.integers(10**6, size=count)]
        lines = ["me too"] * 10 + [f"i like {topic} no{rng.integers(10**6)}" for topic in topics[10:]]
        return Sentences(name, "all", lines, contexts=[["what do you like ?", f"{topic} ?"] for topic in topics])

    training, held_out = read(400, "text:a.tsv"), read(100, "text:b.tsv")
    evaluator = TextEvaluator(training, held_out, ["context_overlap", "dull_replies", "hits_at_1"])
    tokenizer = Tokenizer.train([*training.lines, *held_out.lines, *(" ".join(turns) for turns in training.contexts)])
    # Of two rarer words, the topic stands in the context; "me", "too", "i" and "like" are common. The commonest: "me too".
    real = evaluator.real_row
    assert real["context_overlap"] == pytest.approx(0.5, abs=0.02)
    assert real["dull_replies"] == pytest.approx((10 + 9) / 400, abs=1e-9)
    assert real["hits_at_1"] is None
    own = evaluator.measure(training.lines, contexts=training.contexts)
    assert own["context_overlap"] == pytest.approx(real["context_overlap"], abs=1e-9)
    assert evaluator.measure(training.lines, contexts=[["nothing"]] * 400)["context_overlap"] == 0
    assert evaluator.measure(["me too"] * 400) == {"context_overlap": None, "dull_replies": 1.0}
    # Ranked by what the context holds, the right sentence is first, unless it is one of those that no context tells of.
    assert evaluator.hits_at_1(Answering(tokenizer)) == pytest.approx(0.9)
    assert evaluator.protocol.settings == {"hits_at_1_candidates": 20, "hits_at_1_contexts": 500}
    with pytest.raises(ValueError, match="dull_replies needs the contexts of the training sentences, and training was read"):
        TextEvaluator(TRAINING, HELD_OUT, ["dull_replies"])
    with pytest.raises(ValueError, match="This model answers or continues other text, and training was read without contexts"):
        TextEvaluator(TRAINING, HELD_OUT, ["novelty"]).evaluate(Writing(tokenizer))


class Writing(Answering):
    def generate(self):
        """Makes it a model."""


def test_the_most_copied_passages_stand_beside_their_sources():
    training = ["a b c d e f", "x y z w v", *(f"nothing {number}" for number in range(20))]
    evaluator = TextEvaluator(training, HELD_OUT, ["copied"], num=10)
    found = most_copied(evaluator, ["b c d, really", "x y z w", "e f", "b c d", "unheard of"], n=3)
    assert [(passage.count, passage.generated, passage.source) for passage in found] == [
        (4, ("", "x y z w", ""), ("", "x y z w", " v")),
        (3, ("", "b c d", " , really"), ("a ", "b c d", " e f")),
        (2, ("", "e f", ""), ("a b c d ", "e f", "")),
    ]
    # A sentence that is repeated is shown once.
    assert len(most_copied(evaluator, ["b c d"] * 50 + ["so b c d"] * 50)) == 1
    by_characters = TextEvaluator(["小猫坐在窗台上", *training], HELD_OUT, ["copied"], num=10, measured_by="characters")
    [passage] = most_copied(by_characters, ["大猫坐在树上"], n=1)
    assert passage.generated == ("大", "猫坐在", "树上")


def test_passages_of_the_training_text_are_found():
    training = [" ".join(f"w{number}" for number in range(first, first + 20)) for first in range(0, 2000, 20)]
    evaluator = TextEvaluator(training, HELD_OUT, ["copied"], num=100)
    copied = [line.rsplit(" ", 7)[0] + " ends otherwise" for line in training[:25]]
    found = evaluator.measure([*copied, *["nothing of that"] * 75])
    assert found == {"copied_words": pytest.approx(13 / 4), "copied_passages": 0.25}
    assert evaluator.real_row == {"copied_words": 0, "copied_passages": 0}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a cat, on a mat.", ["a", "cat", ",", "on", "a", "mat", "."]),
        ("a  man's\that!?", ["a", "man", "'", "s", "hat", "!", "?"]),
        ("«c'est 5 €»", ["«", "c", "'", "est", "5", "€", "»"]),
        ("हिन्दी में लिखा।", ["हिन्दी", "में", "लिखा", "।"]),  # vowel signs are part of words
        ("", []),
    ],
)
def test_words_and_marks_are_measured(line, words):
    assert split([line]) == [words]


def test_characters_are_measured_without_spaces():
    assert split(["猫が 寝る。"], "characters") == [["猫", "が", "寝", "る", "。"]]
    lines = [f"猫が{animal}を見る。" for animal in "犬鳥馬牛魚虫亀熊鹿猿"]
    evaluator = TextEvaluator(lines, [*lines[:5], "犬"], ["bleu"], measured_by="characters")
    assert evaluator.protocol.measured_by == "characters"
    assert 0.7 < evaluator.measure(["猫が象を見る。"] * 10)["bleu_2"] < 1
    # By words, each sentence is one word and a full stop, which the others lack.
    assert TextEvaluator(lines, [*lines[:5], "犬"], ["bleu"]).measure(["猫が象を見る。"] * 10)["bleu_2"] < 0.4


def test_words_are_nearly_those_of_published_numbers():
    tokenize = NLTKWordTokenizer().tokenize
    for line in ("two zebras, standing side by side.", "a plate with (some) chips; and a burger!", 'he said: "no"'):
        ours, theirs = split([line])[0], tokenize(line)
        assert [word for word in ours if word != '"'] == [word for word in theirs if word not in ("``", "''")]


def test_an_endless_line_takes_no_endless_memory():
    (words,) = split(["word " * 1_000_000])
    assert len(words) == LONGEST


def test_the_protocol_says_what_was_measured(evaluator):
    protocol = evaluator.protocol
    assert (protocol.training, protocol.real, protocol.fake, protocol.held_out) == (NUM, NUM, NUM, 300)
    assert protocol.settings["bleu_sentences"] == protocol.settings["self_bleu_sentences"] == 200
    assert protocol.settings["lm_score_learnt"] == 200
    assert protocol.settings["language_model"]["vocabulary"] == len({word for words in split(TRAINING) for word in words}) + 2
    changed = TextEvaluator(TRAINING, [*HELD_OUT[:-1], "another one"]).protocol
    assert changed.data_sha256 == protocol.data_sha256
    assert changed.held_out_sha256 != protocol.held_out_sha256


@pytest.fixture(scope="module")
def models():
    """Models that have learnt nothing: one of words, and a conditional one."""
    keras.utils.set_random_seed(0)
    tokenizer = Tokenizer.train(TRAINING)
    made = {}
    for classes in (None, 2):
        made[classes] = keras_gans.create_model(
            "seqgan", vocabulary_size=tokenizer.size, length=12, num_classes=classes, filters=0.01, seed=0
        )
        made[classes].tokenizer = tokenizer
    return made


def test_a_model_is_measured_at_a_temperature_over_seeds(models):
    model = models[None]
    evaluator = TextEvaluator(TRAINING, HELD_OUT, ["bleu", "nll"], num=50)
    result = evaluator.evaluate(model, seeds=(3, 4), name="tiny", temperature=0.5)
    texts = [model.write(50, seed, temperature=0.5) for seed in (3, 4)]
    assert result["metrics"]["bleu_2"]["values"] == [evaluator.measure(text)["bleu_2"] for text in texts]
    assert result["metrics"]["bleu_2"]["std"] > 0
    tokens = model.tokenizer.encode(HELD_OUT, 12)[0]
    nll = pytest.approx(model.mean_nll(tokens, temperature=0.5))
    assert result["metrics"]["nll"] == {"mean": nll, "std": None, "values": [nll]}
    assert (result["name"], result["seeds"], result["temperature"]) == ("tiny", [3, 4], 0.5)
    assert result["samples"] == texts[0][:20]
    assert result["tokenizer"]["kind"] == "words"
    assert result["real"] == evaluator.real_row


def test_a_conditional_model_is_asked_for_the_classes_of_the_training_text(models):
    model = models[2]
    labels = np.array([0] * 300 + [1] * 100, "int32")
    training = Sentences("text:labelled.txt", "all", TRAINING, labels, ["x", "y"])
    evaluator = TextEvaluator(training, HELD_OUT, ["bleu", "nll"])
    lines = evaluator.write(model, seed=1)
    assert len(lines) == NUM
    of_each = [model.write(NUM, 1, labels=np.full(NUM, label)) for label in (0, 1)]
    chosen = np.array([[line == other for line, other in zip(lines, of_one, strict=True)] for of_one in of_each])
    assert chosen.any(axis=0).all()
    # Where both classes have the same sentence, it does not tell which one was asked for.
    tell = chosen.sum(axis=0) == 1
    assert tell.sum() > 50
    assert chosen[0, tell].mean() == pytest.approx(0.75, abs=0.15)
    with pytest.raises(ValueError, match=r"classes of text:labelled.txt and held_out are not the same: leave nll out"):
        evaluator.evaluate(model)


def test_mistakes_are_said():
    for arguments, message in (
        ((TRAINING[:5], HELD_OUT), r"training \(all\) holds 5 sentence\(s\); at least 10 are needed"),
        ((TRAINING, []), r"held_out \(all\) holds 0 sentence\(s\)"),
        ((TRAINING, TRAINING), "hold the same sentences"),
        ((TRAINING, HELD_OUT, ["blue"]), "no metric 'blue'.*Did you mean 'bleu'"),
        ((TRAINING, HELD_OUT, "all", 5), "num must be an integer of at least 10"),
        ((TRAINING, "a sentence"), "received one string"),
        ((TRAINING, [1]), "Sentences must be strings; received 1"),
    ):
        with pytest.raises(ValueError, match=message):
            TextEvaluator(*arguments)
    with pytest.raises(ValueError, match=r"no unit to measure text by 'word'.*'words'"):
        TextEvaluator(TRAINING, HELD_OUT, measured_by="word")
    with pytest.raises(ValueError, match="measures 400 sentences; received 1"):
        TextEvaluator(TRAINING, HELD_OUT, ["bleu"]).measure(["one"])
    with pytest.raises(ValueError, match="nll needs a model"):
        TextEvaluator(TRAINING, HELD_OUT, ["nll"]).evaluate(captions(NUM, 3))

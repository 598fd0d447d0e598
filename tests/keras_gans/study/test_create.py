"""What a study's folder holds, and the trials that are drawn from it."""

import collections
import io
import itertools

import numpy as np
import pytest
from PIL import Image

from keras_gans.media import Audio, Images, Points, Text
from keras_gans.study import PROTOCOLS, create_study, load_study, plan, study_in_memory
from keras_gans.study.encoding import encode, scramble, spoil
from keras_gans.study.folder import file_name, media_path
from keras_gans.study.plan import qualifies
from tests.keras_gans.study.conftest import images, make


def content(study, item):
    return media_path(study, item).read_bytes()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_study_is_read_as_it_was_made(tmp_path, protocol):
    study = make(tmp_path / "study", protocol)
    assert load_study(tmp_path / "study") == study
    assert load_study(tmp_path / "study").digest == study.digest
    again = make(tmp_path / "again", protocol)
    assert (again.items, again.digest) == (study.items, study.digest)
    assert make(tmp_path / "other", protocol, seed=1).digest != study.digest
    pool = collections.Counter(item.source for item in study.items if item.role == "pool")
    assert pool == {"real": 10, "one": 10, "two": 10}
    assert len({item.name for item in study.items}) == len(study.items)


def test_files_tell_nothing_of_their_source(tmp_path):
    study = make(tmp_path / "study")
    heads = set()
    for item in study.items:
        path = media_path(study, item)
        assert path.name == file_name(study, item) == f"{item.name}.png"
        assert path.stat().st_mtime == 0
        data = path.read_bytes()
        heads.add(data[:33])  # signature and header: size, depth, colour type
        assert {data[place : place + 4] for place in (12, 37)} == {b"IHDR", b"IDAT"}
        assert Image.open(io.BytesIO(data)).info == {}
    assert len(heads) == 1
    # Neither the order of the names nor that of the list is that of the sources.
    sources = [item.source for item in sorted(study.items, key=lambda item: item.name) if item.role == "pool"]
    assert sources != sorted(sources)
    assert sum(one != other for one, other in itertools.pairwise(sources)) > 8


def test_images_are_those_of_the_model_and_the_data(tmp_path):
    study = make(tmp_path / "study")
    given = {"real": images(200, 3), "one": images(40, 1, True), "two": images(40, 2, True)}
    for source, samples in given.items():
        found = {
            np.asarray(Image.open(io.BytesIO(content(study, item)))).tobytes()
            for item in study.items
            if (item.source, item.role) == (source, "pool")
        }
        assert len(found) == 10
        assert found <= {sample.tobytes() for sample in samples}


def test_a_model_is_sampled_by_the_seed(tmp_path):
    class Model:
        def generate_batches(self):
            raise NotImplementedError

        def conditions_for(self, n):
            return {"n": n}

        def generate(self, n, seed, conditions):
            assert conditions == {"n": n}
            return np.random.default_rng(seed).uniform(-1, 1, (n, 16, 16, 1)).astype("float32")

        def at_data_size(self, samples):
            return samples

    counts = {"num": 5, "trials": 4, "golds": 1, "practice": 2}
    medium, real = Images((16, 16, 1)), images(50, 0)
    study = create_study(tmp_path / "study", {"m": Model()}, real, medium=medium, seed=7, **counts)
    expected = medium.to_file(Model().generate(6, 7, {"n": 6}))
    found = [content(study, item) for item in study.items if item.source == "m"]
    assert sorted(found) == sorted(encode(medium, expected))


def test_sounds_and_sentences_are_encoded_alike(tmp_path):
    sounds = make(tmp_path / "sounds", "opinion")
    assert len({content(sounds, item)[:44] for item in sounds.items}) == 1
    text = make(tmp_path / "text", "likert")
    assert not list((tmp_path / "text" / "media").iterdir())
    gold = next(item for item in text.items if item.role == "gold")
    assert sorted(gold.text.split()) != gold.text.split() or len(gold.text.split()) > 2


def test_spoiled_samples_keep_their_size_and_lose_their_sense():
    rng = np.random.default_rng(0)
    image = np.arange(20 * 32 * 3, dtype="uint8").reshape(20, 32, 3)
    moved = scramble(image, rng)
    assert moved.shape == image.shape
    assert (moved != image).any()
    np.testing.assert_array_equal(np.sort(moved.reshape(-1)), np.sort(image.reshape(-1)))
    assert spoil(Text(()), ["a man rides a horse"], rng)[0] != "a man rides a horse"
    assert spoil(Text(()), ["a b"], rng)[0] == "ba"
    assert spoil(Audio((100, 1), 8000), np.zeros((2, 100, 1), "float32"), rng).std() > 0.1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"protocol": "guess"}, "protocol"),
        ({"num": 41}, "one has 40 samples; "),
        ({"num": 500}, "real has 200 samples"),
        ({"num": 0}, "num must be"),
        ({"models": {}}, "at least one model"),
        ({"models": {"real": images(40, 0)}}, "must not be named 'real'"),
        ({"models": {"one": np.zeros((40, 8, 8, 1), "uint8")}}, "have the shape"),
        ({"qualification": 10}, "needs samples that are easy"),
        ({"qualify_on": {"easy": images(40, 0)}, "qualification": 0}, "qualify_on is for"),
        ({"qualify_on": {"one": images(40, 0)}}, "one is studied"),
        ({"protocol": "a_or_b", "qualify_on": {"easy": images(40, 0)}}, "have a qualification"),
        ({"rounds": 3}, "has no rounds"),
        ({"protocol": "opinion"}, "is for audio"),
        ({"medium": Points((2,))}, "is for images"),
        ({"trials": 0}, "trials must be"),
    ],
)
def test_mistakes_are_refused(tmp_path, change, words):
    arguments = {
        "models": {"one": images(40, 1)},
        "real": images(200, 3),
        "medium": Images((16, 16, 1)),
        "num": 10,
        "trials": 4,
        **change,
    }
    with pytest.raises(ValueError, match=words):
        create_study(tmp_path / "study", **arguments)
    assert not (tmp_path / "study").exists()


def test_a_study_is_not_replaced_by_accident(tmp_path):
    make(tmp_path / "study")
    with pytest.raises(FileExistsError, match="exists already"):
        make(tmp_path / "study", seed=1)
    make(tmp_path / "study", seed=1, overwrite=True)


# Trials


def kinds(trials):
    return collections.Counter((trial.phase, trial.kind) for trial in trials)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_participant_has_trials_of_their_own(tmp_path, protocol):
    study = make(tmp_path / "study", protocol)
    trials = plan(study, 0)
    assert kinds(trials) == {("practice", "scored"): 2, ("main", "scored"): 6, ("main", "gold"): 1, ("main", "repeat"): 1}
    assert plan(study, 0) == trials != plan(study, 1)
    assert [trial.number for trial in trials] == list(range(10))
    for trial in trials:
        assert trial.sources == tuple(study.by_name[name].source for name in trial.items)
        role = {"gold": "gold"}.get(trial.kind, "practice" if trial.phase == "practice" else "pool")
        assert {study.by_name[name].role for name in trial.items} == {role}
        if trial.repeats is not None:
            assert trials[trial.repeats].items == trial.items
            assert trials[trial.repeats].kind == "scored"
            assert trial.number > trial.repeats


def test_half_of_the_images_are_real_and_the_others_of_one_model():
    study = study_in_memory("real_or_generated", 2)
    for number in range(4):
        scored = [trial for trial in plan(study, number) if trial.kind == "scored"]
        assert collections.Counter(trial.sources[0] for trial in scored) == {"real": 50, "ab"[number % 2]: 50}
        assert len({trial.items for trial in scored}) == 100
        for trial in plan(study, number):
            if trial.repeats is not None:
                assert trial.number - trial.repeats >= 10


def test_pairs_and_sides_are_uniform():
    study = study_in_memory("a_or_b", 2, trials=300, golds=40)
    trials = [trial for number in range(10) for trial in plan(study, number)]
    sources = collections.Counter(trial.sources for trial in trials if trial.kind == "scored")
    assert len(sources) == 6
    assert min(sources.values()) > 400  # 500 expected of each, standard deviation 20
    golds = collections.Counter(trial.right_answers(False) for trial in trials if trial.kind == "gold")
    assert set(golds) == {("left",), ("right",)}
    assert min(golds.values()) > 150


def test_raters_hear_each_source_equally_often():
    study = study_in_memory("opinion", 3, trials=61)
    counts = collections.Counter()
    for number in range(4):
        own = collections.Counter(trial.sources[0] for trial in plan(study, number) if trial.kind == "scored")
        assert sorted(own.values()) == [15, 15, 15, 16]
        counts += own
    assert set(counts.values()) == {61}


def test_the_qualification_is_hypes():
    def answers(real, fake, of=50):
        return [("real", k < real) for k in range(of)] + [("model", k < fake) for k in range(of)]

    assert qualifies(answers(33, 33))
    assert not qualifies(answers(32, 50))
    assert not qualifies(answers(50, 32))


def test_the_qualification_comes_from_easy_samples(tmp_path):
    study = make(tmp_path / "study", qualify_on={"easy": images(40, 9, True)}, qualification=10)
    asked = [trial for trial in plan(study, 0) if trial.phase == "qualification"]
    assert collections.Counter(trial.sources[0] for trial in asked) == {"real": 5, "easy": 5}
    assert {study.by_name[trial.items[0]].role for trial in asked} == {"qualification"}

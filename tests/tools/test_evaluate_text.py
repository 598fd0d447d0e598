"""Text from files and models to tables, by the command line."""

import html
import json
import re

import keras
import numpy as np
import pytest
from nltk.translate import bleu_score

import keras_gans
from keras_gans.text import Tokenizer
from tests.support.captions import captions

QUICK = "--metrics=bleu,self_bleu,distinct,repetition,duplicated,novelty"
SPLIT = ("--dataset=text:train.txt", "--held_out=text:test.txt")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Texts, a model of words that has learnt a little, and one of characters that has learnt nothing."""
    folder = tmp_path_factory.mktemp("texts")
    for name, count, seed in (("train", 120, 1), ("test", 60, 2), ("written", 20, 3)):
        (folder / f"{name}.txt").write_text("\n".join(captions(count, seed)) + "\n", encoding="utf-8")
    for kind, length in (("words", 10), ("characters", 30)):
        keras.utils.set_random_seed(0)
        tokenizer = Tokenizer.train(captions(120, 1), kind)
        arguments = {"vocabulary_size": tokenizer.size, "length": length, "filters": 0.01, "rollouts": 1, "seed": 0}
        model = keras_gans.create_model("seqgan", pretraining_epochs=1, **arguments)
        model.tokenizer = tokenizer
        if kind == "words":
            model.fit(tokenizer.encode(captions(120, 1), length)[0], batch_size=40, epochs=2, verbose=0)
        keras_gans.save_preset(model, folder / kind)
    return folder


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines()


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_bleu_of_a_file_is_nltks(folder, keras_gans_forked):
    process = keras_gans_forked("evaluate", "written.txt", *SPLIT, "--metrics=bleu", "--json", cwd=folder)
    assert process.returncode == 0, process.stderr
    result = json.loads(process.stdout)
    parts, smoothing = re.compile(r"\w+|[^\w\s]").findall, bleu_score.SmoothingFunction().method1
    references, hypotheses = ([parts(line) for line in lines_of(folder / f"{name}.txt")] for name in ("test", "written"))
    for n in (2, 3, 4, 5):
        of_each = [bleu_score.sentence_bleu(references, words, (1 / n,) * n, smoothing) for words in hypotheses]
        assert result["metrics"][f"bleu_{n}"]["mean"] == pytest.approx(np.mean(of_each), abs=1e-9, rel=0)
        assert result["real"][f"bleu_{n}"] == pytest.approx(np.mean(of_each), abs=0.15)


@pytest.fixture(scope="module")
def evaluated(folder, keras_gans_forked):
    """The model of words at two temperatures, with all metrics, from beginning to end."""
    arguments = ("--temperature=1.0,0.5", "--seeds=1", "--num=40", "--samples=3", "--output=words.json")
    return keras_gans_forked("evaluate", "words", *SPLIT, *arguments, cwd=folder)


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_the_report_shows_sentences_and_what_was_copied(folder, keras_gans_forked):
    training = lines_of(folder / "train.txt")
    copied = f"surely {training[5]}"
    (folder / "copying.txt").write_text("\n".join([*captions(19, 3), copied]), encoding="utf-8")
    arguments = ("--metrics=distinct,copied", "--report=report.html")
    process = keras_gans_forked("evaluate", "copying.txt", *SPLIT, *arguments, cwd=folder)
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines()[-1] == "Wrote report.html."
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "20 sentences by words; training text: 120 of text:train.txt (all)" in page
    sections = dict(re.findall(r'<section id="(\w+)">(.*?)</section>', html.unescape(page), re.DOTALL))
    assert list(sections) == ["protocol", "metrics", "sentences", "real_sentences", "passages"]
    assert f'<li dir="auto">{copied}</li>' in sections["sentences"]
    shown = re.findall(r'<li dir="auto">(.*)</li>', sections["real_sentences"])
    assert len(shown) == 20
    assert set(shown) <= set(training)
    first, source = re.findall(r'<li dir="auto">(.*)</li>', sections["passages"])[:2]
    run = " ".join(re.findall(r"\w+|[^\w\s]", training[5]))
    assert first == f'<span class="label">{len(run.split())} in a row:</span> surely <mark>{run}</mark>'
    assert source == f'<span class="label">training text:</span> <mark>{run}</mark>'


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_it_prints_a_column_for_each_temperature_and_unedited_sentences(folder, evaluated):
    assert evaluated.returncode == 0, evaluated.stderr
    rows = evaluated.stdout.splitlines()
    assert rows[:3] == [
        "words: 40 sentences by words",
        "  training text: 120 of text:train.txt (all), of which 40 make the real row",
        "  held out: 60 of text:test.txt (all)",
    ]
    header, *rows = rows[3:]
    assert re.split(r"\s{2,}", header) == ["metric", "better", "words t=1", "words t=0.5", "real text"]
    names = [row.split()[0] for row in rows[: rows.index("")]]
    told = {"class_agreement", "coherence", "context_overlap", "dull_replies", "hits_at_1"}
    assert names == [name for name in keras_gans.evaluation.TEXT_METRICS if name not in told]
    nll = re.split(r"\s{2,}", rows[len(names) - 1])
    assert nll[:2] == ["nll", "lower"]
    assert nll[4] == "-"
    model = keras_gans.load_pretrained(folder / "words")
    tokens = model.tokenizer.encode(lines_of(folder / "test.txt"), 10)[0]
    for number, temperature in ((2, 1.0), (3, 0.5)):
        assert float(nll[number]) == pytest.approx(model.mean_nll(tokens, temperature=temperature), rel=1e-3)
    first, second = (rows.index(f"words t={t}, unedited:") for t in ("1", "0.5"))
    assert [row.strip() for row in rows[first + 1 : first + 4]] == [line.strip() for line in model.write(40, seed=0)[:3]]
    assert [row.strip() for row in rows[second + 1 :]] == [
        line.strip() for line in model.write(40, seed=0, temperature=0.5)[:3]
    ]


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_results_stand_side_by_side_with_those_of_files(folder, evaluated, keras_gans_forked):
    assert evaluated.returncode == 0, evaluated.stderr
    results = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    assert [result["temperature"] for result in results] == [1.0, 0.5]
    assert results[0]["real"] == results[1]["real"]
    assert results[0]["protocol"] == results[1]["protocol"]
    (folder / "many.txt").write_text("\n".join(captions(40, 3)), encoding="utf-8")
    arguments = ("words.json", "many.txt", *SPLIT, "--chart=chart.svg", "--num=40")
    process = keras_gans_forked("compare", *arguments, cwd=folder)
    assert process.returncode == 0, process.stderr
    header, *rows = process.stdout.splitlines()[3:]
    assert re.split(r"\s{2,}", header)[2:] == ["words t=1", "words t=0.5", "many.txt", "real text"]
    cells = {row.split()[0]: re.split(r"\s{2,}", row)[2:] for row in rows}
    assert cells["nll"][2:] == ["-", "-"]
    # Real sentences of a file are more like the real row than those of a model that has learnt little.
    for name in ("reverse_lm_score", "lm_frechet"):
        ours, real = (float(cells[name][column].split()[0]) for column in (0, 3))
        assert abs(float(cells[name][2]) - real) < abs(ours - real), name
    assert "Language model score" in (folder / "chart.svg").read_text(encoding="utf-8")


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_models_of_different_tokens_are_measured_alike(folder, keras_gans_forked):
    arguments = ("--metrics=bleu_2,nll", "--num=20", "--seeds=1", "--json")
    process = keras_gans_forked("compare", "words", "characters", *SPLIT, *arguments, cwd=folder)
    assert process.returncode == 0, process.stderr
    words, characters = json.loads(process.stdout)
    assert words["protocol"] == characters["protocol"]
    assert words["protocol"]["measured_by"] == "words"
    (folder / "both.json").write_text(json.dumps([words, characters]), encoding="utf-8")
    process = keras_gans_forked("compare", "both.json", cwd=folder)
    assert process.stdout.splitlines()[-1].startswith("nll is measured on the tokens of each model, which differ here")
    process = keras_gans_forked(
        "evaluate", "characters", *SPLIT, "--metrics=nll", "--json", "--num=10", "--seeds=1", cwd=folder
    )
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout)["protocol"]["measured_by"] == "characters"


def test_what_training_holds_out_is_held_out(folder, keras_gans_forked):
    process = keras_gans_forked("evaluate", "written.txt", "--dataset=text:train.txt", QUICK, "--json", cwd=folder)
    assert process.returncode == 0, process.stderr
    protocol = json.loads(process.stdout)["protocol"]
    parts = [keras_gans.load_data(f"text:{folder / 'train.txt'}", split=split) for split in ("train", "held_out")]
    assert [protocol["training"], protocol["held_out"]] == [len(part) for part in parts]
    assert (protocol["split"], protocol["held_out_split"]) == ("train", "held_out")


def test_another_protocol_is_refused(folder, keras_gans_forked, assert_refused):
    for name, held_out in (("a", "test"), ("b", "written")):
        arguments = ("--dataset=text:train.txt", f"--held_out=text:{held_out}.txt", QUICK, f"--output={name}.json")
        process = keras_gans_forked("evaluate", "written.txt", *arguments, cwd=folder)
        assert process.returncode == 0, process.stderr
    process = keras_gans_forked("compare", "a.json", "b.json", cwd=folder)
    assert_refused(process, "have different protocols", "held_out_sha256", "text:test.txt", "text:written.txt")


def test_mistakes_are_one_line(folder, keras_gans_forked, assert_refused):
    (folder / "empty.txt").write_text("\n \n", encoding="utf-8")
    (folder / "few.txt").write_text("a cat\na dog\n", encoding="utf-8")
    np.save(folder / "images.npy", np.zeros((20, 28, 28, 1), "uint8"))
    for arguments, words in (
        (("evaluate", "words"), ["--dataset is missing", "words", "--dataset=text:PATH"]),
        (("evaluate", "written.txt"), ["--dataset is missing", "written.txt", "--dataset=text:PATH"]),
        (("evaluate", "written.txt", "--dataset=text:no.txt"), ["There is no file no.txt"]),
        (("evaluate", "written.txt", "--dataset=digits"), ["--dataset=digits is not text"]),
        (("evaluate", "written.txt", "--dataset=text:train.txt", "--held_out=test"), ["--held_out=test", "text:PATH"]),
        (("evaluate", "written.txt", "--dataset=text:train.txt", "--split=all"), ["--split=all", "--held_out=text:PATH"]),
        (("evaluate", "written.txt", "--dataset=text:train.txt", "--held_out=text:train.txt"), ["the same sentences"]),
        (("evaluate", "words", *SPLIT, "--temperature=0"), ["numbers above 0", "received '0'"]),
        (("evaluate", "words", *SPLIT, "--temperature=1.0,warm"), ["numbers above 0", "1.0,warm"]),
        (("evaluate", "written.txt", *SPLIT, "--metrics=fid"), ["no metric 'fid'", "bleu"]),
        (("evaluate", "written.txt", *SPLIT, "--extractor=pixels"), ["--extractor is about images"]),
        (("evaluate", "words", *SPLIT, "--report=report.html", "--temperature=1,0.8"), ["one temperature", "1,0.8"]),
        (
            ("evaluate", "written.txt", "--dataset=text:few.txt", "--held_out=text:test.txt"),
            ["at least 10 are needed"],
        ),
        (("evaluate", "written.txt", "--dataset=text:empty.txt"), ["empty.txt", "holds no sentences"]),
        (("evaluate", "written.txt", *SPLIT, "--num=5"), ["num must be", "at least 10"]),
        (("evaluate", "empty.txt", *SPLIT), ["empty.txt", "holds no sentences"]),
        (("evaluate", "few.txt", *SPLIT), ["few.txt holds 2 sentence(s)", "at least 10 are needed"]),
        (("evaluate", "no.txt", *SPLIT), ["There is no file no.txt"]),
        (
            ("evaluate", "written.txt", *SPLIT, "--temperature=0.5"),
            ["--temperature is for models", "written.txt"],
        ),
        (("evaluate", "written.txt", *SPLIT, "--metrics=nll"), ["nll needs a model"]),
        (("evaluate", "images.npy", "--dataset=digits", "--temperature=0.5"), ["--temperature is about text"]),
        (("evaluate", "dcgan_digits", "--measure_by=words"), ["--measure_by is about text", "dcgan_digits"]),
        (("compare", "written.txt", "images.npy", *SPLIT), ["written.txt is text", "images.npy is images"]),
    ):
        assert_refused(keras_gans_forked(*arguments, cwd=folder), *words)

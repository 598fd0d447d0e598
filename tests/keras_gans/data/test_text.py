import dataclasses
import json
from collections import Counter

import numpy as np
import pytest

from keras_gans.data import load_data, text
from keras_gans.data.text import TextOptions, read_sentences, read_windows
from keras_gans.data.text_files import Columns
from keras_gans.text import UNKNOWN, Tokenizer
from tests.support.slow import slow_but

CHINESE = [
    "小猫坐在窗台上看着外面的雨。",
    "他每天早上骑车去学校。",
    "我们一起在河边吃了午饭,然后回家。",
    "雨停了,孩子们跑到外面去玩。",
]


@pytest.fixture
def file(tmp_path):
    """Writes text or bytes to a file and returns it as a data source."""

    def write(content, name="lines.txt"):
        content = "\n".join(content) if isinstance(content, list) else content
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return f"text:{tmp_path / name}"

    return write


def random_sentences(count, seed=0):
    rng = np.random.default_rng(seed)
    words = [f"word{number}" for number in range(50)]
    return [" ".join(rng.choice(words, rng.integers(3, 9))) for _ in range(count)]


def text_of(data):
    return data.tokenizer.decode(data.samples)


# Sentences


def test_each_line_is_a_sentence(file):
    sentences = random_sentences(200)
    data = load_data(file(sentences), split="all")
    assert data.samples.dtype == np.int32
    assert data.shape == (max(len(sentence.split()) for sentence in sentences),)
    assert text_of(data) == sentences
    assert data.tokenizer.kind == "words"
    assert data.tokenizer.size == len(set(" ".join(sentences).split())) + 2
    assert data.labels is None
    assert data.notes == []
    assert len(data) == 200


@pytest.mark.parametrize("kind", ["characters", "subwords"])
def test_chinese_and_english_sentences(file, kind):
    for sentences in (CHINESE, random_sentences(20)):
        data = load_data(file(sentences), split="all", text=TextOptions(kind, length=80))
        assert text_of(data) == sentences


def test_chinese_sentences_are_as_long_as_they_have_characters(file):
    data = load_data(file(CHINESE), split="all", text=TextOptions("characters"))
    assert data.shape == (max(map(len, CHINESE)),)
    assert (data.samples != 0).sum(axis=1).tolist() == [len(sentence) for sentence in CHINESE]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_of_other_systems(file, mark, end):
    # U+2028 and form feeds end no line; empty lines are passed over.
    content = mark + end.join(["a cat", "", "a\u2028dog\x0cran", "  ", "▁", "a cat"]) + end
    assert text_of(load_data(file(content), split="all")) == ["a cat", "a dog ran", "a cat"]


def test_batches_of_sentences(file):
    sentences = random_sentences(64)
    data = load_data(file(sentences), split="all")
    batches = data.batches(16)
    rows = np.concatenate([batches[step][0] for step in range(4)])
    assert rows.dtype == np.int32
    assert Counter(data.tokenizer.decode(rows)) == Counter(sentences)


def test_longer_sentences_are_cut_and_counted(file):
    data = load_data(file(["a b c d", "a b c", "d c", "a b c d d"]), split="all", text=TextOptions(length=3))
    assert text_of(data) == ["a b c", "a b c", "d c", "a b c"]
    assert data.notes == ["2 of 4 sentences are longer than 3 tokens and were cut"]


def test_longer_sentences_are_dropped_with_their_labels(file):
    source = file(["x\ta b c d", "y\ta b c", "x\td c", "z\ta b c d d"])
    data = load_data(source, split="all", text=TextOptions(length=3, longer="drop", labelled=True))
    assert text_of(data) == ["a b c", "d c"]
    assert data.class_names == ["x", "y", "z"]
    assert data.labels.tolist() == [1, 0]
    assert data.notes == ["2 of 4 sentences are longer than 3 tokens and were left out"]


def test_length_is_at_most_64_unless_asked_for(file):
    source = file(["a b " * 50, "a b"])
    assert load_data(source, split="all").shape == (64,)
    assert load_data(source, split="all", text=TextOptions(length=100)).shape == (100,)


def test_vocabulary_limit_and_unknown_tokens_are_told(file):
    data = load_data(file(["a a a b b c", "a a b d"]), split="all", text=TextOptions(vocabulary_size=4))
    assert text_of(data) == ["a a a b b <unk>", "a a b <unk>"]
    assert data.notes == ["2 of 10 tokens are not in the vocabulary"]


def test_marks_at_the_end_of_words_are_mentioned(file):
    source = file(["yes, I know.", "no, I don't.", "well, who knows?"])
    [note] = load_data(source, split="all").notes
    assert note.startswith("6 of 8 words have a mark at their end, such as '")
    assert "--tokens=words_and_marks" in note
    data = load_data(source, split="all", text=TextOptions(kind="words_and_marks"))
    assert data.notes == []
    assert data.medium.tokenizer.decode(data.samples)[1] == "no, I don't."


def test_other_text_as_a_trained_model_sees_it(file):
    tokenizer = Tokenizer.train(["a cat sat on a mat"])
    data = load_data(file(["a dog sat", "a cat"]), split="all", text=TextOptions(tokenizer=tokenizer, length=6))
    assert data.tokenizer is tokenizer
    assert text_of(data) == ["a <unk> sat", "a cat"]
    np.testing.assert_array_equal(data.samples, tokenizer.encode(["a dog sat", "a cat"], 6)[0])


# Labels


def test_labels(file):
    source = file(["good\ta fine film", "bad\ta dull film", " good \tfine\tindeed", ""])
    data = load_data(source, split="all", text=TextOptions(labelled=True))
    assert data.class_names == ["bad", "good"]
    assert data.labels.tolist() == [1, 0, 1]
    assert data.labels.dtype == np.int32
    assert data.num_classes == 2
    assert text_of(data) == ["a fine film", "a dull film", "fine indeed"]
    _, labels = data.batches(3, labels=True)[0]
    assert sorted(labels.tolist()) == [0, 1, 1]


def test_tabs_are_white_space_where_no_labels_are_asked_for(file):
    assert text_of(load_data(file(["good\ta film", "a film"]), split="all")) == ["good a film", "a film"]


def test_both_splits_number_labels_alike(file):
    lines = [f"{'xyz'[number % 3]}\t{sentence}" for number, sentence in enumerate(random_sentences(300))]
    label_of = dict(line.split("\t")[::-1] for line in lines)
    for split in ("train", "held_out"):
        data = load_data(file(lines), split=split, text=TextOptions(labelled=True))
        assert data.class_names == ["x", "y", "z"]
        assert [data.class_names[label] for label in data.labels] == [label_of[sentence] for sentence in text_of(data)]


@pytest.mark.parametrize("line", ["no label", "\tempty", "  \tblank"])
def test_missing_label_names_the_line(file, line):
    with pytest.raises(ValueError, match=r"lines\.txt: line 3 has no label: it must be LABEL<TAB>SENTENCE"):
        load_data(file(["good\ta film", "", line]), text=TextOptions(labelled=True))


# Splits


def splits(source, **options):
    train = load_data(source, text=TextOptions(**options))
    held_out = load_data(source, split="held_out", text=TextOptions(**options))
    return train, held_out


def test_a_twentieth_is_held_out(file):
    sentences = random_sentences(4_000)
    train, held_out = splits(file(sentences), tokenizer=Tokenizer.train(sentences))
    assert Counter(text_of(train)) + Counter(text_of(held_out)) == Counter(sentences)
    assert not set(text_of(train)) & set(text_of(held_out))
    # A binomial count, within five standard deviations.
    assert abs(len(held_out) - 200) < 5 * np.sqrt(4_000 * 0.05 * 0.95)
    assert train.split == "train"
    assert held_out.split == "held_out"


def test_equal_sentences_are_on_one_side(file):
    sentences = random_sentences(100) * 3
    sentences += [sentence.replace(" ", "   ") for sentence in sentences[:100]]
    tokenizer = Tokenizer.train(sentences)
    train, held_out = splits(file(sentences), tokenizer=tokenizer)
    assert not set(text_of(train)) & set(text_of(held_out))
    assert len(train) + len(held_out) == 400


def test_new_lines_leave_the_others_where_they_are(file):
    sentences, more = random_sentences(1_000), random_sentences(500, seed=1)
    tokenizer = Tokenizer.train(sentences)
    before = set(text_of(splits(file(sentences), tokenizer=tokenizer)[1]))
    after = set(text_of(splits(file(more[::-1] + sentences[::-1]), tokenizer=tokenizer)[1]))
    assert after & set(sentences) == before | after & set(more) & set(sentences)
    assert before <= after


def test_at_least_one_sentence_is_held_out(file):
    train, held_out = splits(file(["a b", "b a"]))
    assert len(train) == len(held_out) == 1


# A hundred thousand sentences (last run: 0.1.0, 2026-11-30).
@pytest.mark.parametrize(("most", "count"), slow_but([(50, 1_200), (5_000, 102_000)], (50, 1_200)))
def test_at_most_5000_sentences_are_held_out(file, monkeypatch, most, count):
    if most != 5_000:
        monkeypatch.setattr(text, "_MOST_HELD_OUT", most)
    sentences = [f"{a} {b}" for a in range(count // 300) for b in range(300)]
    train, held_out = splits(file(sentences), tokenizer=Tokenizer.train(sentences[:300]))
    assert (len(train), len(held_out)) == (count - most, most)


def test_vocabulary_and_length_are_those_of_what_is_trained_on(file):
    sentences = [f"{sentence} only{number}" for number, sentence in enumerate(random_sentences(200))]
    train, held_out = splits(file(sentences))
    assert train.tokenizer == held_out.tokenizer
    assert train.shape == held_out.shape
    assert not (train.samples == UNKNOWN).any()
    # The last word of each is in it alone, and so is unknown to those who learn from the others.
    assert all(text.endswith("<unk>") for text in text_of(held_out))
    assert held_out.notes[-1].startswith(f"{len(held_out)} of ")


@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("split", ["train", "held_out", "all"])
def test_sentences_are_read_as_they_are_in_the_same_splits(file, split, labelled):
    lines = random_sentences(200)
    content = [f"{'yx'[number % 2]}\t{line}" for number, line in enumerate(lines)] if labelled else lines
    source = file(["", *content, " "])
    read = read_sentences(source.removeprefix("text:"), split, Columns(labelled))
    data = load_data(source, split=split, text=TextOptions(labelled=labelled, tokenizer=Tokenizer.train(lines)))
    assert (read.name, read.split, read.lines) == ("text:lines.txt", split, text_of(data))
    if labelled:
        np.testing.assert_array_equal(read.labels, data.labels)
        assert read.class_names == list(data.class_names)


def test_only_splits_of_text(file):
    with pytest.raises(ValueError, match=r"no split of text:.* 'test'.*train, held_out, all"):
        load_data(file(["a b", "c d"]), split="test")


def test_single_sentence_has_no_part_to_hold_out(file):
    source = file(["a b c"] * 3)
    for split in ("train", "held_out"):
        with pytest.raises(ValueError, match=r"single sentence.*use the split 'all'"):
            load_data(source, split=split)
    assert len(load_data(source, split="all")) == 3


# Running text


@pytest.mark.parametrize("kind", ["words", "characters", "subwords"])
def test_windows_follow_one_another(file, kind):
    lines = random_sentences(100)
    data = load_data(file(lines), split="all", text=TextOptions(kind, length=11, windows=True))
    assert data.shape == (11,)
    assert not (data.samples == 0).any()
    # All windows in a row, on a line, are the beginning of the text: no more than a window is lost at its end.
    (whole,) = data.tokenizer.encode_whole([" ".join(lines)])
    assert len(whole) - data.samples.size < 11
    (text,) = data.tokenizer.decode(data.samples.reshape(1, -1))
    assert " ".join(lines).startswith(text)


def test_windows_of_words(file):
    data = load_data(file("a b c\n\nd e\r\nf g h"), split="all", text=TextOptions(length=3, windows=True))
    assert text_of(data) == ["a b c", "d e f"]


def test_windows_of_chinese(file):
    data = load_data(file("".join(CHINESE)), split="all", text=TextOptions("characters", length=10, windows=True))
    text = "".join(CHINESE)
    assert text_of(data) == [text[first : first + 10] for first in range(0, len(text) - 9, 10)]


@pytest.mark.parametrize("kind", ["words", "characters", "subwords"])
def test_end_of_running_text_is_held_out(file, kind):
    text = " ".join(random_sentences(1_000))
    train, held_out = splits(file(text), kind=kind, length=2, windows=True)
    (first,), (last,) = (data.tokenizer.decode(data.samples.reshape(1, -1)) for data in (train, held_out))
    assert train.tokenizer == held_out.tokenizer
    assert text.startswith(first)
    assert last in text[len(first) :]
    assert 0.95 < len(first) / (0.95 * len(text)) <= 1.0
    assert 0.95 < len(last) / (0.05 * len(text)) < 1.05


def test_running_text_is_held_out_from_a_space_on(file):
    words = [f"word{number:03}" for number in range(200)]
    train, held_out = splits(file(" ".join(words)), length=2, windows=True, tokenizer=Tokenizer.train(words))
    assert not (train.samples == UNKNOWN).any()
    assert not (held_out.samples == UNKNOWN).any()
    assert train.samples.size + held_out.samples.size >= 200 - 2  # one that fills no window may be lost from each


def test_running_text_that_is_held_out_is_not_learnt_from(file):
    source = file(" ".join(["seen words"] * 500 + ["later"] * 10))
    train, held_out = splits(source, length=2, windows=True)
    assert train.tokenizer == held_out.tokenizer
    assert train.tokenizer.unknown("seen words later") == ["later"]
    assert np.count_nonzero(held_out.samples == UNKNOWN) == 10
    assert load_data(source, split="all", text=TextOptions(windows=True)).tokenizer.unknown("later") == []


def test_windows_longer_than_the_text(file):
    source = file("a b c d e f g h")
    with pytest.raises(
        ValueError, match=r"lines\.txt: the split 'all' holds no more than 8 tokens in a row, fewer than one window of 9"
    ):
        load_data(source, split="all", text=TextOptions(length=9, windows=True))
    with pytest.raises(ValueError, match="fewer than one window of 64"):
        load_data(source, text=TextOptions(windows=True))


# JSON lines


def json_lines(objects):
    return [json.dumps(each) for each in objects]


def test_json_lines(file):
    objects = [
        {"label": "good", "text": "a fine\nfilm", "stars": 5},
        {"text": "déjà vu", "label": "bad"},
        {"text": " ", "label": 1},
    ]
    source = file([*json_lines(objects), ""], "lines.jsonl")
    data = load_data(source, split="all", text=TextOptions(labelled=True))
    assert text_of(data) == ["a fine film", "déjà vu"]
    assert [data.class_names[label] for label in data.labels] == ["good", "bad"]
    assert text_of(load_data(source, split="all")) == ["a fine film", "déjà vu"]
    by_name = file(json_lines([{"de": "ja gern", "kind": 0}, {"de": "nein danke", "kind": 1}]), "other.jsonl")
    data = load_data(by_name, split="all", text=TextOptions(labelled=True, text_field="de", label_field="kind"))
    assert (text_of(data), data.class_names) == (["ja gern", "nein danke"], ["0", "1"])


def test_several_fields_make_one_label(file):
    reviews = [("films", 1, "fine"), ("books", 0, "dull"), ("films", 0, "long"), ("films", 1, "good")]
    source = file(json_lines([dict(zip(("topic", "liked", "text"), review, strict=True)) for review in reviews]), "r.jsonl")
    data = load_data(source, split="all", text=TextOptions(labelled=True, label_field="topic,liked"))
    assert data.class_names == ["books, 0", "films, 0", "films, 1"]
    assert [data.class_names[label] for label in data.labels] == ["films, 1", "books, 0", "films, 0", "films, 1"]
    with pytest.raises(ValueError, match="line 1 has no field 'mood', only liked, text, topic"):
        load_data(source, split="all", text=TextOptions(labelled=True, label_field="topic, mood"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "cut off', r"line 3 is not JSON \(Unterminated string .*, column 10\); it begins with '\{\"text\": "),
        ("[1, 2]", "line 3 is not a JSON object"),
        ('{"txt": "a", "label": "b"}', "line 3 has no field 'text', only label, txt"),
        ('{"text": 5, "label": "b"}', "line 3: the field 'text' must hold text; it holds 5"),
        ('{"text": "a", "label": null}', "line 3: the field 'label' must hold text or an integer; it holds null"),
        ("[" * 100_000, "line 3 is not JSON"),
        ('{"text": "a", "label": " "}', "line 3: the field 'label' must hold text or an integer"),
        (r'{"text": "a \ud800 b", "label": "b"}', "line 3: the field 'text' contains a character that is not text"),
        (r'{"text": "a", "label": "b\u0000"}', "line 3: the field 'label' contains a character that is not text"),
    ],
)
def test_a_broken_line_of_json_is_named(file, line, message):
    source = file(['{"text": "a b", "label": "x"}', "", line], "lines.jsonl")
    with pytest.raises(ValueError, match=rf"lines\.jsonl: {message}") as error:
        load_data(source, text=TextOptions(labelled=True))
    assert "\n" not in str(error.value)


# Several documents


@pytest.fixture
def documents(tmp_path):
    """A folder of 100 documents of 25 words, each with words of its own; files of other kinds; and a hidden one."""
    folder = tmp_path / "stories"
    for number in range(100):
        (folder / f"{number % 4}").mkdir(parents=True, exist_ok=True)
        words = [f"of{number}_{place}" for place in range(25)]
        (folder / f"{number % 4}" / f"{number:03}.txt").write_text("\n".join(words), encoding="utf-8")
    (folder / "notes.md").write_text("not this")
    (folder / ".hidden.txt").write_text("nor this")
    return folder


def test_windows_of_documents_follow_one_another_within_them(documents):
    options = TextOptions(windows=True, length=10)
    data = load_data(f"text:{documents}", split="all", text=options)
    assert len(data) == 200
    windows = [window.split() for window in text_of(data)]
    for first, second in zip(windows[::2], windows[1::2], strict=True):
        document = first[0].split("_")[0]
        assert first + second == [f"{document}_{place}" for place in range(20)]
    assert len({window[0] for window in windows}) == 200
    train, held_out = splits(f"text:{documents}", windows=True, length=10)
    # Documents are held out as wholes, and nothing is learnt from them.
    learnt = {word.split("_")[0] for window in text_of(train) for word in window.split()}
    assert (len(train), len(held_out)) == (2 * len(learnt), 200 - 2 * len(learnt))
    assert 88 <= len(learnt) <= 99
    assert (held_out.samples == UNKNOWN).all()


def test_short_documents_are_told_of(tmp_path):
    for number, words in enumerate((3, 20, 7)):
        (tmp_path / f"{number}.txt").write_text(" ".join(f"word{place}" for place in range(words)))
    data = load_data(f"text:{tmp_path}", split="all", text=TextOptions(windows=True, length=5))
    assert len(data) == 5
    assert data.notes == ["1 of 3 documents are shorter than 5 tokens and were left out"]
    with pytest.raises(ValueError, match="no more than 20 tokens in a row, fewer than one window of 21"):
        load_data(f"text:{tmp_path}", split="all", text=TextOptions(windows=True, length=21))


def test_sentences_of_all_files_of_a_folder(tmp_path):
    (tmp_path / "b.txt").write_text("one two\nthree four\n")
    (tmp_path / "a.txt").write_text("\ufefffive six\r\nseven\n", encoding="utf-8")
    (tmp_path / "c.txt").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"c\.txt is not UTF-8 text"):
        load_data(f"text:{tmp_path}", split="all")
    (tmp_path / "c.txt").write_text("")
    assert text_of(load_data(f"text:{tmp_path}", split="all")) == ["five six", "seven", "one two", "three four"]
    assert read_sentences(tmp_path).lines == ["five six", "seven", "one two", "three four"]


def test_documents_of_json_lines(file):
    source = file(json_lines([{"text": "a b c d e"}, {"text": "f g h i"}]), "stories.jsonl")
    data = load_data(source, split="all", text=TextOptions(windows=True, length=2))
    assert text_of(data) == ["a b", "c d", "f g", "h i"]


# Contexts


def turns_of(data):
    """The turns before each sample, as text."""
    return data.tokenizer.decode_contexts(data.conditions["context"])


def test_contexts_stand_before_sentences(file):
    lines = ["how are you\tfine", "how are you\tfine\tgood to hear", "\tnobody said a thing", "", " so  it\t\tis "]
    data = load_data(file(lines), split="all", text=TextOptions(contexts=True))
    assert text_of(data) == ["fine", "good to hear", "nobody said a thing", "is"]
    assert turns_of(data) == [["how are you"], ["how are you", "fine"], [], ["so it"]]
    # Three words, an end and a word; filled on the left.
    assert data.medium.context_length == data.conditions["context"].shape[1] == 5
    assert (data.conditions["context"][0, :2] == 0).all()
    shorter = load_data(file(lines), split="all", text=TextOptions(contexts=True, context_length=2))
    assert turns_of(shorter) == [["are you"], ["fine"], [], ["so it"]]
    assert shorter.notes == ["2 of 4 contexts are longer than 2 tokens and lost their beginning"]
    both = load_data(
        file(["x\thow are you\tfine", "y\tso it\tis"]), split="all", text=TextOptions(contexts=True, labelled=True)
    )
    assert (turns_of(both), text_of(both), both.labels.tolist()) == ([["how are you"], ["so it"]], ["fine", "is"], [0, 1])
    read = read_sentences(file(lines).removeprefix("text:"), columns=Columns(contexts=True))
    assert (read.lines, read.contexts) == (text_of(data), turns_of(data))


def test_contexts_of_json_lines(file):
    source = file(
        json_lines([{"text": "fine", "context": "how are you"}, {"text": "yes", "context": ["a", "", "b c"]}]), "a.jsonl"
    )
    data = load_data(source, split="all", text=TextOptions(contexts=True))
    assert turns_of(data) == [["how are you"], ["a", "b c"]]
    other = file(json_lines([{"reply": "fine", "before": "how"}, {"reply": "so it is", "before": []}]), "b.jsonl")
    options = TextOptions(contexts=True, text_field="reply", context_field="before")
    assert turns_of(load_data(other, split="all", text=options)) == [["how"], []]
    for field, message in (
        ({}, "line 1 has no field 'context', only text"),
        ({"context": 3}, "the field 'context' must hold text or a list of texts; it holds 3"),
        ({"context": ["a", 3]}, r'must hold text or a list of texts; it holds \["a", 3\]'),
        ({"context": ["a\0"]}, "contains a character that is not text"),
    ):
        with pytest.raises(ValueError, match=message):
            load_data(file(json_lines([{"text": "fine", **field}]), "c.jsonl"), text=TextOptions(contexts=True))


def test_the_same_answer_may_be_held_out_after_one_context_alone(file):
    lines = [f"question {number}\t{'yes' if number % 2 else f'answer {number}'}" for number in range(400)]
    train, held_out = splits(file(lines), contexts=True)
    assert len(train) + len(held_out) == 400
    assert "yes" in text_of(train)
    assert "yes" in text_of(held_out)
    # No question of the held-out part was seen.
    assert turns_of(held_out) == [["question <unk>"]] * len(held_out)
    assert held_out.tokenizer == train.tokenizer


def test_the_context_of_a_window_is_what_stands_before_it(tmp_path):
    for name, words in (("a", "one two three four five six"), ("b", "seven eight nine ten")):
        (tmp_path / f"{name}.txt").write_text(words)
    options = TextOptions(windows=True, contexts=True, length=2, context_length=3)
    data = load_data(f"text:{tmp_path}", split="all", text=options)
    assert text_of(data) == ["one two", "three four", "five six", "seven eight", "nine ten"]
    assert turns_of(data) == [[], ["one two"], ["two three four"], [], ["seven eight"]]
    read = read_windows(tmp_path, "all", dataclasses.replace(options, tokenizer=data.tokenizer))
    assert (read.lines, read.contexts) == (text_of(data), turns_of(data))
    np.testing.assert_array_equal(read.encoded[1], data.samples)


def test_lines_without_contexts(file):
    for lines, options, message in (
        (["a\tb", "alone"], {}, "line 2 has no context: it must be CONTEXT<TAB>SENTENCE, and begins with 'alone'"),
        (["x\ta\tb", "x\tb"], {"labelled": True}, "line 2 has no context: it must be LABEL<TAB>CONTEXT<TAB>SENTENCE"),
        (["x\ta\tb", "\ta\tb"], {"labelled": True}, "line 2 has no label: it must be LABEL<TAB>CONTEXT<TAB>SENTENCE"),
    ):
        with pytest.raises(ValueError, match=message):
            load_data(file(lines), split="all", text=TextOptions(contexts=True, **options))
    with pytest.raises(ValueError, match="context_length is for lines with contexts"):
        TextOptions(context_length=4)
    with pytest.raises(ValueError, match="context_length must be an integer of at least 2"):
        TextOptions(contexts=True, context_length=1)


# Bad input


def test_missing_file(tmp_path):
    (tmp_path / "pictures").mkdir()
    for path, words in ((tmp_path / "nothing.txt", "There is no file"), (tmp_path / "pictures", r"no text file \(\.txt\)")):
        with pytest.raises(FileNotFoundError, match=words):
            load_data(f"text:{path}")


@pytest.mark.parametrize("content", ["", "\n\n", " \t\r\n▁\n", "\ufeff"])
def test_empty_file(file, content):
    with pytest.raises(ValueError, match=r"lines\.txt: the file holds no sentences"):
        load_data(file(content))
    with pytest.raises(ValueError, match=r"lines\.txt: the file holds no text"):
        load_data(file(content), text=TextOptions(windows=True))


def test_wrong_encoding_says_the_byte_and_the_line(file):
    good = "a cat\nö dog\nb caf".encode()
    with pytest.raises(ValueError, match=rf"lines\.txt is not UTF-8 text: byte {len(good)}, in line 3: invalid") as error:
        load_data(file(good + "é\n".encode("latin-1")))
    assert "\n" not in str(error.value)


def test_text_in_utf_16_is_no_utf_8(file):
    with pytest.raises(ValueError, match="not UTF-8 text: byte 1, in line 1: a zero byte, which text does not contain"):
        load_data(file("a cat\na dog".encode("utf-16-le")))
    with pytest.raises(ValueError, match="not UTF-8 text: byte 0, in line 1"):
        load_data(file("a cat\na dog".encode("utf-16")))


def test_zeros_are_found_by_byte_not_by_character(file):
    before = "小猫\nö dog"
    with pytest.raises(ValueError, match=rf"byte {len(before.encode())}, in line 2: a zero byte"):
        load_data(file(f"{before}\0 ran\n"))


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("word\nword word\n", {}, "only the word 'word'"),
        ("one two\nthree", {"kind": "subwords", "vocabulary_size": 6}, "need a vocabulary_size of at least"),
        ("one two\nthree", {"vocabulary_size": 1}, "vocabulary_size must be an integer of at least 4"),
        ("one two\nthree", {"kind": "letters"}, "no kind of tokens 'letters'"),
        ("one two three\nfour five six", {"length": 2, "longer": "drop"}, "all sentences .* are longer than 2 tokens"),
    ],
)
def test_unusable_text_says_why(file, content, options, message):
    with pytest.raises(ValueError, match=rf"lines\.txt: .*{message}") as error:
        load_data(file(content), split="all", text=TextOptions(**options))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 1}, "length must be an integer of at least 2; received 1"),
        ({"length": 0}, "length must be"),
        ({"length": 8.0}, "length must be"),
        ({"longer": "keep"}, "longer must be 'cut' or 'drop'; received 'keep'"),
        ({"windows": True, "labelled": True}, "not both"),
        ({"tokenizer": "words"}, r"must be a keras_gans\.text\.Tokenizer"),
        ({"tokenizer": Tokenizer.train(["a b"]), "kind": "characters"}, "not both"),
        ({"tokenizer": Tokenizer.train(["a b"]), "vocabulary_size": 10}, "not both"),
    ],
)
def test_impossible_text_options(options, message):
    with pytest.raises(ValueError, match=message):
        TextOptions(**options)


def test_text_is_no_picture_and_pictures_are_no_text(file):
    source = file(["a b", "c d"])
    with pytest.raises(ValueError, match="holds text, which has no image size"):
        load_data(source, image_shape=(8, 8))
    with pytest.raises(ValueError, match="which cannot be flipped: only images can"):
        load_data(source, flip=True)
    with pytest.raises(ValueError, match=r"digits takes no option 'text': only text:PATH takes it"):
        load_data("digits", text=TextOptions())
    with pytest.raises(ValueError, match="names nothing after the colon"):
        load_data("text:")


# Tokens in a NumPy archive


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_npz_integers_in_rows_are_tokens(tmp_path, dtype):
    tokens = np.random.default_rng(0).integers(0, 5_000, (7, 20)).astype(dtype)
    np.savez(tmp_path / "tokens.npz", x=tokens, y=np.arange(7))
    data = load_data(f"npz:{tmp_path / 'tokens.npz'}")
    np.testing.assert_array_equal(data.samples, tokens)
    assert data.samples.dtype == np.int32
    assert data.shape == (20,)
    assert data.labels.tolist() == list(range(7))
    assert data.tokenizer is None


@pytest.mark.parametrize("tokens", [np.array([[0, -1]]), np.array([[2**31, 0]]), np.zeros((3, 0), "int64")])
def test_npz_integers_that_are_no_tokens(tmp_path, tokens):
    np.savez(tmp_path / "tokens.npz", x=tokens)
    with pytest.raises(
        ValueError,
        match=r"tokens\.npz holds integers of shape .*(Tokens must be integers from 0 to 2147483647|There are no tokens)",
    ):
        load_data(f"npz:{tmp_path / 'tokens.npz'}")

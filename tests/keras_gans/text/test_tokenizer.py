import copy
import pickle
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import sentencepiece

from keras_gans.text import END, UNKNOWN, Tokenizer

KINDS = ("words", "words_and_marks", "characters", "subwords")
ENGLISH = [
    "a man rides a horse on the beach .",
    "a woman and a man sit on a bench .",
    "the horse stands near the beach .",
    "two dogs run on the wet sand .",
    "a dog runs after the other dog .",
]
CHINESE = [
    "小猫坐在窗台上看着外面的雨。",
    "他每天早上骑车去学校。",
    "我们一起在河边吃了午饭,然后回家。",
    "雨停了,孩子们跑到外面去玩。",
]


@pytest.fixture(scope="module", params=KINDS)
def tokenizer(request):
    return Tokenizer.train(ENGLISH, request.param, 60 if request.param == "subwords" else None)


def reference(tokenizer):
    return sentencepiece.SentencePieceProcessor(model_proto=tokenizer.model)


def by_vocabulary(tokenizer, ids):
    """Text from the vocabulary alone, as a graph does it that knows nothing of ends: all pieces joined."""
    return ["".join(tokenizer.vocabulary[token] for token in row).replace("▁", " ").strip() for row in ids]


# Round trips


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lines", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_text_comes_back(kind, lines):
    tokenizer = Tokenizer.train(lines, kind)
    ids, longer = tokenizer.encode(lines, 80)
    assert ids.dtype == np.int32
    assert ids.shape == (len(lines), 80)
    assert not longer.any()
    assert tokenizer.decode(ids) == lines
    assert by_vocabulary(tokenizer, ids) == lines
    assert not (ids == UNKNOWN).any()


def test_random_text_of_known_words_comes_back(tokenizer):
    rng = np.random.default_rng(0)
    words = sorted(set(" ".join(ENGLISH).split()))
    lines = [" ".join(rng.choice(words, rng.integers(0, 12))) for _ in range(300)]
    ids, longer = tokenizer.encode(lines, 100)
    assert not longer.any()
    assert tokenizer.decode(ids) == lines
    assert by_vocabulary(tokenizer, ids) == lines
    assert [[token for token in row if token] for row in ids.tolist()] == reference(tokenizer).encode(lines)


def test_random_tokens_decode_as_sentencepiece_decodes_them(tokenizer):
    rng = np.random.default_rng(1)
    ids = rng.integers(1, tokenizer.size, (300, 9))
    assert tokenizer.decode(ids) == [line.strip() for line in reference(tokenizer).decode(ids.tolist())]


@pytest.mark.parametrize("kind", KINDS)
def test_random_unicode_comes_back(kind):
    rng = np.random.default_rng(2)
    # From all scripts, private and unassigned code points too, but for surrogates and what SentencePiece reserves.
    codes = np.setdiff1d(rng.integers(1, 0x110000, 2_000), [*range(0xD800, 0xE000), 0x2581, 0x2585])
    lines = [" ".join("".join(map(chr, codes[first : first + 40])).split()) for first in range(0, len(codes), 40)]
    tokenizer = Tokenizer.train(lines, kind, 10_000)
    ids, longer = tokenizer.encode(lines, 100)
    assert not longer.any()
    assert tokenizer.decode(ids) == lines


def test_what_is_behind_the_end_does_not_count(tokenizer):
    ids = np.array([[2, END, 3, 4], [END, 2, 2, 2], [2, 3, 4, 5]])
    pieces = tokenizer.vocabulary
    assert tokenizer.tokens(ids) == [[pieces[2]], [], [pieces[2], pieces[3], pieces[4], pieces[5]]]
    assert tokenizer.decode(ids)[1] == ""
    assert tokenizer.decode(ids[:1]) == tokenizer.decode([[2]])


# The vocabulary


def test_words_are_ordered_by_how_often_they_occur():
    counts = Counter(" ".join(ENGLISH).split())
    vocabulary = Tokenizer.train(ENGLISH).vocabulary
    assert vocabulary[:2] == ["", "▁<unk>"]
    assert sorted(vocabulary[2:]) == sorted(f"▁{word}" for word in counts)
    frequencies = [counts[piece[1:]] for piece in vocabulary[2:]]
    assert frequencies == sorted(frequencies, reverse=True)


def test_characters_are_those_of_the_text_with_the_space():
    tokenizer = Tokenizer.train(ENGLISH, "characters")
    assert set(tokenizer.vocabulary[2:]) == set("".join(ENGLISH).replace(" ", "▁"))
    assert tokenizer.size == len(tokenizer.vocabulary) == len(set("".join(ENGLISH))) + 2


def test_chinese_sentence_is_as_many_tokens_as_characters():
    ids, _ = Tokenizer.train(CHINESE, "characters").encode(CHINESE, 30)
    assert (ids != END).sum(axis=1).tolist() == [len(line) for line in CHINESE]


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("No, I don't (yet).", ["▁No", ",", "▁I", "▁don't", "▁(", "yet", ")", "."]),
        (
            "\u201cWait\u2014it\u2019s 3.5, not 1,000!\u201d",
            ["▁“", "Wait", "—", "it\u2019s", "▁3.5", ",", "▁not", "▁1,000", "!", "”"],
        ),
        ("a well-known 'fact' , e.g. -5", ["▁a", "▁well-known", "▁'", "fact", "'", "▁,", "▁e", ".", "g", ".", "▁-", "5"]),
        ("rock 'n' roll... --- x-1-y", ["▁rock", "▁'", "n", "'", "▁roll", ".", ".", ".", "▁-", "-", "-", "▁x-1-y"]),
        ("cafe\u0301, na\u00efve; \u4f60\u597d\u3002", ["▁cafe\u0301", ",", "▁na\u00efve", ";", "▁\u4f60\u597d", "\u3002"]),
        ("", []),
    ],
)
def test_words_and_marks_stand_apart_and_come_back(line, tokens):
    tokenizer = Tokenizer.train([line, "two words"], "words_and_marks")
    ids, _ = tokenizer.encode([line], 20)
    assert tokenizer.tokens(ids) == [tokens]
    assert tokenizer.decode(ids) == by_vocabulary(tokenizer, ids) == [line]


def test_a_mark_that_follows_a_space_is_another_token():
    tokenizer = Tokenizer.train(["yes , no, maybe,"], "words_and_marks")
    assert tokenizer.vocabulary[2] == ","  # the more frequent of the two
    assert "▁," in tokenizer.vocabulary
    assert tokenizer.unknown("no! yes") == ["!"]


def test_frequent_words_become_one_subword_and_rare_ones_several():
    tokenizer = Tokenizer.train(["banana"] * 50 + ["cab", "nab"], "subwords", 14)
    pieces = tokenizer.tokens(tokenizer.encode(["banana", "cab"], 10)[0])
    assert pieces[0] == ["▁banana"]
    assert len(pieces[1]) > 1


@pytest.mark.parametrize("kind", ["words", "characters"])
def test_vocabulary_size_keeps_the_most_frequent(kind):
    units = " ".join(ENGLISH).split() if kind == "words" else "".join(ENGLISH)
    counts = Counter(units)
    tokenizer = Tokenizer.train(ENGLISH, kind, 8)
    assert tokenizer.size == 8
    kept = [piece.removeprefix("▁") or " " for piece in tokenizer.vocabulary[2:]]
    assert min(counts[unit] for unit in kept) >= max(count for unit, count in counts.items() if unit not in kept)


@pytest.mark.parametrize("kind", KINDS)
def test_vocabulary_is_no_larger_than_the_text_gives(kind):
    tokenizer = Tokenizer.train(ENGLISH, kind, 5_000)
    assert tokenizer.size < 500


@pytest.mark.parametrize("kind", KINDS)
def test_same_text_gives_the_same_tokenizer(kind):
    first, again = Tokenizer.train(ENGLISH, kind), Tokenizer.train(iter(ENGLISH), kind)
    assert first == again
    assert hash(first) == hash(again)
    assert first != Tokenizer.train(ENGLISH[:2], kind)
    assert first != first.vocabulary


def test_kinds_differ():
    assert len({Tokenizer.train(ENGLISH, kind) for kind in KINDS}) == len(KINDS)


def test_subwords_have_room_for_rare_characters_by_default():
    characters = [chr(code) for code in range(0x4E00, 0x4E00 + 9_000)]
    lines = ["".join(characters[first : first + 50]) for first in range(0, len(characters), 50)]
    tokenizer = Tokenizer.train(lines, "subwords")
    assert tokenizer.decode(tokenizer.encode(lines, 60)[0]) == lines


# Length


def test_shorter_lines_are_filled_with_zeros_and_longer_ones_are_cut():
    tokenizer = Tokenizer.train(ENGLISH)
    ids, longer = tokenizer.encode(["a man", "a man rides", "a man rides a horse", ""], 3)
    assert longer.tolist() == [False, False, True, False]
    assert tokenizer.decode(ids) == ["a man", "a man rides", "a man rides", ""]
    assert (ids == END).sum(axis=1).tolist() == [1, 0, 0, 3]


def test_contexts_keep_their_end_and_are_filled_on_the_left():
    tokenizer = Tokenizer.train(["a b c d e", "b c d e", "c d e", "d e", "e"])
    e, d, c, b, a = (tokenizer.encode_whole([word])[0][0] for word in "edcba")
    ids, longer = tokenizer.encode_contexts(["a b", ["a", "b c"], ["a b c d e"], [], ["", "e", ""]], 4)
    np.testing.assert_array_equal(ids, [[0, 0, a, b], [a, 0, b, c], [b, c, d, e], [0, 0, 0, 0], [0, 0, 0, e]])
    assert longer.tolist() == [False, False, True, False, False]
    assert tokenizer.decode_contexts(ids) == [["a b"], ["a", "b c"], ["b c d e"], [], ["e"]]
    with pytest.raises(ValueError, match="lines must be strings; received 3"):
        tokenizer.encode_contexts([["a", 3]], 4)


def test_what_people_write_is_adapted_to_the_vocabulary():
    small = Tokenizer.train(["where is it ? i don't know , it was 3.5 .", "it is here !"])
    assert small.adapt("Where IS it?I know!") == "where is it ? i know ! "
    # A mark within a token is none to be set apart; others were never seen.
    assert small.marks == "!,?"
    assert small.adapt("I don't know; 3.5.") == "i don't know; 3.5."
    assert small.unknown(small.adapt("Where is HE?")) == ["he"]
    assert Tokenizer.train(["Where is it?", "It is here."]).adapt("where? Here.") == "where? Here."
    letters = Tokenizer.train(["where?", "here!"], "characters")
    assert letters.adapt("Where?") == "where?"


@pytest.mark.parametrize("kind", KINDS)
def test_adapting_does_not_change_the_training_text(kind):
    for lines in (ENGLISH, CHINESE):
        tokenizer = Tokenizer.train(lines, kind)
        assert tokenizer.encode_whole(map(tokenizer.adapt, lines)) == tokenizer.encode_whole(lines)


def test_no_lines_are_no_rows(tokenizer):
    ids, longer = tokenizer.encode([], 5)
    assert ids.shape == (0, 5)
    assert longer.shape == (0,)
    assert tokenizer.decode(ids) == []


def test_long_lines_are_learnt_from_too():
    # SentencePiece passes over lines of more than 4,192 bytes unless told otherwise.
    for kind in KINDS:
        tokenizer = Tokenizer.train(["a cat", "mouse " * 2_000 + "dog"], kind)
        assert tokenizer.unknown("mouse dog") == []


# What is not in the vocabulary


def test_each_unknown_word_is_a_token_of_its_own():
    tokenizer = Tokenizer.train(ENGLISH)
    ids, _ = tokenizer.encode(["a zebra zigzags near a bench"], 8)
    assert (ids[0] == UNKNOWN).tolist() == [False, True, True, False, False, False, False, False]
    assert tokenizer.decode(ids) == ["a <unk> <unk> near a bench"]
    assert tokenizer.unknown("a zebra zigzags near a zebra") == ["zebra", "zigzags"]
    assert tokenizer.unknown("a man") == tokenizer.unknown("") == []


def test_each_unknown_character_is_a_token_of_its_own():
    tokenizer = Tokenizer.train(CHINESE, "characters")
    ids, _ = tokenizer.encode(["小狗狗看雨"], 6)
    assert ids[0, 1] == ids[0, 2] == UNKNOWN
    assert tokenizer.decode(ids) == ["小<unk><unk>看雨"]
    assert tokenizer.unknown("小狗 狗看雨x") == ["狗", "x"]


def test_unknown_characters_among_subwords():
    tokenizer = Tokenizer.train(ENGLISH, "subwords")
    ids, _ = tokenizer.encode(["a man, ÖÖ horse"], 20)
    assert tokenizer.unknown("a man, ÖÖ horse") == [",", "Ö"]
    assert tokenizer.decode(ids) == ["a man<unk> <unk> horse"]


def test_literal_unknown_token_is_the_unknown_token():
    tokenizer = Tokenizer.train(["the <unk> sat", "the </s> cat"] * 3)
    assert sorted(tokenizer.vocabulary) == sorted(["", "▁<unk>", "▁the", "▁sat", "▁cat", "▁</s>"])
    ids, _ = tokenizer.encode(["the <unk> </s> cat"], 5)
    assert (ids == UNKNOWN).tolist() == [[False, True, False, False, False]]
    assert tokenizer.unknown("the <unk>") == ["<unk>"]


@pytest.mark.parametrize("kind", ["characters", "subwords"])
def test_names_of_special_tokens_are_ordinary_text_for_other_kinds(kind):
    lines = ["a <unk> b", "</s> <s> <pad>"]
    tokenizer = Tokenizer.train(lines, kind)
    assert tokenizer.decode(tokenizer.encode(lines, 20)[0]) == lines
    assert not (tokenizer.encode(lines, 20)[0] == UNKNOWN).any()


# White space and reserved characters


def test_white_space_is_one_space(tokenizer):
    lines = ["a man", "  a\tman\n", "a\u3000man", "a\xa0 \r\nman", "a▁man", "▁a▁▁man▁"]
    assert tokenizer.decode(tokenizer.encode(lines, 20)[0]) == ["a man"] * 6
    assert tokenizer.unknown("a▁man") == []


@pytest.mark.parametrize("kind", KINDS)
def test_white_space_of_the_text_that_is_learnt_from_does_not_matter(kind):
    assert Tokenizer.train(ENGLISH, kind) == Tokenizer.train([line.replace(" ", "▁ \t") for line in ENGLISH] + ["", " "], kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reserved", ["\u2585", "\0"], ids=["U+2585", "zero"])
def test_reserved_characters_do_not_hide_their_line(kind, reserved):
    tokenizer = Tokenizer.train(["a man", f"a horse {reserved} runs"], kind)
    assert tokenizer.unknown("a horse runs") == []
    assert tokenizer.unknown(f"a {reserved}") == [reserved]
    assert tokenizer.decode(tokenizer.encode([f"a {reserved}"], 9)[0]) == ["a <unk>"]


def test_words_too_long_for_a_model_are_unknown():
    tokenizer = Tokenizer.train(["a man", "x" * 40_000])
    assert tokenizer.size == 4
    assert tokenizer.encode(["x" * 40_000], 2)[0].tolist() == [[UNKNOWN, END]]


# Files


def test_saved_tokenizer_is_the_same(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "folder" / "tokenizer.model")
    loaded = Tokenizer.load(str(tmp_path / "folder" / "tokenizer.model"))
    assert loaded == tokenizer
    assert loaded.kind == tokenizer.kind
    assert loaded.vocabulary == tokenizer.vocabulary
    assert loaded.get_config() == {"kind": tokenizer.kind, "size": len(tokenizer.vocabulary)}
    np.testing.assert_array_equal(loaded.encode(ENGLISH, 30)[0], tokenizer.encode(ENGLISH, 30)[0])


def test_a_pickled_or_copied_tokenizer_is_the_same(tokenizer):
    for other in (pickle.loads(pickle.dumps(tokenizer)), copy.deepcopy(tokenizer)):
        assert other == tokenizer
        np.testing.assert_array_equal(other.encode(ENGLISH, 20)[0], tokenizer.encode(ENGLISH, 20)[0])


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file .*nothing\.model"):
        Tokenizer.load(tmp_path / "nothing.model")


@pytest.mark.parametrize("content", [b"", b"no tokenizer", b"\x0a\xff\xff\xff", bytes(1_000)])
def test_file_that_is_no_tokenizer(tmp_path, content):
    path = tmp_path / "tokenizer.model"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"tokenizer\.model: This is not a tokenizer, or it is damaged"):
        Tokenizer.load(path)


def test_sentencepiece_model_with_other_ids_is_refused(tmp_path):
    (tmp_path / "lines.txt").write_text("\n".join(ENGLISH), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=tmp_path / "lines.txt", model_prefix=tmp_path / "m", model_type="char", vocab_size=20, minloglevel=2
    )
    with pytest.raises(ValueError, match=r"Tokenizer\.train makes tokenizers"):
        Tokenizer.load(tmp_path / "m.model")


def test_damaged_file_is_refused_or_works(tmp_path):
    good = Tokenizer.train(ENGLISH).model
    for position in range(0, len(good), 3):
        damaged = good[:position] + bytes([good[position] ^ 255]) + good[position + 1 :]
        for content in (damaged, good[:position]):
            try:
                tokenizer = Tokenizer(content)
            except ValueError as error:
                assert "not a tokenizer" in str(error)
            else:
                tokenizer.decode(tokenizer.encode(ENGLISH, 9)[0])


def test_nothing_is_printed_and_neither_keras_nor_a_backend_imported():
    code = """
import sys
from keras_gans.text import Tokenizer
for kind in ("words", "characters", "subwords"):
    Tokenizer.train(["a cat sat", "a dog \\u2585 sat", "x " * 9_000], kind).encode(["a bird"], 9)
sys.exit(any(name in sys.modules for name in ("keras", "tensorflow", "jax")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_sentencepiece_only_tokenizers_fail_and_say_what_to_install():
    code = """
import sys
sys.modules["sentencepiece"] = None  # as if it were not installed
import keras_gans.data, keras_gans.media
from keras_gans.text import Tokenizer
for make in (lambda: Tokenizer(b"model"), lambda: Tokenizer.train(["a cat", "a dog"])):
    try:
        make()
    except ModuleNotFoundError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    message = 'Text needs the package sentencepiece: pip install "keras-gans[text]".'
    assert (done.returncode, done.stdout.splitlines()) == (0, [message] * 2), done.stderr


# Bad input


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lines", [[], [""], ["  ", "\t\n", "▁"]])
def test_no_text(kind, lines):
    with pytest.raises(ValueError, match=f"contains nothing; a vocabulary of {kind} needs at least two different ones"):
        Tokenizer.train(lines, kind)


@pytest.mark.parametrize(
    ("kind", "message"),
    [("words", "only the word 'aaa'"), ("characters", "only the character 'a'"), ("subwords", "only the character 'a'")],
)
def test_vocabulary_of_one(kind, message):
    with pytest.raises(ValueError, match=message):
        Tokenizer.train(["aaa aaa", "aaa", ""], kind)


def test_vocabulary_too_small_for_the_characters_says_what_is_enough():
    with pytest.raises(ValueError, match="at least 30, because it has 26 different characters; received 10"):
        Tokenizer.train(["the quick brown fox jumps", "over the lazy dog"], "subwords", 10)
    with pytest.raises(ValueError, match="at least 30"):
        Tokenizer.train(["the quick brown fox jumps", "over the lazy dog"], "subwords", 29)
    assert Tokenizer.train(["the quick brown fox jumps", "over the lazy dog"], "subwords", 30).size == 30


def test_numpy_integers_are_sizes_and_lengths():
    tokenizer = Tokenizer.train(ENGLISH, vocabulary_size=np.int64(10))
    assert tokenizer.size == 10
    assert tokenizer.encode(ENGLISH, np.int32(4))[0].shape == (len(ENGLISH), 4)


@pytest.mark.parametrize("size", [0, 1, 3, -5, 10.0, "10", True])
def test_impossible_vocabulary_size(size):
    with pytest.raises(ValueError, match="vocabulary_size must be an integer of at least 4"):
        Tokenizer.train(ENGLISH, vocabulary_size=size)


@pytest.mark.parametrize("kind", ["word", "bpe", None, 3])
def test_unknown_kind(kind):
    with pytest.raises(ValueError, match=rf"no kind of tokens '{kind}'.*words, words_and_marks, characters, subwords"):
        Tokenizer.train(ENGLISH, kind)


@pytest.mark.parametrize("length", [0, -1, 2.5, None])
def test_impossible_length(tokenizer, length):
    with pytest.raises(ValueError, match="length must be an integer of at least 1"):
        tokenizer.encode(ENGLISH, length)


def test_lines_that_are_none(tokenizer):
    for wrong in ("a man", [b"a man"], [["a", "man"]], [None]):
        with pytest.raises(ValueError, match="lines must be"):
            tokenizer.encode(wrong, 5)
        with pytest.raises(ValueError, match="lines must be"):
            Tokenizer.train(wrong)


def test_ids_that_are_none(tokenizer):
    for wrong in ([2, 3], [[2.0, 3.0]], [[[2]]]):
        with pytest.raises(ValueError, match=r"ids must be integers of shape \(n, length\)"):
            tokenizer.decode(wrong)
    for wrong in ([[2, tokenizer.size]], [[-1, 2]]):
        with pytest.raises(ValueError, match=f"ids must lie between 0 and {tokenizer.size - 1}"):
            tokenizer.decode(wrong)

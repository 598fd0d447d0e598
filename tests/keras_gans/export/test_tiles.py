"""TFLite files of models that take images of any size, and the documentation's code that sends larger images through them."""

import json
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

import keras_gans
from keras_gans import export
from keras_gans.export.signatures import signatures_of
from tests.support import picture_models
from tests.support.pages import blocks_of

PAGE = Path(__file__).parents[3] / "docs" / "export.md"


def block_of(language, word):
    """Returns the block of the page that contains a word."""
    [block] = [each for each in blocks_of(PAGE) if each.language == language and word in each.code]
    return block.code


@pytest.fixture(scope="module")
def enlarging(tmp_path_factory):
    """A model that doubles sides, and its file."""
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("edsr", scale=2, width=4, blocks=2)
    path, difference = export.tflite(model, tmp_path_factory.mktemp("tiles") / "larger.tflite", input_size=48)
    assert difference <= 1e-4
    return model, path


def test_the_code_of_the_page_gives_the_whole(enlarging):
    model, path = enlarging
    names = {}
    exec(block_of("python", "def apply_in_tiles"), names)
    for sides in ((48, 48), (75, 131), (49, 200)):
        image = np.random.default_rng(0).random((*sides, 3), dtype="float32")
        whole = model.apply(image[None] * 2 - 1)[0] / 2 + 0.5
        np.testing.assert_allclose(names["apply_in_tiles"](str(path), image), whole, atol=1e-4)
    # A smaller one, too, but for the pixels from which its right and lower ends can be seen.
    image = np.random.default_rng(1).random((31, 40, 3), dtype="float32")
    whole = model.apply(image[None] * 2 - 1)[0] / 2 + 0.5
    made = names["apply_in_tiles"](str(path), image)
    seen = 2 * keras_gans.applying.receptive_field(model.generator).radius
    np.testing.assert_allclose(made[:-seen, :-seen], whole[:-seen, :-seen], atol=1e-4)


# A word in the line that says where a tile starts.
STARTS = {"kotlin": "maxOf(0, minOf(covered - CONTEXT, side - SIZE))", "swift": "max(0, min(covered - context, side - size))"}


@pytest.mark.parametrize("language", STARTS)
def test_other_languages_cut_the_same_tiles(language):
    """The lines of code that compute are translated to Python, as there is no phone to run them."""
    names = {}
    exec(block_of("python", "def apply_in_tiles"), names)
    code = re.sub("(max|min)Of", r"\1", block_of(language, STARTS[language]))
    [start], [last], [folded] = (re.findall(rf"(?:val|let) {name} = (.*)", code) for name in ("start", "last", "folded"))
    [mirrored] = re.findall(r"return (min.*folded.*)", code)
    condition, whole, part = re.split(r" [?:] ", re.sub(r"if \((.*)\) side else (.*)", r"\1 ? side : \2", last))
    assert whole == "side"
    constants = {"SIZE": 48, "size": 48, "CONTEXT": 7, "context": 7}
    for side in (1, 30, 48, 49, 97, 200):
        found, covered = [], 0
        while covered < side:
            values = {**constants, "covered": covered, "side": side}
            values["start"] = eval(start, values)
            end = side if eval(condition, values) else eval(part, values)
            found.append((values["start"], covered, end))
            covered = end
        assert found == list(names["spans"](side, 48, 7))
        values = [{"place": place, "side": side} for place in range(48)]
        places = [eval(mirrored, {**each, "folded": eval(folded, each)}) for each in values]
        assert places == np.pad(np.arange(side), (0, max(0, 48 - side)), "reflect")[:48].tolist()


def test_the_file_says_how_tiles_are_cut(enlarging):
    model, path = enlarging
    with zipfile.ZipFile(path) as archive:
        tile = json.loads(archive.read("tile.json"))
    assert tile == {"size": 48, "context": keras_gans.applying.receptive_field(model.generator).radius, "scale": 2.0}
    [signature] = Interpreter(str(path)).get_signature_list().values()
    assert signature == {"inputs": ["images"], "outputs": ["generated_images"]}


def test_sizes_suit_the_network():
    deep = keras_gans.create_model("pix2pix", image_shape=(64, 64, 3), width=2)
    assert signatures_of(deep).input_side == 64  # halved six times
    assert signatures_of(deep, input_size="tile").input_side == 128
    with pytest.raises(ValueError, match="sides are multiples of 64, 64 at least; received 96"):
        signatures_of(deep, input_size=96)
    far = picture_models.negating(far=50)
    assert signatures_of(far, input_size="tile").input_side == 200
    assert signatures_of(picture_models.negating(), input_size="tile").input_side == 128
    assert signatures_of(picture_models.negating()).input_side == 32
    with pytest.raises(ValueError, match="input_size is for models that take images of any size"):
        signatures_of(picture_models.negating(side=16), input_size=32)
    assert signatures_of(picture_models.negating(side=16), input_size="tile").input_side is None

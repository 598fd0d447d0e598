"""Files that generate has written, and what verify says of them."""

import shutil

import numpy as np
import pytest
from PIL import Image

from keras_gans.declaration import embed, extract


@pytest.fixture(scope="module")
def made(tiny, keras_gans_forked, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    shutil.copytree(tiny[0], folder / "run")
    for more in (["--num=3", "--output=samples/"], ["--num=4", "--output=grid.png"], ["--output=bare.png", "--mark=none"]):
        process = keras_gans_forked("generate", "run", *more, cwd=folder)
        assert process.returncode == 0, process.stderr
    return folder


def test_files_are_told_apart_and_the_worst_decides(made, keras_gans_forked):
    def run(*files):
        process = keras_gans_forked("verify", *files, "--model=run", cwd=made)
        assert process.stderr == ""
        return process.returncode, process.stdout.splitlines()

    status, lines = run("samples/000002.png", "grid.png")
    assert status == 0
    assert lines == [
        "samples/000002.png: identical to what run makes of seed 0, sample 2.",
        "grid.png: identical to what run makes of seed 0.",
    ]
    with Image.open(made / "grid.png") as opened:
        pixels = np.array(opened)
    pixels[:9, :9] = 0
    Image.fromarray(pixels).save(made / "painted.png")
    (made / "painted.png").write_bytes(embed((made / "painted.png").read_bytes(), extract((made / "grid.png").read_bytes())))
    status, lines = run("grid.png", "painted.png")
    assert status == 1
    assert lines[1].startswith("painted.png: altered in pixels ")
    (made / "cut.png").write_bytes((made / "grid.png").read_bytes()[:300])
    status, lines = run("bare.png", "painted.png", "none.png", "cut.png")
    assert status == 2
    assert lines[0] == "bare.png: no declaration of origin, which does not mean that it is real."
    assert "No such file" in lines[2]
    assert lines[3] == "cut.png: The file is cut off."


def test_mistakes_are_one_line(made, keras_gans_forked, assert_refused):
    assert_refused(keras_gans_forked("verify", cwd=made), "files are needed")
    assert_refused(keras_gans_forked("verify", "none.png", cwd=made), "none.png")
    assert_refused(keras_gans_forked("verify", "grid.png", "--model=other", cwd=made), "other")

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


def test_text_is_marked_with_a_key_and_the_mark_is_found(keras_gans_forked, assert_refused, tmp_path):
    (tmp_path / "key.txt").write_text("correct horse battery staple\n")
    name, key = "next_token_gan_coco", "@key.txt"
    process = keras_gans_forked("generate", name, "--num=5", f"--watermark={key}", "--output=a.txt", cwd=tmp_path)
    assert process.returncode == 0, process.stderr

    def verify(*flags):
        process = keras_gans_forked("verify", "a.txt", *flags, cwd=tmp_path)
        return process.returncode, process.stdout

    status, words = verify(f"--key={key}", f"--model={name}")
    assert status == 0
    assert words.startswith("a.txt: marked with this key: ")
    assert " (z = " in words
    assert " p = " in words
    status, words = verify("--key=incorrect horse battery staple", f"--model={name}")
    assert status == 2
    assert words.startswith("a.txt: no mark of this key, which does not mean that a person wrote it: ")
    assert verify() == (2, "a.txt: text, which holds no declaration; --key and --model look for its watermark.\n")

    def refused(verb, *flags):
        return keras_gans_forked(verb, *flags, cwd=tmp_path)

    assert_refused(refused("verify", "a.txt", f"--key={key}"), "--key needs --model")
    assert_refused(refused("verify", "a.txt", "--key=@none.txt", f"--model={name}"), "no file none.txt")
    assert_refused(refused("verify", "a.txt", "--key=short", f"--model={name}"), "at least 16 characters")
    assert_refused(refused("verify", "a.txt", "--key=@a.txt", f"--model={name}"), "a.txt must contain a key: one line of text")
    assert_refused(refused("generate", name, "--watermark_strength=4"), "--watermark_strength needs a key")
    assert_refused(refused("generate", name, f"--watermark={key}", "--watermark_strength=99"), "from 1 to 24; received 99")
    assert_refused(refused("generate", "dcgan_digits", f"--watermark={key}"), "--watermark is for text")
    export = ("export", "dcgan_digits", "--format=tflite", "--output=a.tflite", f"--watermark={key}")
    assert_refused(refused(*export), "--watermark marks text, but dcgan_digits generates images")


def test_files_are_signed_and_verified(made, keras_gans_forked, assert_refused):
    pytest.importorskip("c2pa")

    def run(*arguments):
        process = keras_gans_forked(*arguments, cwd=made)
        assert process.stderr == ""
        return process.returncode, process.stdout

    assert run("credentials", "init", "mine", "--name=My studio")[0] == 0
    assert run("generate", "run", "--num=4", "--output=signed.png", "--sign=mine")[0] == 0
    status, words = run("verify", "signed.png", "--model=run", "--trust=mine/ca.pem")
    assert status == 0
    assert words == (
        "signed.png: identical to what run makes of seed 0; content credentials: intact, and signed by My studio, "
        "who is trusted.\n"
    )
    # Without the model, the signature alone is known.
    status, words = run("verify", "signed.png")
    assert status == 3
    assert words.endswith("intact, but signed by My studio, who is not among those you trust.\n")
    content = bytearray((made / "signed.png").read_bytes())
    content[-30] ^= 1
    (made / "flipped.png").write_bytes(content)
    status, words = run("verify", "flipped.png", "--trust=mine/ca.pem")
    assert status == 1
    assert "content credentials: altered since it was signed by My studio" in words
    assert run("credentials", "renew", "mine")[0] == 0

    def refused(*arguments):
        return keras_gans_forked(*arguments, cwd=made)

    assert_refused(refused("generate", "run", "--output=a.npy", "--sign=mine"), "--sign is for .png, .jpg")
    assert_refused(refused("generate", "run", "--output=a.png", "--sign=none"), "keras-gans credentials init none")
    assert_refused(refused("generate", "run", "--output=a.png", "--sign=mine", "--mark=none"), "leave out --mark=none")
    assert_refused(refused("credentials", "init", "mine", "--name=Again"), "mine exists")
    assert_refused(refused("credentials", "init", "new"), "--name is needed")
    assert_refused(refused("credentials", "make"), "init FOLDER --name=NAME")
    assert_refused(refused("verify", "signed.png", "--trust=grid.png"), "are not PEM")


def test_mistakes_are_one_line(made, keras_gans_forked, assert_refused):
    assert_refused(keras_gans_forked("verify", cwd=made), "files are needed")
    assert_refused(keras_gans_forked("verify", "none.png", cwd=made), "none.png")
    assert_refused(keras_gans_forked("verify", "grid.png", "--model=other", cwd=made), "other")

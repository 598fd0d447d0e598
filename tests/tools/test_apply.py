"""Pictures through models by the command line."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.support import picture_models
from tests.support.forked import Forked
from tests.support.small_disks import small_disk

# Runs keras-gans, and checks that it has imported no Keras.
WITHOUT_KERAS = """
import sys
from keras_gans_tools import cli
try:
    cli.main()
except SystemExit as end:
    assert not end.code
assert not {"keras", "tensorflow", "jax"} & set(sys.modules)
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The environment in which a package with three models is installed, and the folder of a preset of each."""
    folder = tmp_path_factory.mktemp("pictures")
    picture_models.write_package(folder / "site")
    path = os.pathsep.join([str(folder / "site"), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {"PYTHONPATH": path}
    process = Forked(picture_models.save_presets, [folder], env={**os.environ, **environment}).finish(120)
    assert process.returncode == 0, process.stderr
    return environment, folder


@pytest.fixture
def apply(keras_gans_forked, package, tmp_path):
    """Runs a verb with a preset by its name, in a folder with a picture, a folder of pictures, and a mask."""
    environment, presets = package
    colours = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype="uint8")
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name in ("a.png", "in/b.png", "in/sub/c.png"):
        Image.fromarray(colours).save(tmp_path / name)
    mask = np.zeros((6, 8), "uint8")
    mask[:2] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")

    def run(verb, model, *arguments):
        folder = presets / model
        return keras_gans_forked(verb, folder if folder.is_dir() else model, *arguments, cwd=tmp_path, env=environment)

    return run


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_a_folder_with_a_broken_file(apply, tmp_path):
    """The rest is done, the broken one is named, and the status says so; again, nothing is left to do."""
    (tmp_path / "in" / "broken.png").write_bytes(b"no picture")
    process = apply("upscale", "doubling", "in", "--output=out")
    assert process.returncode == 1
    assert process.stdout == "Wrote 2 pictures to out.\n"
    assert process.stderr.splitlines() == [
        "in/broken.png: not a PNG, JPEG, GIF, WebP, BMP or TIFF file.",
        "1 picture failed.",
    ]
    for name in ("b.png", "sub/c.png"):
        np.testing.assert_array_equal(pixels(tmp_path / "out" / name), pixels(tmp_path / "a.png").repeat(2, 0).repeat(2, 1))
    (tmp_path / "in" / "broken.png").unlink()
    process = apply("apply", "doubling", "in", "--output=out")
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout == "Skipped 2 pictures, which exist already (--overwrite replaces them).\n"


def test_sizes_and_formats(apply, tmp_path):
    process = apply("upscale", "doubling", "a.png", "--output=out.jpg", "--scale=2.5", "--tile=4", "--tta")
    assert (process.returncode, process.stdout) == (0, "Wrote out.jpg.\n"), process.stderr
    assert pixels(tmp_path / "out.jpg").shape == (15, 20, 3)
    process = apply("apply", "lanczos", "in", "a.png", "--output=out", "--max-side=4", "--format=webp")
    assert process.returncode == 0, process.stderr
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.webp")) == ["a.webp", "b.webp", "c.webp"]
    assert pixels(tmp_path / "out" / "sub" / "c.webp").shape == (3, 4, 3)


def test_masks(apply, tmp_path):
    process = apply("inpaint", "whitening", "in", "--mask=mask.png", "--output=out")
    assert process.returncode == 0, process.stderr
    made = pixels(tmp_path / "out" / "b.png")
    assert (made[:2] == 255).all()
    np.testing.assert_array_equal(made[2:], pixels(tmp_path / "a.png")[2:])


def test_translation(apply, tmp_path):
    process = apply("translate", "negating", "a.png", "--output=out.png", "--strength=0")
    assert process.returncode == 0, process.stderr
    np.testing.assert_array_equal(pixels(tmp_path / "out.png"), pixels(tmp_path / "a.png"))


@pytest.mark.parametrize(
    ("verb", "arguments", "words"),
    [
        ("upscale", ["negating", "a.png", "--output=out.png"], ["negating keeps the size", "use keras-gans translate"]),
        ("translate", ["doubling", "a.png", "--output=out.png"], ["doubling enlarges", "use keras-gans upscale"]),
        ("inpaint", ["lanczos", "a.png", "--mask=mask.png", "--output=out.png"], ["use keras-gans upscale"]),
        ("translate", ["negating", "a.png", "--output=out.png", "--scale=2"], ["'scale'"]),
        ("apply", ["dcgan_digits", "a.png", "--output=out.png"], ["does not map images to images"]),
        ("apply", ["doubling", "a.png"], ["--output is needed"]),
        ("apply", ["doubling", "--output=out.png"], ["MODEL PICTURES --output=OUT"]),
        ("apply", ["doubling", "b.png", "--output=out.png"], ["matches b.png"]),
        ("apply", ["doubling", "a.png", "--output=out.png", "--tile=big"], ["--tile", "'big'"]),
        ("apply", ["doubling", "a.png", "--output=mask.png"], ["mask.png exists already", "--overwrite"]),
        ("apply", ["lanczos", "a.png", "--output=mask.png/x.png"], ["x.png cannot be written"]),
        ("apply", ["doubling", "in", "--output=/proc/out"], ["/proc/out cannot be written"]),
    ],
)
def test_mistakes(apply, assert_refused, tmp_path, verb, arguments, words):
    before = pixels(tmp_path / "mask.png")
    assert_refused(apply(verb, *arguments), *words)
    assert not list(tmp_path.glob("out*"))
    np.testing.assert_array_equal(pixels(tmp_path / "mask.png"), before)


def test_aliases_show_only_their_flags(keras_gans_forked):
    shown = {verb: keras_gans_forked(verb, "--help").stdout for verb in ("apply", "upscale", "inpaint", "translate")}
    assert all(f"  --{name}=" in shown["apply"] for name in ("scale", "mask", "strength", "tile"))
    assert "--scale" in shown["upscale"]
    assert "--mask=" not in shown["upscale"]
    assert "--scale" not in shown["inpaint"]
    assert "--strength=" not in shown["inpaint"]
    assert "--width" not in shown["translate"]


def test_a_full_disk(apply, assert_refused, tmp_path):
    with small_disk(tmp_path / "full", "64k") as disk:
        noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype="uint8")
        Image.fromarray(noise).save(tmp_path / "in" / "b.png")
        process = apply("apply", "lanczos", "in", "--output=full/out")
        assert_refused(process, "b.png cannot be written: No space left on device")
        assert [path for path in disk.rglob("*") if path.is_file()] == []


def test_filters_need_no_keras(tmp_path):
    """And start at once."""
    Image.new("RGB", (8, 6)).save(tmp_path / "a.png")
    command = [sys.executable, "-c", WITHOUT_KERAS, "apply", "lanczos", "a.png", "--output=b.png"]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert pixels(tmp_path / "b.png").shape == (12, 16, 3)

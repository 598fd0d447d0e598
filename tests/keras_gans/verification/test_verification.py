"""Files of samples that stay as they were, are encoded again, or altered."""

import io

import numpy as np
import pytest
from PIL import Image

import keras_gans
from keras_gans.declaration import Declaration, embed, extract
from keras_gans.media.pictures import save_picture
from keras_gans.verification import ALTERED, IDENTICAL, REENCODED, UNKNOWN, verify


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Samples of digits as the library writes them: in a folder, and as one picture."""
    folder = tmp_path_factory.mktemp("made")
    model = keras_gans.load_pretrained("dcgan_digits")
    model.medium.writer(f"{folder / 'samples'}/").write(model, n=3, seed=5)
    model.medium.writer(f"{folder / 'own'}/").write(model, seeds=[7, 2**40], truncation=0.7)
    for suffix in ("png", "jpg", "webp"):
        writer = model.medium.writer(folder / f"grid.{suffix}")
        writer.scale = 3
        writer.write(model, n=9, seed=1)
    return folder


def changed(path, change, to=None, **options):
    """Writes a copy whose pixels are changed, with what the original declares."""
    with Image.open(path) as opened:
        pixels = np.array(opened)
    content = io.BytesIO()
    Image.fromarray(change(pixels)).save(content, to or "PNG", **options)
    copy = path.with_name(f"changed.{(to or 'PNG').lower()}")
    copy.write_bytes(embed(content.getvalue(), extract(path.read_bytes())))
    return copy


def test_untouched_files_are_identical(made):
    for path in sorted(made.rglob("*.*")):
        if path.stem != "changed":
            assert verify(path).status == IDENTICAL, path
    assert verify(made / "samples" / "000002.png").words == "identical to what dcgan_digits makes of seed 5, sample 2"
    assert "seed 7" in verify(made / "own" / "000000.png").words
    assert verify(made / "own" / "000001.png", "dcgan_digits").status == IDENTICAL


def test_one_changed_pixel_is_found_and_where(made):
    def change(pixels):
        pixels[4, 9] = 255 - pixels[4, 9] // 2
        return pixels

    found = verify(changed(made / "samples" / "000001.png", change))
    assert (found.status, found.where) == (ALTERED, (9, 4, 10, 5))
    assert "pixels 9, 4 to 10, 5" in found.words
    assert 10 < found.psnr < 60


def test_a_copy_with_losses_is_told_from_one_in_which_a_part_was_painted(made):
    grid = made / "grid.png"
    found = verify(changed(grid, lambda pixels: pixels, "JPEG", quality=60))
    assert found.status == REENCODED
    assert 20 < found.psnr < 50

    def paint(pixels):
        pixels[100:130, 40:80] = 128
        return pixels

    found = verify(changed(grid, paint, "JPEG", quality=60))
    assert found.status == ALTERED
    left, top, right, bottom = found.where
    assert 24 <= left <= 40 <= 80 <= right <= 96
    assert 84 <= top <= 100 <= 130 <= bottom <= 146
    assert verify(changed(grid, lambda pixels: pixels[:-3])).status == ALTERED
    content = io.BytesIO()
    Image.new("1", (15_000, 15_000)).save(content, "PNG")  # more pixels than Pillow opens
    enormous = made / "changed.png"
    enormous.write_bytes(embed(content.getvalue(), extract(grid.read_bytes())))
    assert verify(enormous).status == ALTERED
    found = verify(changed(grid, lambda pixels: pixels[::-1]))
    assert (found.status, found.where) == (ALTERED, None)


def test_what_cannot_be_compared(made, tmp_path):
    pixels = np.zeros((28, 28, 1), "uint8")

    def words(declaration, **arguments):
        save_picture(tmp_path / "a.png", pixels, declaration)
        found = verify(tmp_path / "a.png", **arguments)
        assert found.status == UNKNOWN
        return found.words

    assert words(None) == "no declaration of origin, which does not mean that it is real"
    weights = keras_gans.presets.find_preset("dcgan_digits").metadata.sha256
    assert "does not say from which seed" in words(Declaration(model="dcgan_digits", weights=weights))
    sample = {"index": 0, "seed": 1}
    assert "no bundled preset has these weights" in words(Declaration(model="mine", weights="ab" * 32, recipe=sample))
    assert "another program declares: a model made it" in words(Declaration())
    assert "the weights of dcgan_mnist are others" in words(
        Declaration(model="dcgan_digits", weights=weights, recipe=sample), model="dcgan_mnist"
    )
    # Recipes that somebody has changed.
    for recipe, why in (
        ({"index": 10**9, "seed": 1}, "asks for more samples"),
        ({"n": 10**9, "seed": 1, "picture": {"scale": 1}}, "asks for more samples"),
        ({"n": 4, "seed": 1, "picture": {"scale": 10**6}}, "asks for more samples"),
        ({"seed": 1}, "cannot be followed"),
        ({"index": 0, "seed": "x"}, "cannot be followed"),
        ({"index": 0, "seeds": [10**30]}, "seeds"),
        ({"index": 0, "seed": 1, "output": "/etc/passwd"}, "cannot be followed"),
        ({"index": -1, "seed": 1}, "cannot be followed"),
        ({"index": 0, "seeds": "ab"}, "seeds"),
        ({"index": 0, "seed": 1, "truncation": 7}, "truncation"),
        ({"index": 0, "seed": 1, "conditions": {"labels": 3}}, "labels"),
        ({"index": 0, "seed": 1, "conditions": [3]}, "cannot be followed"),
        ({"n": 4, "picture": {"scale": 1}}, "without a seed"),
    ):
        assert why in words(Declaration(model="dcgan_digits", weights=weights, recipe=recipe)), recipe


def test_files_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "none.png")
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    with pytest.raises(ValueError, match=r"cut\.png: The file is cut off"):
        verify(tmp_path / "cut.png")

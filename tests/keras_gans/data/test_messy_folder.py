import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_gans.data import load_data, memory_limit
from keras_gans.data.skipped import UnreadableWarning
from tests.keras_gans.data.messy import make_messy_folder


@pytest.fixture
def messy(tmp_path):
    root = tmp_path / "messy"
    return root, *make_messy_folder(root)


def relative(root, paths):
    """Paths below a folder as they would be written from it, wherever links lead."""
    return sorted(Path(path).relative_to(root).as_posix() for path in paths)


def padded(picture, side):
    """A picture put into the middle of a white square, with a Lanczos filter, by Pillow alone."""
    unit = max(picture.shape[:2]) / side
    height, width = (max(1, round(length / unit)) for length in picture.shape[:2])
    small = Image.fromarray(np.rint(picture).astype("uint8")).resize((width, height), Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", (side, side), "white")
    canvas.paste(small, ((side - width) // 2, (side - height) // 2))
    return np.asarray(canvas)


def test_every_readable_picture_is_there_and_every_other_is_reported(messy):
    root, seen, bad = messy
    with pytest.warns(UserWarning, match=f"^{len(bad)} images could not be read and are left out: "):
        data = load_data(f"folder:{root}", image_shape=(32, 32), crop="pad")
    assert len(data) == len(seen)
    assert relative(root, (path for path, _ in data.skipped)) == sorted(bad)
    reasons = {Path(path).name: reason for path, reason in data.skipped}
    assert all(reasons.values())
    assert reasons["text.jpg"] == reasons["empty.png"] == reasons["x.png"] == "not a PNG, JPEG, GIF, WebP, BMP or TIFF file"
    assert "decompression bomb" in reasons["bomb.png"]
    assert "broken link" in reasons["nowhere.png"]
    assert data.class_names == ["good", "mixed"]
    # "good" is whole below its own name, although links lead there by others.
    assert np.bincount(data.labels).tolist() == [sum(name.startswith(f"{c}/") for name in seen) for c in ("good", "mixed")]


def test_each_picture_looks_as_it_should(messy, monkeypatch):
    root, seen, _ = messy
    monkeypatch.setattr(memory_limit, "LIMIT", 0)  # so that the samples know their names
    with pytest.warns(UnreadableWarning):
        data = load_data(f"folder:{root}", image_shape=(32, 32, 3), crop="pad")
    names = [Path(data.samples.name(position)).relative_to(root).as_posix() for position in range(len(data))]
    assert set(seen) <= set(names)
    for name, expected in seen.items():
        sample = data.samples[np.array([names.index(name)])][0]
        if expected is not None:
            difference = np.abs(sample.astype(int) - padded(expected, 32))
            assert difference.max() <= 2, name
    # Lossy formats keep the waves about.
    for name in ("good/colour.jpg", "good/print.jpg", "mixed/deep/er/lies.png"):
        sample = data.samples[np.array([names.index(name)])][0]
        assert np.abs(sample.astype(int) - padded(seen["good/colour.png"], 32)).mean() < 12, name


def test_while_streaming_unreadable_pictures_are_replaced_by_the_next_and_its_label(messy, monkeypatch):
    root, seen, bad = messy
    monkeypatch.setattr(memory_limit, "LIMIT", 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = load_data(f"folder:{root}", image_shape=(8, 8, 3))
        names = [Path(data.samples.name(position)).relative_to(root).as_posix() for position in range(len(data))]
        batches = data.batches(len(data), labels=True)
        images, labels = batches[0]
    order = batches.order(0)[0]
    for row, position in enumerate(order):
        found = position
        while names[found] in bad:
            found = (found + 1) % len(names)
        np.testing.assert_array_equal(images[row], data.samples[np.array([found])][0])
        assert labels[row] == data.labels[found]
    assert relative(root, (path for path, _ in data.skipped)) == sorted(bad)
    assert len(data.skipped) == len(bad)  # each once
    assert len(data) == len(seen) + len(bad) - 2  # links that lead nowhere were no candidates


def test_the_first_unreadable_picture_that_streaming_meets_is_warned_of_once(messy, monkeypatch):
    root, *_ = messy
    monkeypatch.setattr(memory_limit, "LIMIT", 0)
    (root / "good/nowhere.png").unlink()
    (root / "good/itself.png").unlink()
    data = load_data(f"folder:{root}", image_shape=(8, 8))
    with pytest.warns(UserWarning, match="could not be read") as caught:
        data.samples[np.arange(len(data))]
        data.samples[np.arange(len(data))]
    assert len([one for one in caught if "could not be read" in str(one.message)]) == 1


@pytest.mark.parametrize("limit", [0, 2**30])
def test_strict_names_what_cannot_be_read(messy, monkeypatch, limit):
    root, _, bad = messy
    monkeypatch.setattr(memory_limit, "LIMIT", limit)
    with pytest.raises(ValueError, match=f"^{len(bad)} images cannot be read, which strict forbids: .*and {len(bad) - 5} more"):
        load_data(f"folder:{root}", image_shape=(8, 8), strict=True)


def test_strict_has_nothing_against_a_folder_in_order(messy):
    root, seen, bad = messy
    for name in bad:
        (root / name).unlink()
    assert len(load_data(f"folder:{root}", image_shape=(8, 8), strict=True)) == len(seen)


@pytest.mark.parametrize("limit", [0, 2**30])
def test_no_readable_picture_is_an_error_whether_held_or_streamed(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(memory_limit, "LIMIT", limit)
    for number in range(20):
        (tmp_path / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.warns(UserWarning), pytest.raises(ValueError, match=r"contains no readable image .*none of 20 can be read"):
        load_data(f"folder:{tmp_path}", image_shape=(8, 8))


def test_a_reason_that_all_pictures_share_is_said(tmp_path):
    for number in range(3):
        Image.new("RGB", (16, 16)).save(tmp_path / f"{number}.png")
    with pytest.warns(UserWarning), pytest.raises(ValueError, match=r"none of 3 can be read \(16x16 pixels are fewer than"):
        load_data(f"folder:{tmp_path}", image_shape=(64, 64), crop="patch")


def test_streamed_pictures_of_which_only_the_headers_are_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(memory_limit, "LIMIT", 0)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 50, 3), dtype="uint8")).save(
        tmp_path / "source", format="PNG"
    )
    for number in range(20):
        (tmp_path / f"{number}.png").write_bytes((tmp_path / "source").read_bytes()[:2000])
    data = load_data(f"folder:{tmp_path}", image_shape=(8, 8))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match=r"None of the 20 samples from .* can be read"):
            data.batches(4)[0]


def test_the_list_is_kept_in_a_file_too(messy, tmp_path):
    root, *_ = messy
    log = tmp_path / "logs" / "skipped.txt"
    with pytest.warns(UserWarning):
        data = load_data(f"folder:{root}", image_shape=(8, 8))
    data.skipped.log_to(log)
    data.skipped.add("later\nand odd \udcff.png", "gone")
    data.skipped.log_to(log)  # as a run that goes on does
    lines = [line.split("\t") for line in log.read_text().splitlines()]
    assert [path for path, _ in lines] == [path for path, _ in data.skipped[:-1]] + ["later\\nand odd \\udcff.png"]
    assert [reason for _, reason in lines] == [reason for _, reason in data.skipped]


def test_without_anything_skipped_there_is_no_file(tmp_path):
    data = load_data("digits")
    data.skipped.log_to(tmp_path / "skipped.txt")
    assert list(tmp_path.iterdir()) == []
    assert data.skipped == []

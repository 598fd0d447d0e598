import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from keras_gans.data import load_data, memory_limit
from keras_gans.data.folder import Pictures


def smooth(height, width, shift=0):
    """A colour picture of slow waves, which JPEG keeps well."""
    rows, columns = np.mgrid[:height, :width]
    waves = [np.sin(rows / 7 + shift), np.cos(columns / 9 + shift), np.sin((rows + columns) / 11)]
    return np.rint(127.5 + 127 * np.stack(waves, axis=-1)).astype("uint8")


def save(array, path, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **options)


def load(folder, **arguments):
    """Loads a folder; any warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load_data(f"folder:{folder}", **arguments)


# Formats


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.webp", "a.tif", "A.PNG", "A.TIFF"])
def test_lossless_pictures_are_read_exactly(tmp_path, name):
    save(smooth(20, 30), tmp_path / name, **({"lossless": True} if name.endswith("webp") else {}))
    np.testing.assert_array_equal(load(tmp_path).samples, smooth(20, 30)[None])


@pytest.mark.parametrize("name", ["a.jpg", "a.jpeg", "a.JPG"])
def test_jpeg_is_read_at_full_size(tmp_path, name):
    save(smooth(40, 60), tmp_path / name, quality=95)
    difference = load(tmp_path).samples[0].astype(int) - smooth(40, 60)
    assert np.abs(difference).mean() < 2


def test_grey_pictures_keep_one_channel(tmp_path):
    grey = smooth(20, 30)[..., 0]
    save(grey, tmp_path / "a.png")
    save(grey[::-1].copy(), tmp_path / "b.png")
    np.testing.assert_array_equal(load(tmp_path).samples[..., 0], [grey, grey[::-1]])


def test_grey_among_colour_becomes_colour(tmp_path):
    grey = smooth(20, 30)[..., 0]
    save(grey, tmp_path / "a.png")
    save(smooth(20, 30), tmp_path / "b.png")
    np.testing.assert_array_equal(load(tmp_path).samples, [np.repeat(grey[..., None], 3, axis=2), smooth(20, 30)])


def test_channels_can_be_chosen(tmp_path):
    save(smooth(20, 30), tmp_path / "a.png")
    # ITU-R 601-2, which the eye's sensitivity to the three colours gives.
    luma = smooth(20, 30) @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(load(tmp_path, image_shape=(20, 30, 1)).samples[0, ..., 0], luma, atol=1)


def test_sixteen_bit_grey_is_scaled_to_eight_bits(tmp_path):
    values = np.arange(256, dtype="uint16").reshape(16, 16) * 257  # 0 to 65535
    save(values, tmp_path / "a.png")
    samples = load(tmp_path).samples
    assert samples.shape == (1, 16, 16, 1)
    np.testing.assert_allclose(samples[0, ..., 0], values / 257, atol=1)


def test_palette_png_and_gif_show_their_colours(tmp_path):
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]], "uint8")
    numbers = np.random.default_rng(0).integers(0, 4, (12, 12))
    picture = Image.fromarray(numbers.astype("uint8"), "L").convert("L")
    picture.putpalette(colours.tobytes())
    picture.save(tmp_path / "a.png")
    picture.save(tmp_path / "b.gif")
    np.testing.assert_array_equal(load(tmp_path).samples, [colours[numbers]] * 2)


def test_animated_gif_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(load(tmp_path).samples, np.broadcast_to([255, 0, 0], (1, 8, 8, 3)))


def test_opaque_parts_of_a_picture_with_alpha_keep_their_colours(tmp_path):
    alpha = np.full((20, 30, 1), 255, "uint8")
    alpha[:5] = 0
    save(np.concatenate([smooth(20, 30), alpha], axis=2), tmp_path / "a.png")
    samples = load(tmp_path).samples
    assert samples.shape == (1, 20, 30, 3)
    np.testing.assert_array_equal(samples[0, 5:], smooth(20, 30)[5:])


def test_palette_png_with_transparent_colours_loads_without_a_warning(tmp_path):
    picture = Image.fromarray(smooth(20, 30)).convert("RGBA")
    picture.putpixel((0, 0), (0, 0, 0, 0))
    picture.putpixel((1, 0), (0, 0, 0, 128))
    picture.quantize(16).save(tmp_path / "a.png")
    assert load(tmp_path).shape == (20, 30, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_turned_upright(tmp_path, orientation):
    upright = smooth(24, 40)
    # How a camera stores the upright picture for each value of EXIF's tag 274 (EXIF 2.3, page 33).
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    save(np.ascontiguousarray(stored), tmp_path / "a.jpg", exif=exif, quality=98, subsampling=0)
    samples = load(tmp_path).samples
    assert samples.shape == (1, 24, 40, 3)
    assert np.abs(samples[0].astype(int) - upright).mean() < 3


# Folders


def test_classes_are_first_level_folders_however_deep_the_pictures(tmp_path):
    for number, name in enumerate(["dog/a.png", "cat/deep/er/b.png", "cat/c.png", "Ärger/d.png"]):
        save(np.full((4, 4), number, "uint8"), tmp_path / name)
    data = load(tmp_path)
    assert list(data.class_names) == ["cat", "dog", "Ärger"]
    names = {int(sample[0, 0, 0]): data.class_names[label] for sample, label in zip(data.samples, data.labels, strict=True)}
    assert names == {0: "dog", 1: "cat", 2: "cat", 3: "Ärger"}
    assert data.labels.dtype == np.int32


def test_pictures_beside_folders_mean_that_there_are_no_classes(tmp_path):
    save(np.zeros((4, 4), "uint8"), tmp_path / "a.png")
    save(np.zeros((4, 4), "uint8"), tmp_path / "cat/b.png")
    data = load(tmp_path)
    assert (len(data), data.labels, data.class_names) == (2, None, None)


def test_other_and_hidden_files_are_passed_over(tmp_path):
    save(smooth(8, 8), tmp_path / "a.png")
    for name in ("notes.txt", "labels.csv", ".hidden.png", "._a.png", "no_suffix", "Thumbs.db"):
        (tmp_path / name).write_text("no picture")
    assert len(load(tmp_path)) == 1


def test_hidden_folders_are_passed_over(tmp_path):
    save(smooth(8, 8), tmp_path / "cat/a.png")
    save(smooth(8, 8), tmp_path / ".ipynb_checkpoints/a-checkpoint.png")
    assert list(load(tmp_path).class_names) == ["cat"]


def test_names_of_any_script(tmp_path):
    for name in ("猫/写真 1.png", "naïve/ß'\".png", "emoji/🙂.png"):
        save(smooth(8, 8), tmp_path / name)
    assert list(load(tmp_path).class_names) == ["emoji", "naïve", "猫"]


def test_linked_folders_are_followed_and_a_loop_of_links_counts_once(tmp_path):
    save(smooth(8, 8), tmp_path / "elsewhere/a.png")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/cat").symlink_to(tmp_path / "elsewhere")
    assert list(load(tmp_path / "data").class_names) == ["cat"]
    (tmp_path / "elsewhere/loop").symlink_to(tmp_path / "elsewhere")
    assert len(load(tmp_path / "data")) == 1


def test_order_does_not_depend_on_the_file_system(tmp_path):
    for number in (3, 1, 2, 0):
        save(np.full((4, 4), number, "uint8"), tmp_path / f"{number}.png")
    assert load(tmp_path).samples[:, 0, 0, 0].tolist() == [0, 1, 2, 3]


# Damage


def test_unreadable_pictures_are_left_out_with_one_warning_that_names_them(tmp_path):
    for name in ("a.png", "b.jpg", "c.gif", "d.webp", "e.bmp"):
        save(smooth(64, 64), tmp_path / f"good_{name}")
        content = (tmp_path / f"good_{name}").read_bytes()
        (tmp_path / f"short_{name}").write_bytes(content[: len(content) * 2 // 3])
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("no picture")
    with pytest.warns(UserWarning, match="could not be read") as caught:
        data = load_data(f"folder:{tmp_path}")
    assert len(data) == 5
    messages = [str(warning.message) for warning in caught]
    assert len(messages) == 1
    assert messages[0].startswith("7 images could not be read and are left out: ")
    assert "empty.png" in messages[0]
    assert "short_a.png" in messages[0]


def test_few_unreadable_pictures_are_all_named(tmp_path):
    save(smooth(8, 8), tmp_path / "good.png")
    for name in ("a.png", "b.jpg", "c.gif"):
        (tmp_path / name).write_bytes(b"")
    with pytest.warns(UserWarning, match=r"^3 images .*a\.png, .*b\.jpg, .*c\.gif$"):
        assert len(load_data(f"folder:{tmp_path}")) == 1


def test_damaged_bytes_never_stop_a_load(tmp_path):
    save(smooth(16, 16), tmp_path / "good.png")
    rng = np.random.default_rng(0)
    for suffix in ("png", "jpg", "gif", "webp", "bmp"):
        save(smooth(16, 16), tmp_path / f"source.{suffix}")
        content = (tmp_path / f"source.{suffix}").read_bytes()
        for number in range(30):
            damaged = bytearray(content)
            damaged[rng.integers(len(content))] = rng.integers(256)
            (tmp_path / f"{number}.{suffix}").write_bytes(damaged)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = load_data(f"folder:{tmp_path}", image_shape=(16, 16))
    assert 6 <= len(data) <= 156


def test_folder_without_pictures(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(ValueError, match=r"contains no readable image \(.*\.png.*\)"):
        load_data(f"folder:{tmp_path}")


def test_folder_of_only_damaged_pictures(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.warns(UserWarning, match="could not be read"), pytest.raises(ValueError, match="contains no readable image"):
        load_data(f"folder:{tmp_path}")


def test_missing_folder_and_file_instead_of_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*nowhere"):
        load_data(f"folder:{tmp_path / 'nowhere'}")
    (tmp_path / "file").write_text("")
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*file"):
        load_data(f"folder:{tmp_path / 'file'}")


# Sizes


def test_several_sizes_need_an_image_shape(tmp_path):
    save(smooth(8, 8), tmp_path / "a.png")
    save(smooth(8, 8), tmp_path / "b.png")
    save(smooth(9, 8)[..., 0], tmp_path / "c.png")
    with pytest.raises(ValueError, match=r"images of 2 sizes \(8x8 is the most common: 2 of 3\).*--image_size=32"):
        load_data(f"folder:{tmp_path}")
    assert load(tmp_path, image_shape=(8, 8)).samples.shape == (3, 8, 8, 3)


def test_sizes_are_counted_whatever_the_channels(tmp_path):
    for number in range(2):
        save(smooth(8, 8), tmp_path / f"colour{number}.png")
        save(smooth(8, 8)[..., 0], tmp_path / f"grey{number}.png")
    for number in range(3):
        save(smooth(9, 8), tmp_path / f"larger{number}.png")
    with pytest.raises(ValueError, match=r"images of 2 sizes \(8x8 is the most common: 4 of 7\)"):
        load_data(f"folder:{tmp_path}")


@pytest.mark.parametrize(
    ("shape", "part"), [((10, 10), np.s_[:, 5:15]), ((10, 4), np.s_[:, 8:12]), ((4, 20), np.s_[3:7]), ((10, 20), np.s_[:])]
)
def test_pictures_are_cut_at_the_centre(tmp_path, shape, part):
    picture = np.random.default_rng(0).integers(0, 256, (10, 20, 3), dtype="uint8")
    save(picture, tmp_path / "a.png")
    np.testing.assert_array_equal(load(tmp_path, image_shape=shape).samples[0], picture[part])


def test_cut_pictures_are_resized_as_pillow_does_it(tmp_path):
    picture = smooth(60, 100)
    save(picture, tmp_path / "a.png")
    expected = Image.fromarray(picture[:, 35:65].copy()).resize((15, 30), Image.Resampling.LANCZOS)
    samples = load(tmp_path, image_shape=(30, 15)).samples
    # At the cut edges the filter sees the pixels beyond, 3 columns deep.
    np.testing.assert_array_equal(samples[0, :, 3:-3], np.asarray(expected)[:, 3:-3])
    np.testing.assert_allclose(samples[0].astype(int), np.asarray(expected), atol=2)


# Larger than memory


def test_streamed_pictures_are_those_in_memory(tmp_path, monkeypatch):
    for number in range(12):
        save(smooth(20, 30, number), tmp_path / f"{'ab'[number % 2]}/{number:02}.jpg")
    held = load(tmp_path, image_shape=(16, 16))
    monkeypatch.setattr(memory_limit, "LIMIT", held.samples.nbytes - 1)
    streamed = load(tmp_path, image_shape=(16, 16))
    assert isinstance(held.samples, np.ndarray)
    assert isinstance(streamed.samples, Pictures)
    assert streamed.shape == held.shape
    assert not streamed.streamed  # fit needs no steps_per_epoch
    positions = np.array([7, 0, 11, 7])
    np.testing.assert_array_equal(streamed.samples[positions], held.samples[positions])
    ours, theirs = streamed.batches(5, seed=3, labels=True), held.batches(5, seed=3, labels=True)
    assert len(ours) == len(theirs) == 2
    for step in range(2):
        for a, b in zip(ours[step], theirs[step], strict=True):
            np.testing.assert_array_equal(a, b)


def test_data_of_just_the_limit_are_held_in_memory(tmp_path, monkeypatch):
    save(smooth(8, 8), tmp_path / "a.png")
    monkeypatch.setattr(memory_limit, "LIMIT", 8 * 8 * 3)
    assert isinstance(load(tmp_path).samples, np.ndarray)


# Notes


def test_tiff_files_are_images_and_other_files_are_counted(tmp_path):
    for shift, name in enumerate(("a.tif", "b.TIFF", "c.png")):
        save(smooth(8, 8, shift), tmp_path / name)
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "photo.heic").write_text("")
    (tmp_path / "other.heic").write_text("")
    data = load(tmp_path)
    assert len(data) == 3
    assert data.notes == ["3 other files were ignored: 2 .heic, 1 .txt"]


def test_what_happens_to_colour_photographs_is_noted(tmp_path):
    for shift, name in enumerate(("a.png", "b.png")):
        save(smooth(12, 16, shift), tmp_path / name)
    assert load_data(f"folder:{tmp_path}", image_shape=(8, 8, 1)).notes == ["2 images: resized to 8x8, made grey"]
    assert load_data(f"folder:{tmp_path}").notes == []


def test_copies_are_noted(tmp_path):
    for number in range(5):
        save(smooth(12, 16, shift=number % 2), tmp_path / f"{number}.png")
    assert load_data(f"folder:{tmp_path}").notes == ["3 of 5 images are copies of others"]


def test_transparency_and_16_bits_are_noted(tmp_path):
    save(np.dstack([smooth(12, 16), np.full((12, 16), 9, "uint8")]), tmp_path / "rgba.png")
    save(smooth(12, 16), tmp_path / "rgb.png")
    deep = np.arange(192, dtype="uint16").reshape(12, 16) * 300
    save(deep, tmp_path / "grey.png")
    save(deep[::-1], tmp_path / "grey.tiff")
    data = load_data(f"folder:{tmp_path}", background="black")
    assert data.notes == [
        "4 images: made RGB",
        "1 image has transparency: laid over black (--image_size=12x16x4 keeps it)",
        "2 images have more than 8 bits a channel: reduced to 8",
    ]
    assert load_data(f"folder:{tmp_path}", image_shape=(12, 16, 4)).notes == [
        "4 images: made RGBA",
        "2 images have more than 8 bits a channel: reduced to 8",
    ]


# A PNG of a red and a blue pixel with 16 bits in each of three channels, which Pillow does not write.
def test_16_bit_colour_is_noted(tmp_path):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    pixels = b"\0" + np.array([[65535, 0, 300], [0, 0, 65535]], ">u2").tobytes()
    header = struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    (tmp_path / "deep.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    data = load_data(f"folder:{tmp_path}")
    assert data.notes == ["1 image has more than 8 bits a channel: reduced to 8"]
    np.testing.assert_array_equal(data.samples[0], [[[255, 0, 1], [0, 0, 255]]])


def test_images_of_several_sizes_get_a_size_that_suits_them(tmp_path):
    for number, side in enumerate((70, 80, 90)):
        save(smooth(side, side), tmp_path / f"{number}.png")
    with pytest.raises(ValueError, match=r"images of 3 sizes .*image_shape=\(64, 64\) or --image_size=64"):
        load_data(f"folder:{tmp_path}")

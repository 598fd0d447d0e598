import numpy as np
import pytest
from PIL import Image

from keras_gans.data import load_data, memory_limit
from keras_gans.data.resize import ImageOptions


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype="uint8")


def save(picture, path, **options):
    (Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture).save(path, **options)


def one(folder, **arguments):
    return load_data(f"folder:{folder}", **arguments).samples[np.array([0])][0]


# Backgrounds


@pytest.mark.parametrize(
    ("background", "colour"),
    [("white", (255, 255, 255)), ("black", (0, 0, 0)), ("#204060", (32, 64, 96)), ("#fa0", (255, 170, 0))],
)
def test_what_is_transparent_shows_the_background(tmp_path, background, colour):
    picture, alpha = noise(6, 8, 3), noise(6, 8, 1)
    save(np.concatenate([picture, alpha], axis=-1), tmp_path / "a.png")
    share = alpha / 255
    expected = picture * share + np.array(colour) * (1 - share)
    np.testing.assert_allclose(one(tmp_path, background=background), expected, atol=1)


@pytest.mark.parametrize(("background", "shape"), [("black", (6, 8, 1)), ("red", (6, 8, 3))])
def test_grey_with_alpha_stays_grey_over_grey_only(tmp_path, background, shape):
    save(noise(6, 8, 2), tmp_path / "a.png")
    assert one(tmp_path, background=background).shape == shape


def test_transparent_colour_of_16_bit_grey(tmp_path):
    values = np.arange(48, dtype="uint16").reshape(6, 8) * 1300
    picture = Image.fromarray(values)
    save(picture, tmp_path / "a.png", transparency=1300 * 7)
    expected = np.rint(values / 257)
    expected[values == 1300 * 7] = 0
    np.testing.assert_array_equal(one(tmp_path, background="black")[..., 0], expected)


def test_transparent_colour_of_1_bit_grey_and_of_true_colour(tmp_path):
    bits = noise(6, 8) > 127
    save(bits, tmp_path / "a.png", transparency=0)
    np.testing.assert_array_equal(one(tmp_path, background="#808080")[..., 0], np.where(bits, 255, 128))
    (tmp_path / "a.png").unlink()
    picture = noise(6, 8, 3)
    save(picture, tmp_path / "a.png", transparency=tuple(int(c) for c in picture[2, 3]))
    picture[2, 3] = (255, 0, 0)
    np.testing.assert_array_equal(one(tmp_path, background="red"), picture)


@pytest.mark.parametrize("background", ["whit", "", "#12", 7, None])
def test_unknown_background_is_refused(background):
    with pytest.raises(ValueError, match="background must be a colour such as white, black or #40a0ff; received"):
        load_data("digits", background=background)


# Cutting and padding


def test_unknown_crop_suggests_the_nearest():
    with pytest.raises(ValueError, match=r"There is no crop 'center'. Did you mean 'centre'"):
        load_data("digits", crop="center")


@pytest.mark.parametrize(("height", "width"), [(10, 40), (40, 10), (24, 24), (50, 50), (3, 5)])
@pytest.mark.parametrize("target", [(24, 24), (16, 32), (32, 8)])
def test_padding_keeps_the_whole_picture_in_the_middle(height, width, target):
    picture = noise(height, width, 3)
    result = ImageOptions("pad", "#0000ff").prepare(Image.fromarray(picture), (*target, 3))
    assert result.shape == (*target, 3)
    unit = max(height / target[0], width / target[1])
    inner_height, inner_width = round(height / unit), round(width / unit)
    top, left = (target[0] - inner_height) // 2, (target[1] - inner_width) // 2
    expected = np.broadcast_to(np.array([0, 0, 255], "uint8"), (*target, 3)).copy()
    small = Image.fromarray(picture).resize((inner_width, inner_height), Image.Resampling.LANCZOS)
    expected[top : top + inner_height, left : left + inner_width] = small
    np.testing.assert_array_equal(result, expected)


def test_padding_grey_pictures_uses_the_backgrounds_brightness():
    result = ImageOptions("pad", "red").prepare(Image.fromarray(noise(4, 8)), (8, 8, 1))
    assert set(result[:2].ravel()) == {76}  # 0.299 of 255: ITU-R 601-2


@pytest.mark.parametrize(("height", "width"), [(20, 60), (60, 20), (31, 17)])
def test_random_cuts_are_parts_of_the_resized_picture_and_all_places_occur(height, width):
    picture, shape = noise(height, width, 3), (16, 16, 3)
    options = ImageOptions("random")
    prepared = options.prepare(Image.fromarray(picture), shape)
    unit = min(height, width) / 16
    size = (max(16, round(width / unit)), max(16, round(height / unit)))
    np.testing.assert_array_equal(prepared, Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
    places = set()
    for numbers in np.random.default_rng(0).random((2000, 2)):
        cut = options.cut(prepared, shape, numbers)
        assert cut.shape == shape
        found = [
            (top, left)
            for top in range(prepared.shape[0] - 15)
            for left in range(prepared.shape[1] - 15)
            if np.array_equal(prepared[top : top + 16, left : left + 16], cut)
        ]
        assert len(found) == 1
        places.add(found[0])
    assert len(places) == (prepared.shape[0] - 15) * (prepared.shape[1] - 15)


def test_the_largest_random_numbers_stay_inside():
    options = ImageOptions("random")
    largest = np.nextafter(np.float32(1), np.float32(0))
    assert options.cut(np.zeros((16, 1_000_000, 1), "uint8"), (16, 16, 1), (largest, largest)).shape == (16, 16, 1)


def test_endless_panoramas_lose_their_ends_before_they_are_cut_at_random():
    prepared = ImageOptions("random").prepare(Image.fromarray(noise(2, 4000, 3)), (64, 64, 3))
    assert prepared.shape == (64, 8 * 64, 3)


@pytest.mark.parametrize("source", ["digits", "npz"])
def test_all_sources_of_images_pad_and_cut(tmp_path, source):
    if source == "npz":
        np.savez(tmp_path / "a.npz", x=noise(30, 8, 8, 1))
        source = f"npz:{tmp_path / 'a.npz'}"
    padded = load_data(source, image_shape=(8, 16), crop="pad", background="black")
    np.testing.assert_array_equal(padded.samples[:, :, 4:12], load_data(source, image_shape=(8, 8)).samples)
    assert not padded.samples[:, :, :4].any()
    cut = load_data(source, image_shape=(8, 4), crop="random")
    whole = load_data(source, image_shape=(8, 8)).samples
    assert cut.shape == (8, 4, 1)
    np.testing.assert_array_equal(cut.samples[np.arange(5)], whole[:5, :, 2:6])  # without random numbers, the centre


def test_jpegs_much_larger_than_the_target_are_hardly_changed_by_quick_decoding(tmp_path):
    rows, columns = np.mgrid[:1200, :1600]
    waves = np.stack([np.sin(rows / 40), np.cos(columns / 50), np.sin((rows * columns) / 90_000)], axis=-1)
    save(np.rint(127.5 + 127 * waves).astype("uint8"), tmp_path / "a.jpg", quality=95)
    with Image.open(tmp_path / "a.jpg") as whole:
        expected = whole.convert("RGB").resize((48, 48), Image.Resampling.LANCZOS, box=(200, 0, 1400, 1200))
    difference = np.abs(one(tmp_path, image_shape=(48, 48)).astype(int) - np.asarray(expected))
    assert difference.mean() < 0.5
    assert difference.max() < 6


# Transparency that is kept


def test_transparency_is_kept_if_four_channels_are_wanted(tmp_path):
    picture = noise(6, 8, 4)
    picture[..., 3] |= 1
    save(picture, tmp_path / "a.png")
    np.testing.assert_array_equal(one(tmp_path, image_shape=(6, 8, 4)), picture)
    (tmp_path / "a.png").unlink()
    save(picture[..., :3], tmp_path / "b.png")
    opaque = one(tmp_path, image_shape=(6, 8, 4))
    np.testing.assert_array_equal(opaque[..., :3], picture[..., :3])
    assert (opaque[..., 3] == 255).all()


def test_the_colour_of_what_is_not_seen_does_not_bleed(tmp_path):
    """A red disc on transparent green has no green edge when it is reduced."""
    rows, columns = np.mgrid[:64, :64] - 31.5
    inside = (np.hypot(rows, columns) < 20)[..., None]
    save(np.where(inside, (255, 0, 0, 255), (0, 255, 0, 0)).astype("uint8"), tmp_path / "a.png")
    reduced = one(tmp_path, image_shape=(16, 16, 4))
    seen = reduced[..., 3] > 0
    assert (reduced[..., 3] < 255)[seen].sum() > 0
    assert (reduced[seen][:, :2] == (255, 0)).all()


def test_padding_is_transparent(tmp_path):
    save(np.full((8, 16, 4), 200, "uint8"), tmp_path / "a.png")
    padded = one(tmp_path, image_shape=(16, 16, 4), crop="pad")
    assert padded[:4, :, 3].max() == 0
    assert (padded[4:12, :, 3] == 200).all()


# Patches


def batch_of(data, seed=0, size=4, **arguments):
    samples, *conditions = data.batches(size, seed=seed, **arguments)[0]
    return samples, *conditions


def places(image, patches):
    """Where patches lie in an image of noise: row and column of each."""
    height, width = patches.shape[1:3]
    found = []
    for patch in patches:
        corners = np.argwhere((image == patch[0, 0]).all(axis=-1))
        found += [(r, c) for r, c in corners if np.array_equal(image[r : r + height, c : c + width], patch)]
    assert len(found) == len(patches)
    return np.array(found)


def test_patches_are_parts_of_images_of_any_size_without_resizing(tmp_path):
    image = noise(40, 50, 3)
    for number in range(8):
        save(image, tmp_path / f"{number}.png")
    data = load_data(f"folder:{tmp_path}", image_shape=(16, 16), crop="patch")
    assert data.notes == []
    first = places(image, batch_of(data, size=8)[0])
    assert len(np.unique(first, axis=0)) > 4
    np.testing.assert_array_equal(first, places(image, batch_of(data, size=8)[0]))
    # The middle, where nothing is random.
    np.testing.assert_array_equal(data.samples[np.array([0])][0], image[12:28, 17:33])


def test_large_jpegs_keep_their_size_in_patches(tmp_path):
    rows, columns = np.mgrid[:600, :800]
    image = np.stack([(rows + columns) % 256] * 3, axis=-1).astype("uint8")
    save(image, tmp_path / "a.jpg", quality=100)
    (patch,) = load_data(f"folder:{tmp_path}", image_shape=(32, 32), crop="patch").samples[np.array([0])]
    with Image.open(tmp_path / "a.jpg") as whole:
        np.testing.assert_array_equal(patch, np.asarray(whole)[284:316, 384:416])


def test_images_smaller_than_a_patch_are_left_out(tmp_path):
    save(noise(40, 50, 3), tmp_path / "a.png")
    save(noise(40, 15, 3), tmp_path / "b.png")
    with pytest.warns(UserWarning, match=r"left out: .*b\.png"):
        data = load_data(f"folder:{tmp_path}", image_shape=(16, 16), crop="patch")
    assert len(data) == 1
    assert data.skipped[0][1] == "40x15 pixels are fewer than the 16x16 of a patch"


# Super-resolution


def reduced(image, scale):
    height, width = (side // scale for side in image.shape[:2])
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("scale", [2, 4])
def test_inputs_of_super_resolution_are_reduced_as_pillow_does_it(tmp_path, scale):
    for number in range(3):
        save(np.random.default_rng(number).integers(0, 256, (16, 24, 3), "uint8"), tmp_path / f"{number}.png")
    data = load_data(f"folder:{tmp_path}", scale=scale)
    assert data.notes == [f"inputs are {scale} times smaller (Pillow's antialiased bicubic filter)"]
    assert data.conditions["images"].shape == (3, 16 // scale, 24 // scale, 3)
    for image, small in zip(data.samples, data.conditions["images"], strict=True):
        np.testing.assert_array_equal(small, reduced(image, scale))


@pytest.mark.parametrize("streamed", [False, True])
def test_random_patches_and_their_inputs_show_the_same_place(tmp_path, monkeypatch, streamed):
    image = noise(43, 50, 3)  # no multiple of 4
    for number in range(8):
        save(image, tmp_path / f"{number}.png")
    if streamed:
        monkeypatch.setattr(memory_limit, "fits", lambda shape: False)
    data = load_data(f"folder:{tmp_path}", image_shape=(16, 16), crop="patch", scale=4)
    patches, conditions = batch_of(data, size=8, conditions=("images",))
    large, small = places(image, patches), places(reduced(image[:40, :48], 4), conditions["images"])
    np.testing.assert_array_equal(large, 4 * small)
    assert len(np.unique(large, axis=0)) > 4


def test_a_class_and_a_scale_together(tmp_path):
    for label in "ab":
        (tmp_path / label).mkdir()
        save(noise(8, 8, 3), tmp_path / label / "0.png")
    data = load_data(f"folder:{tmp_path}", scale=2)
    assert sorted(data.conditions) == ["images", "labels"]
    assert data.labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("scale", "message"), [(3, "scale=3 must divide the height and width of images, 8x8"), (0, "scale must be an integer")]
)
def test_scales_that_do_not_fit(tmp_path, scale, message):
    save(noise(8, 8, 3), tmp_path / "a.png")
    with pytest.raises(ValueError, match=message):
        load_data(f"folder:{tmp_path}", scale=scale)

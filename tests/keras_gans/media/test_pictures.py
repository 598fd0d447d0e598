import numpy as np
import pytest
from PIL import Image

from keras_gans.media import Images, Points, infer, pictures


def random_images(*shape):
    return np.random.default_rng(0).integers(0, 255, shape, dtype="uint8")  # never white


# Between floats and bytes


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_to_uint8_inverts_the_scaling_of_every_byte(dtype):
    values = np.arange(256, dtype="uint8")
    np.testing.assert_array_equal(pictures.to_uint8((values / 127.5 - 1).astype(dtype)), values)


def test_to_uint8_cuts_what_lies_beyond_and_rounds_to_the_nearest():
    assert pictures.to_uint8(np.array([-7.0, -1.0, 0.006, 1.0, 1.001, 300.0])).tolist() == [0, 0, 128, 255, 255, 255]
    assert pictures.to_uint8(np.zeros(1)).dtype == np.uint8


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((8, 8, 1), True), ((8, 9, 3), True), ((8, 8, 4), True), ((8, 8, 2), False), ((8, 8), False), ((2,), False)],
)
def test_image_shapes(shape, expected):
    assert infer(shape).pixels is expected


# grid


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(
    ("n", "columns", "gap", "scale"), [(4, None, 2, 1), (5, None, 2, 1), (5, 2, 3, 2), (3, 5, 0, 3), (1, None, 1, 1)]
)
def test_grid_puts_each_image_in_its_place(n, columns, gap, scale, channels):
    height, width = 4, 6
    tiles = random_images(n, height, width, channels)
    canvas = pictures.grid(tiles, columns=columns, gap=gap, scale=scale)
    across = columns or {1: 1, 4: 2, 5: 3}[n]
    down = -(-n // across)
    step_down, step_across = height * scale + gap, width * scale + gap
    assert canvas.shape == (gap + down * step_down, gap + across * step_across, channels)
    assert canvas.dtype == np.uint8
    rest = canvas.copy()
    for index, tile in enumerate(tiles):
        top, left = gap + step_down * (index // across), gap + step_across * (index % across)
        place = np.s_[top : top + height * scale, left : left + width * scale]
        np.testing.assert_array_equal(canvas[place], np.kron(tile, np.ones((scale, scale, 1), "uint8")))
        rest[place] = 255
    assert (rest == 255).all()


def test_grid_runs_row_by_row():
    tiles = np.arange(4, dtype="uint8").reshape(4, 1, 1, 1)
    assert pictures.grid(tiles, gap=0)[..., 0].tolist() == [[0, 1], [2, 3]]


# scatter


def test_scatter_puts_points_where_a_plot_does():
    points = np.array([(-1, -1), (1, 1), (0.5, -0.5)])
    plot = pictures.scatter(points, size=5)
    assert plot.shape == (5, 5, 1)
    assert plot.dtype == np.uint8
    # Row 0 is the top: (-1, -1) is at the bottom left.
    assert {tuple(position) for position in np.argwhere(plot[..., 0] < 255)} == {(4, 0), (0, 4), (3, 3)}


def test_scatter_is_darker_where_more_points_are():
    plot = pictures.scatter(np.array([(-1.0, 0.0)] + [(1.0, 0.0)] * 3), size=3)[..., 0]
    assert plot[1, 2] < plot[1, 0] < plot[1, 1] == 255


def test_scatter_leaves_out_what_lies_outside():
    outside = np.array([(1.01, 0), (0, -2), (np.nan, 0), (np.inf, 1)])
    assert (pictures.scatter(outside) == 255).all()
    assert pictures.scatter(outside).shape == (256, 256, 1)


# picture


def test_picture_of_points_is_their_scatter_plot():
    points = np.random.default_rng(0).uniform(-1, 1, (50, 2)).astype("float32")
    drawn = Points((2,)).picture(points)
    assert drawn.shape == (256, 256, 1)
    assert 40 <= (drawn < 255).sum() <= 50


@pytest.mark.parametrize(("size", "scale"), [(8, 7), (28, 2), (56, 1), (64, 1)])
def test_picture_of_small_images_is_enlarged(size, scale):
    drawn = Images((size, size, 3)).picture(np.full((4, size, size, 3), -1, "float32"))
    side = 2 * size * scale + 6  # two images and three gaps of two pixels
    assert drawn.shape == (side, side, 3)
    assert (drawn == 0).sum() == 3 * 4 * (size * scale) ** 2


@pytest.mark.parametrize("shape", [(4, 3), (4, 8, 8), (4, 8, 8, 2), (4, 8, 8, 5), (4, 2, 8, 8, 3)])
def test_picture_of_anything_else_is_refused(shape):
    with pytest.raises(
        ValueError, match=r"Samples of shape .* cannot be drawn: only images \(1, 3 or 4 channels\) and 2-D points"
    ):
        infer(shape[1:]).tiles(np.zeros(shape, "float32"))


# Files


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ["a.png", "a.PNG", "a.bmp", "deep/er/a.png"])
def test_saved_pictures_are_read_back_by_pillow(tmp_path, name, channels):
    array = random_images(20, 30, channels)
    pictures.save_picture(tmp_path / name, array)
    with Image.open(tmp_path / name) as opened:
        assert opened.mode == {1: "L", 3: "RGB"}[channels]
        np.testing.assert_array_equal(np.asarray(opened).reshape(array.shape), array)


@pytest.mark.parametrize(("name", "form"), [("a.jpg", "JPEG"), ("a.webp", "WEBP"), ("a.gif", "GIF")])
def test_suffix_says_the_format(tmp_path, name, form):
    pictures.save_picture(str(tmp_path / name), np.full((20, 30, 3), 90, "uint8"))
    with Image.open(tmp_path / name) as opened:
        assert (opened.format, opened.size) == (form, (30, 20))
        np.testing.assert_allclose(np.asarray(opened.convert("RGB")).astype(int), 90, atol=2)


@pytest.mark.parametrize("name", ["a.txt", "a.npy", "a"])
def test_unknown_suffix_is_refused_before_anything_is_written(tmp_path, name):
    with pytest.raises(ValueError, match=f"^{name}: .* is not an image format; use .png"):
        pictures.save_picture(tmp_path / name, random_images(4, 4, 1))
    assert list(tmp_path.iterdir()) == []


def test_format_that_pillow_only_reads_is_refused_as_well(tmp_path):
    with pytest.raises(ValueError, match=r"a.psd: .* is not an image format; use .png"):
        pictures.save_picture(tmp_path / "a.psd", random_images(4, 4, 1))
    assert list(tmp_path.iterdir()) == []


def frames(folder, count):
    paths = []
    for number in range(count):
        paths.append(folder / f"{number}.png")
        Image.fromarray(np.full((6, 8), 20 * number, "uint8")).save(paths[-1])
    return paths


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_animation_shows_every_frame_and_the_last_longest(tmp_path, suffix):
    pictures.save_animation(tmp_path / f"a.{suffix}", frames(tmp_path, 5), seconds=1.0)
    with Image.open(tmp_path / f"a.{suffix}") as opened:
        assert opened.n_frames == 5
        assert opened.info["loop"] == 0  # for ever
        durations = []
        for number in range(5):
            opened.seek(number)
            opened.load()
            durations.append(opened.info["duration"])
            np.testing.assert_allclose(np.asarray(opened.convert("L")).astype(int), 20 * number, atol=2)
    assert durations == [200, 200, 200, 200, 1500]


def test_animation_of_colour_and_palette_pictures(tmp_path):
    paths = frames(tmp_path, 2)
    Image.new("RGB", (8, 6), "red").save(paths[0])
    Image.new("RGB", (8, 6), "blue").quantize(4).save(paths[1])
    pictures.save_animation(tmp_path / "a.gif", paths)
    with Image.open(tmp_path / "a.gif") as opened:
        assert opened.convert("RGB").getpixel((0, 0)) == (255, 0, 0)
        opened.seek(1)
        assert opened.convert("RGB").getpixel((0, 0)) == (0, 0, 255)


# Transparency


def test_transparent_images_show_on_a_checkerboard():
    images = np.zeros((2, 16, 24, 4), "uint8")
    images[..., :3] = (200, 100, 0)
    images[0, ..., 3] = 255
    images[1, ..., 3] = 51  # a fifth
    solid, thin = pictures.opaque(images)
    assert (solid == (200, 100, 0)).all()
    light, dark = 0.8 * 191.25, 0.8 * 63.75
    np.testing.assert_array_equal(thin[0, 0], np.rint(np.array([40, 20, 0]) + light))
    np.testing.assert_array_equal(thin[0, 2], np.rint(np.array([40, 20, 0]) + dark))  # 8 squares along 16 pixels
    np.testing.assert_array_equal(thin[2, 2], thin[0, 0])
    plain = images[..., :3]
    assert pictures.opaque(plain) is plain


@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg"])
def test_transparency_is_kept_where_files_can_have_it_and_white_elsewhere(tmp_path, suffix):
    image = np.zeros((16, 16, 4), "uint8")
    image[:8] = (255, 0, 0, 255)
    pictures.save_picture(tmp_path / f"a{suffix}", image)
    with Image.open(tmp_path / f"a{suffix}") as picture:
        assert picture.mode == ("RGB" if suffix == ".jpg" else "RGBA")
        read = np.asarray(picture.convert("RGBA")).astype(int)
    assert read[12, 8].tolist()[3] == (255 if suffix == ".jpg" else 0)
    if suffix == ".jpg":
        assert read[12, 8, :3].min() > 240
    np.testing.assert_allclose(read[2, 8], (255, 0, 0, 255), atol=6)

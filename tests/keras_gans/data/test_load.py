import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from keras_gans.data import Data, load_data
from keras_gans.data.streams import Stream


@pytest.fixture
def npz(tmp_path):
    """Writes arrays to an archive and returns it as a data source."""

    def write(**arrays):
        np.savez(tmp_path / "data.npz", **arrays)
        return f"npz:{tmp_path / 'data.npz'}"

    return write


def random_images(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype="uint8")


# digits


def test_digits_are_those_of_scikit_learn():
    data, reference = load_data("digits"), load_digits()
    assert data.samples.shape == (1797, 28, 28, 1)
    assert data.samples.dtype == np.uint8
    np.testing.assert_array_equal(data.labels, reference.target)
    assert list(data.class_names) == [str(name) for name in range(10)]
    assert data.licence == "CC BY 4.0"


def test_enlarged_digits_downsized_again_are_nearly_the_originals():
    data, originals = load_data("digits"), load_digits().images * (255 / 16)
    small = [np.asarray(Image.fromarray(image[..., 0]).resize((8, 8), Image.Resampling.LANCZOS)) for image in data.samples]
    # The filter's overshoot below black and above white was cut off, which a few grey levels of 255 are lost to.
    assert np.abs(np.array(small, "float64") - originals).mean() < 10
    assert np.corrcoef(np.ravel(small), originals.ravel())[0, 1] > 0.99


def test_digits_at_their_own_size_are_exact():
    data = load_data("digits", image_shape=(8, 8))
    np.testing.assert_array_equal(data.samples[..., 0], np.rint(load_digits().images * 255 / 16))


def test_digits_in_colour_have_three_equal_channels():
    opaque = load_data("digits", image_shape=(16, 16, 4)).samples
    np.testing.assert_array_equal(opaque[..., 3], 255)
    data, grey = load_data("digits", image_shape=(16, 16, 3)), load_data("digits", image_shape=(16, 16))
    assert data.shape == (16, 16, 3)
    np.testing.assert_array_equal(data.samples, np.repeat(grey.samples, 3, axis=-1))


def test_digits_are_cut_not_squeezed_to_other_proportions():
    data = load_data("digits", image_shape=(8, 4))
    np.testing.assert_array_equal(data.samples[..., 0], np.rint(load_digits().images * 255 / 16)[:, :, 2:6])


# ring and grid


@pytest.mark.parametrize(("source", "modes", "std"), [("ring", 8, 0.016), ("grid", 25, 0.01)])
def test_mixtures_are_drawn_around_the_published_centres(source, modes, std):
    data = load_data(source)
    if source == "ring":
        centres = [(0.8 * np.cos(k * np.pi / 4), 0.8 * np.sin(k * np.pi / 4)) for k in range(8)]
    else:
        centres = [(x, y) for y in (-0.8, -0.4, 0, 0.4, 0.8) for x in (-0.8, -0.4, 0, 0.4, 0.8)]
    centres = np.array(centres)
    assert data.samples.shape == (16_384, 2)
    assert data.samples.dtype == np.float32
    counts = np.bincount(data.labels, minlength=modes)
    assert len(counts) == modes
    # Binomial counts lie within five standard deviations, and so do the means and spreads of each mode.
    np.testing.assert_allclose(counts, 16_384 / modes, atol=5 * np.sqrt(16_384 / modes))
    for mode, centre in enumerate(centres):
        points = data.samples[data.labels == mode].astype("float64")
        np.testing.assert_allclose(points.mean(axis=0), centre, atol=5 * std / np.sqrt(len(points)))
        np.testing.assert_allclose(points.std(axis=0), std, rtol=5 / np.sqrt(2 * len(points)))


def test_mixtures_are_the_same_each_time():
    np.testing.assert_array_equal(load_data("ring").samples, load_data("ring").samples)


# What does not exist


@pytest.mark.parametrize(("source", "nearest"), [("digit", "digits"), ("rings", "ring"), ("gird", "grid")])
def test_misspelt_source_suggests_the_nearest(source, nearest):
    with pytest.raises(ValueError, match=f"There is no data source '{source}'. Did you mean '{nearest}'") as error:
        load_data(source)
    assert "npz:PATH" in str(error.value)


@pytest.mark.parametrize("source", ["npz:", "folder:", "tfds:"])
def test_source_that_names_nothing(source):
    with pytest.raises(ValueError, match="names nothing after the colon"):
        load_data(source)


def test_unknown_kind_of_source_lists_the_kinds():
    with pytest.raises(ValueError, match=r"no kind of data source 'http:'.*folder:PATH.*npz:PATH.*tfds:NAME"):
        load_data("http://example.org/images")


@pytest.mark.parametrize("source", ["digits", "ring", "grid", "npz:somewhere.npz", "folder:somewhere"])
def test_sources_without_splits_say_so(source):
    with pytest.raises(ValueError, match="has only the split 'train', not 'test'"):
        load_data(source, split="test")


# image_shape


@pytest.mark.parametrize("shape", [(16,), (16, 16, 2), (16, 16, 5), (0, 16), (16, -1), (2, 16, 16, 1), (16.5, 16), 16])
def test_impossible_image_shape_is_refused(shape):
    with pytest.raises(ValueError, match="image_shape must be"):
        load_data("digits", image_shape=shape)


def test_image_shape_may_be_a_list():
    assert load_data("digits", image_shape=[12, 10]).shape == (12, 10, 1)


# npz


@pytest.mark.parametrize("name", ["x", "images", "x_train", "samples", "arr_0"])
def test_npz_samples_are_found_under_their_usual_names(npz, name):
    images = random_images(3, 6, 5, 3)
    data = load_data(npz(**{name: images, "z": np.zeros(7)}))
    np.testing.assert_array_equal(data.samples, images)
    assert data.labels is None
    assert data.shape == (6, 5, 3)
    assert len(data) == 3


@pytest.mark.parametrize("labels", [np.array([4, 0, 2]), np.array([[4], [0], [2]], "uint8")], ids=["flat", "column"])
@pytest.mark.parametrize("name", ["y", "labels", "y_train"])
def test_npz_labels(npz, name, labels):
    data = load_data(npz(x=random_images(3, 4, 4, 1), **{name: labels}))
    np.testing.assert_array_equal(data.labels, [4, 0, 2])
    assert data.labels.dtype == np.int32


def test_npz_of_one_sample_may_have_its_label(npz):
    np.testing.assert_array_equal(load_data(npz(x=random_images(1, 4, 4, 1), y=np.array([3]))).labels, [3])


def test_npz_grey_images_without_a_channel_axis_get_one(npz):
    images = random_images(3, 6, 5)
    np.testing.assert_array_equal(load_data(npz(x=images)).samples, images[..., None])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(5, 2), (5, 4, 4, 1), (5, 3, 4, 5, 1)])
def test_npz_floats_of_any_shape_are_kept(npz, shape, dtype):
    values = np.random.default_rng(0).uniform(-1, 1, shape).astype(dtype)
    data = load_data(npz(x=values))
    assert data.samples.dtype == np.float32
    np.testing.assert_array_equal(data.samples, values.astype("float32"))


def test_npz_floats_may_reach_both_ends_of_the_range(npz):
    np.testing.assert_array_equal(load_data(npz(x=np.array([[-1.0, 1.0]]))).samples, [[-1, 1]])


@pytest.mark.parametrize("channels", [1, 3])
def test_npz_images_are_resized_as_pillow_does_it(npz, channels):
    images = random_images(2, 12, 12, channels)
    data = load_data(npz(x=images), image_shape=(6, 6))
    pictures = [Image.fromarray(image.squeeze()).resize((6, 6), Image.Resampling.LANCZOS) for image in images]
    expected = np.array([np.asarray(picture).reshape(6, 6, channels) for picture in pictures])
    np.testing.assert_array_equal(data.samples, expected)


def test_npz_images_are_cut_at_the_centre_to_other_proportions(npz):
    images = random_images(2, 6, 10, 1)
    np.testing.assert_array_equal(load_data(npz(x=images), image_shape=(6, 4)).samples, images[:, :, 3:7])


def test_npz_floats_that_have_the_wanted_shape_already_are_no_error(npz):
    assert load_data(npz(x=np.zeros((2, 4, 4, 1), "float32")), image_shape=(4, 4)).shape == (4, 4, 1)


def test_missing_npz_names_the_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file .*nothing.npz"):
        load_data(f"npz:{tmp_path / 'nothing.npz'}")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": random_images(2, 4, 4, 1)}, r"holds the arrays \['pictures'\]; samples must be named one of"),
        ({}, "samples must be named one of"),
        ({"x": np.zeros(5, "float32")}, r"samples of shape \(5,\)"),
        ({"x": np.zeros((0, 4, 4, 1), "uint8")}, "at least one sample"),
        ({"x": random_images(2, 4, 4, 2)}, "1, 3 or 4 channels"),
        ({"x": random_images(2, 3, 4, 5)}, "1, 3 or 4 channels"),
        ({"x": random_images(2, 9)}, "1, 3 or 4 channels"),
        ({"x": np.zeros((2, 4, 4, 1), "int64")}, "dtype int64; use uint8"),
        ({"x": np.zeros((2, 4, 4, 1), "bool")}, "dtype bool; use uint8"),
        ({"x": np.array([[0, 0], [0, np.nan], [np.inf, 0]])}, "2 samples contain NaN or infinity; the first is number 1"),
        ({"x": np.array([[0, 0], [0, -255.0]])}, r"must lie in \[-1, 1\]; these reach 255. Pass uint8"),
        ({"x": np.array([{"a": 1}, None])}, "cannot be read as a NumPy archive"),
        ({"x": random_images(3, 4, 4, 1), "y": np.array([0, 1])}, r"labels of shape \(2,\).*each of the 3 samples"),
        ({"x": random_images(3, 4, 4, 1), "y": np.zeros(3)}, "labels of.*dtype float64"),
        ({"x": random_images(3, 4, 4, 1), "y": np.eye(3, dtype="int32")}, r"labels of shape \(3, 3\)"),
    ],
)
def test_unusable_npz_says_why(npz, arrays, message):
    source = npz(**arrays)
    with pytest.raises(ValueError, match=message) as error:
        load_data(source)
    assert "data.npz" in str(error.value)


def test_npz_floats_are_not_resized(npz):
    with pytest.raises(ValueError, match="only uint8 images can be resized"):
        load_data(npz(x=np.zeros((2, 4, 4, 1), "float32")), image_shape=(8, 8))


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"PK\x03\x04"])
def test_file_that_is_no_archive(tmp_path, content):
    (tmp_path / "data.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"data\.npz .*cannot be read as a NumPy archive"):
        load_data(f"npz:{tmp_path / 'data.npz'}")


def test_single_array_named_npz(tmp_path):
    with open(tmp_path / "data.npz", "wb") as f:
        np.save(f, random_images(2, 4, 4, 1))
    with pytest.raises(ValueError, match=r"data\.npz .*cannot be read as a NumPy archive"):
        load_data(f"npz:{tmp_path / 'data.npz'}")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damaged_npz_is_refused_or_harmless(tmp_path, save):
    path = tmp_path / "data.npz"
    images = random_images(3, 4, 4, 1)
    save(path, x=images)
    good = path.read_bytes()
    for position in range(len(good)):
        path.write_bytes(good[:position] + bytes([good[position] ^ 255]) + good[position + 1 :])
        try:
            samples = load_data(f"npz:{path}").samples
        except ValueError as error:
            assert "data.npz" in str(error)
        else:
            np.testing.assert_array_equal(samples, images)


# batches


def test_batch_larger_than_the_data_is_refused_with_the_largest_possible(npz):
    data = load_data(npz(x=random_images(5, 4, 4, 1)))
    with pytest.raises(ValueError, match="holds 5 samples, fewer than one batch of 6: set batch_size to at most 5"):
        data.batches(6)
    assert len(data.batches(5)) == 1


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, "64", None])
def test_impossible_batch_size_is_refused(batch_size):
    with pytest.raises(ValueError, match="batch_size must be an integer of at least 1"):
        load_data("ring").batches(batch_size)


def test_labels_that_are_missing_are_refused(npz):
    data = load_data(npz(x=random_images(5, 4, 4, 1)))
    with pytest.raises(ValueError, match="has no labels, which this model needs"):
        data.batches(2, labels=True)


def test_labels_that_a_stream_has_not_are_refused():
    import tensorflow as tf

    examples = tf.data.Dataset.from_tensor_slices({"image": random_images(5, 4, 4, 1)})
    data = Data("unlabelled", Stream(examples, (5, 4, 4, 1)))
    with pytest.raises(ValueError, match="has no labels, which this model needs"):
        data.batches(2, labels=True)


def test_labels_are_left_out_unless_asked_for():
    assert len(load_data("ring").batches(2)[0]) == 1
    assert len(load_data("ring").batches(2, labels=True)[0]) == 2


# What a user sees of data


def test_data_describe_themselves_in_a_line_and_in_a_notebook():
    data = load_data("digits")
    assert repr(data) == "digits: 1,797 samples of 28x28x1, 10 classes"
    assert data._repr_html_().startswith("<p>digits: 1,797 samples of 28x28x1, 10 classes</p><img ")
    assert repr(Data("one <b>", np.zeros((1, 3), "float32"))) == "one <b>: 1 sample of 3"
    assert Data("one <b>", np.zeros((1, 3), "float32"))._repr_html_() == "<p>one &lt;b&gt;: 1 sample of 3</p>"


def test_an_array_file_is_samples(tmp_path):
    images = random_images(5, 4, 4, 3)
    np.save(tmp_path / "x.npy", images)
    data = load_data(f"npz:{tmp_path / 'x.npy'}")
    np.testing.assert_array_equal(data.samples, images)
    assert data.labels is None
    (tmp_path / "x.npy").write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"x\.npy is damaged, or is not a NumPy array"):
        load_data(f"npz:{tmp_path / 'x.npy'}")


def test_resizing_an_archive_is_noted(npz):
    data = load_data(npz(x=random_images(5, 8, 8, 3)), image_shape=(4, 4, 1))
    assert data.notes == ["5 images: resized to 4x4, made grey"]


def test_many_samples_left_out_of_an_epoch_are_noted():
    data = Data("mine", random_images(100, 4, 4, 1))
    data.batches(50)
    assert data.notes == []
    data.batches(64)
    data.batches(64)
    assert data.notes == ["36 of 100 samples are left out of each epoch at batch size 64, others each time"]

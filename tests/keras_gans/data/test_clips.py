"""Clips of a folder: what becomes of files of all kinds, which frames samples show, and what is said of it."""

import numpy as np
import pytest
from PIL import Image

from keras_gans import video
from keras_gans.data import load_data
from keras_gans.data.skipped import UnreadableWarning


def clip(frames, height=20, width=24, channels=3):
    """Returns a clip whose frame k has the grey level k in a large part, and an opaque or a transparent rest."""
    found = np.zeros((frames, height, width, channels), "uint8")
    found[..., : min(channels, 3)] = np.arange(frames, dtype="uint8")[:, None, None, None]
    if channels == 4:
        found[..., 3] = 255
        found[:, :, -1, 3] = 0
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("clips")
    for name in ("run", "walk", "walk/e"):
        (root / name).mkdir()
    video.write(root / "walk/a.gif", clip(20), 10)
    video.write(root / "walk/b.webp", clip(40), 10)
    video.write(root / "run/c.apng", clip(16, channels=4), 10)
    video.write(root / "run/short.gif", clip(5), 10)
    for number, frame in enumerate(clip(18)):
        Image.fromarray(frame).save(root / f"walk/e/frame_{number}.png")
    Image.fromarray(np.concatenate(list(clip(17, 20, 20)), axis=1)).save(root / "walk/strip.png")
    (root / "run/broken.gif").write_bytes((root / "walk/a.gif").read_bytes()[:300])
    (root / "run/empty.webp").write_bytes(b"")
    Image.fromarray(clip(1)[0]).save(root / "run/still.png")
    (root / "notes.txt").write_text("x")
    return root


def load(folder, **options):
    with pytest.warns(UnreadableWarning):
        return load_data(f"video:{folder}", (16, 16), "all", **options)


def test_a_messy_folder_is_reported(folder):
    data = load(folder)
    assert {(name.rpartition("/")[2], reason) for name, reason in data.skipped} == {
        ("broken.gif", "The file is cut off"),
        ("empty.webp", "it is not a GIF, WebP, PNG, JPEG, BMP or TIFF file"),
        (
            "still.png",
            "it is a single picture of 20x24 pixels, and no film strip, whose longer side is a multiple of the shorter one",
        ),
    }
    assert data.notes == [
        "5 clips of 16 to 40 frames became 6 samples of 16 frames, 10 a second",
        "1 clip has fewer than the 16 frames that a sample spans and was left out, such as short.gif (5)",
        "2 clips do not tell the frame rate: 10 frames per second are taken for it (fps)",
        "5 clips: resized to 16x16",
        "1 clip has transparent pixels: laid over white",
        "1 other file was ignored: 1 .txt",
    ]
    assert (data.shape, data.medium.fps, data.class_names) == ((16, 16, 16, 3), 10.0, ["run", "walk"])
    # In the order of the names: the clip of 40 frames gives two samples.
    assert data.labels.tolist() == [0, 1, 1, 1, 1, 1]


def test_samples_show_frames_in_their_order_and_at_their_stride(folder):
    data = load(folder, frames=5, stride=3)
    samples, _ = data.source.read(np.arange(len(data)), np.random.default_rng(0).random((len(data), 1)))
    # A frame shows its number.
    steps = np.diff(samples[:, :, 8, 8, 0].astype(int), axis=1)
    assert (steps == 3).all()
    assert data.medium.fps == pytest.approx(10 / 3)


def test_windows_are_a_function_of_seed_epoch_and_step(folder):
    def begins(data, epoch, seed=0):
        batches = data.batches(3, seed)
        loaded = [batches.load(rows, (epoch, step, 0))[0] for step, rows in enumerate(batches.order(0))]
        return np.concatenate(loaded)[:, 0, 8, 8, 0]

    data = load(folder, frames=4)
    assert (begins(data, 0) == begins(load(folder, frames=4), 0)).all()
    assert (begins(data, 0) != begins(data, 1)).any()
    assert (begins(data, 0) != begins(data, 0, seed=1)).any()


def test_samples_of_a_long_clip_begin_in_different_parts(folder):
    data = load(folder, frames=8)
    samples, _ = data.source.read(np.arange(len(data)))
    owners = data.source.owners
    begins = samples[:, 0, 8, 8, 0].astype(int)
    for owner in set(owners.tolist()):
        assert (np.diff(begins[owners == owner]) >= 4).all()


def test_clips_are_brought_to_a_frame_rate(folder):
    data = load(folder, frames=8, fps=5.0)
    samples, _ = data.source.read(np.arange(len(data)))
    steps = np.diff(samples[:, :, 8, 8, 0].astype(int), axis=1)
    told = [2, 2, 2]  # those of 10 frames a second show every second frame
    assert steps[:3, 0].tolist() == told
    assert "3 clips were brought from 10 to 5 frames per second" in data.notes
    assert data.medium.fps == 5.0


def test_frame_folders_tell_their_rate_in_a_file(tmp_path):
    for name in ("0", "1"):
        (tmp_path / name).mkdir()
        for number, frame in enumerate(clip(16)):
            Image.fromarray(frame).save(tmp_path / name / f"{number:04}.png")
    assert load_data(f"video:{tmp_path}", split="all").medium.fps != 24.0
    (tmp_path / "clips.json").write_text('{"fps": 24}')
    (tmp_path / "others.json").write_text("{}")
    data = load_data(f"video:{tmp_path}", split="all")
    assert "1 other file was ignored: 1 .json" in data.notes
    # The folder of a clip is not a class.
    assert (len(data), data.medium.fps, data.labels) == (2, 24.0, None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frames": 50}, "contains no clip of the 50 frames that a sample spans .* the longest of 6 has 40"),
        ({"fps": -1.0}, "fps must be a number above 0"),
        ({"frames": 1}, "frames must be an integer of at least 2"),
        ({"stride": 0}, "stride must be an integer of at least 1"),
        ({"image_shape": None}, "contains clips of 2 sizes .*image_shape"),
        ({"length": 3}, "takes no option 'length'"),
    ],
)
@pytest.mark.filterwarnings("ignore::keras_gans.data.skipped.UnreadableWarning")
def test_mistakes_say_what_to_do(folder, options, message):
    with pytest.raises(ValueError, match=message):
        load_data(f"video:{folder}", **{"image_shape": (16, 16), "split": "all", **options})


def test_several_rates_need_a_choice(folder, tmp_path):
    video.write(tmp_path / "a.gif", clip(20), 10)
    video.write(tmp_path / "b.gif", clip(20), 25)
    with pytest.raises(ValueError, match=r"several frame rates \(1 of 10, 1 of 25 frames per second\): choose one"):
        load_data(f"video:{tmp_path}", split="all")


def test_a_broken_clip_is_an_error_if_strict(folder):
    with pytest.raises(ValueError, match=r"3 clips cannot be read, which strict forbids: .*broken.gif \(The file is cut off\)"):
        load_data(f"video:{folder}", (16, 16), "all", strict=True)

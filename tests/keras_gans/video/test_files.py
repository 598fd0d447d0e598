"""Clips in files: what was written is read, at the same rate, and what is damaged is said to be."""

import numpy as np
import pytest
from PIL import Image

from keras_gans import Declaration, declaration, video


def clip(frames=12, height=20, width=24, channels=3):
    """Returns noise, with two equal frames in a row in the middle and at the end."""
    found = np.random.default_rng(0).integers(0, 256, (frames, height, width, channels), "uint8")
    found[5], found[-1] = found[4], found[-2]
    if channels == 4:
        found[..., 3] = 128 + found[..., 3] // 2
    return found


@pytest.mark.parametrize("fps", [8, 12.5, 15, 30])
@pytest.mark.parametrize("suffix", [".webp", ".gif", ".apng"])
def test_frames_and_rate_come_back(suffix, fps, tmp_path):
    frames = clip(channels=1)
    video.write(tmp_path / f"clip{suffix}", frames, fps)
    found = video.read(tmp_path / f"clip{suffix}")
    assert found.fps == fps
    # WebP has no grey.
    np.testing.assert_array_equal(found.frames[..., :1], frames)
    assert found.frames.shape[-1] == (3 if suffix == ".webp" else 1)


@pytest.mark.parametrize("suffix", [".webp", ".apng"])
def test_colour_and_opacity_come_back(suffix, tmp_path):
    frames = clip(channels=4)
    video.write(tmp_path / f"clip{suffix}", frames)
    np.testing.assert_array_equal(video.read(tmp_path / f"clip{suffix}").frames, frames)


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_videos_come_back_nearly(suffix, tmp_path):
    pytest.importorskip("av")
    rows = np.linspace(0, 255, 128).astype("uint8")[None, :, None, None]
    frames = np.broadcast_to(rows, (10, 128, 130, 3)).copy()
    frames[5:] //= 2
    video.write(tmp_path / f"clip{suffix}", frames, 12.5, Declaration(model="a"))
    found = video.read(tmp_path / f"clip{suffix}")
    assert (found.frames.shape, found.fps) == (frames.shape, 12.5)
    assert np.abs(found.frames.astype(int) - frames).mean() < 3


def test_small_and_odd_clips_become_videos_of_even_sides(tmp_path):
    pytest.importorskip("av")
    video.write(tmp_path / "clip.mp4", clip(height=33, width=35))
    _, height, width, _ = video.read(tmp_path / "clip.mp4").frames.shape
    assert (height, width) == (132, 140)


def test_a_clip_declares_its_origin(tmp_path):
    for name in ("clip.webp", "clip.gif", "clip.apng"):
        video.write(tmp_path / name, clip(), 8, Declaration(model="video_gan"))
        packet = declaration.extract((tmp_path / name).read_bytes())
        assert Declaration.from_xmp(packet).model == "video_gan"
        assert video.read(tmp_path / name).fps == 8


def test_strips_and_folders_are_clips_without_a_rate(tmp_path):
    frames = clip(height=10, width=10)
    Image.fromarray(np.concatenate(list(frames), axis=1)).save(tmp_path / "across.png")
    Image.fromarray(np.concatenate(list(frames), axis=0)).save(tmp_path / "down.png")
    (tmp_path / "frames").mkdir()
    for number, frame in enumerate(frames):  # 10 comes after 9, not after 1
        Image.fromarray(frame).save(tmp_path / "frames" / f"f{number}.png")
    for name in ("across.png", "down.png", "frames"):
        found = video.read(tmp_path / name)
        np.testing.assert_array_equal(found.frames, frames)
        assert found.fps is None


def test_a_frame_that_is_shown_longer_counts_as_several(tmp_path):
    pictures = [Image.fromarray(frame) for frame in clip()[:3]]
    pictures[0].save(tmp_path / "clip.webp", save_all=True, append_images=pictures[1:], duration=[100, 300, 200], lossless=True)
    found = video.read(tmp_path / "clip.webp")
    assert (len(found.frames), found.fps) == (6, 10.0)
    shown = [[bool((frame == each).all()) for each in clip()[:3]].index(True) for frame in found.frames]
    assert shown == [0, 1, 1, 1, 2, 2]


@pytest.mark.parametrize("suffix", [".webp", ".gif", ".apng"])
def test_a_file_that_was_cut_off_is_refused(suffix, tmp_path):
    path = tmp_path / f"clip{suffix}"
    video.write(path, clip())
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=f"clip{suffix} cannot be read"):
        video.read(path)


def test_what_is_no_clip_is_refused(tmp_path):
    Image.new("L", (30, 20)).save(tmp_path / "picture.png")
    (tmp_path / "text.gif").write_text("GIF")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="a single picture of 20x30 pixels, and no film strip"):
        video.read(tmp_path / "picture.png")
    with pytest.raises(ValueError, match="not a GIF, WebP, PNG"):
        video.read(tmp_path / "text.gif")
    with pytest.raises(ValueError, match="contains no pictures"):
        video.read(tmp_path / "empty")
    with pytest.raises(FileNotFoundError):
        video.read(tmp_path / "missing.gif")
    with pytest.raises(ValueError, match=r"clips are written to \.webp, \.gif"):
        video.write(tmp_path / "clip.txt", clip())
    with pytest.raises(ValueError, match="fps must be a number above 0"):
        video.write(tmp_path / "clip.webp", clip(), 0)
    with pytest.raises(ValueError, match="uint8"):
        video.write(tmp_path / "clip.webp", clip().astype("float32"))

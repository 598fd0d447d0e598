"""Reading and writing pictures, beyond what the folder of test_apply_files.py holds."""

import dataclasses
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from keras_gans.applying.picture_files import read_picture
from keras_gans.applying.transparency import bleed
from keras_gans.applying.written_files import fit_format, write_picture
from keras_gans.data.skipped import UnreadableError
from tests.keras_gans.data.messy import waves

SRGB = ImageCms.createProfile("sRGB")


def saved(path, picture, **options):
    picture.save(path, **options)
    return read_picture(path)


def test_one_transparent_colour_becomes_opacity(tmp_path):
    grey = np.arange(12, dtype="uint8").reshape(3, 4)
    for pixels, transparent in ((grey, 5), (np.dstack([grey] * 3), (5, 5, 5)), (grey.astype("uint16") * 1000, 5000)):
        picture = saved(tmp_path / "a.png", Image.fromarray(pixels), transparency=transparent)
        np.testing.assert_array_equal(picture.alpha == 0, grey == 5)
        assert picture.alpha.max() == picture.largest
        assert picture.colours.dtype == pixels.dtype
        np.testing.assert_array_equal(picture.colours.squeeze(), pixels)


def test_lab_becomes_srgb(tmp_path):
    colour = Image.fromarray(waves(10, 12))
    lab = ImageCms.profileToProfile(colour, SRGB, ImageCms.createProfile("LAB"), outputMode="LAB")
    picture = saved(tmp_path / "a.tif", lab)
    assert np.abs(picture.colours.astype(int) - waves(10, 12)).mean() < 4
    assert picture.notes == ()


def test_a_profile_that_does_not_fit_is_told(tmp_path):
    profile = ImageCms.ImageCmsProfile(SRGB).tobytes()
    picture = saved(tmp_path / "a.tif", Image.fromarray(waves(5, 6)).convert("CMYK"), icc_profile=profile)
    assert picture.notes == ("a colour profile that cannot be used: colours are approximate",)
    assert picture.icc_profile is None


def deep_png(pixels, colour_type):
    """A PNG file with 16 bits for each channel."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("channels", "colour_type", "colours"), [(3, 2, 3), (4, 6, 3), (2, 4, 1)])
def test_sixteen_bits_are_reduced_aloud(tmp_path, channels, colour_type, colours):
    """All but grey without opacity. Grey stays grey."""
    (tmp_path / "deep.png").write_bytes(deep_png(np.full((4, 4, channels), 40000, "uint16"), colour_type))
    picture = read_picture(tmp_path / "deep.png")
    assert picture.notes == ("reduced to 8 bits a channel",)
    assert picture.colours.shape == (4, 4, colours)
    for values in (picture.colours, *([] if channels == 3 else [picture.alpha])):
        assert values.dtype == np.uint8
        assert np.abs(values - 40000 / 257).max() <= 1


def test_damage_in_the_middle(tmp_path):
    """Pillow meets it while it looks for EXIF data, and would go on."""
    rng = np.random.default_rng(0)
    for suffix in ("png", "tif", "webp"):
        path = tmp_path / f"a.{suffix}"
        options = {"lossless": True} if suffix == "webp" else {"compression": "tiff_adobe_deflate"} if suffix == "tif" else {}
        Image.fromarray(rng.integers(0, 256, (40, 50, 3), dtype="uint8")).save(path, **options)
        content = bytearray(path.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 20] = b"\xff" * 20
        path.write_bytes(content)
        with pytest.raises(UnreadableError):
            read_picture(path)


def test_photographs_with_a_second_picture_inside(tmp_path):
    """As phones make them: JPEG files with a preview, called MPO."""
    colour = Image.fromarray(waves(20, 30))
    picture = saved(tmp_path / "a.jpg", colour, format="MPO", save_all=True, append_images=[colour.resize((8, 8))])
    assert picture.size == (20, 30)
    assert picture.notes == ()


@pytest.mark.parametrize("values", [np.array([[-5, 3]], "int32"), np.array([[0, 70000]], "int32")])
def test_values_that_do_not_fit(tmp_path, values):
    with pytest.raises(UnreadableError, match="do not fit 16 bits"):
        saved(tmp_path / "a.tif", Image.fromarray(values))


def test_floats_in_no_known_range(tmp_path):
    with pytest.raises(UnreadableError, match=r"-1 to 1, lie in neither \[0, 1\] nor \[0, 255\]"):
        saved(tmp_path / "a.tif", Image.fromarray(np.array([[-1, 1]], "float32")))


def test_a_small_file_with_an_enormous_picture(tmp_path):
    """It is refused by its header, in one line, and without Pillow's warnings."""
    Image.new("1", (16_000, 12_000)).save(tmp_path / "bomb.png")
    with (
        warnings.catch_warnings(),
        pytest.raises(UnreadableError, match=r"16000x12000 are 192 million .* limit of 150 million"),
    ):
        warnings.simplefilter("error")
        read_picture(tmp_path / "bomb.png")
    assert Image.MAX_IMAGE_PIXELS is not None


def test_sizes_in_metadata_are_those_of_the_picture(tmp_path):
    exif = Image.Exif()
    exif[271] = "Camera"
    exif.get_ifd(0x8769).update({0xA002: 6, 0xA003: 5})
    picture = saved(tmp_path / "a.jpg", Image.fromarray(waves(5, 6)), exif=exif)
    larger, path = fit_format(dataclasses.replace(picture, colours=waves(50, 60)), tmp_path / "b.jpg")
    write_picture(path, larger, metadata=True)
    with Image.open(path) as made:
        assert dict(made.getexif().get_ifd(0x8769)) == {0xA002: 60, 0xA003: 50}


def test_damaged_metadata_does_not_matter(tmp_path):
    with pytest.warns(UserWarning, match="Corrupt EXIF"):  # Pillow's
        picture = saved(
            tmp_path / "a.jpg", Image.fromarray(waves(5, 6)), exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40
        )
    assert picture.size == (5, 6)


def test_colours_bleed_under_transparent_pixels():
    """Opaque pixels are unchanged; others take colours of the nearest opaque ones, in between at equal distance."""
    colours = np.zeros((9, 13, 3), "uint8")
    alpha = np.zeros((9, 13), "uint8")
    colours[:, :2], alpha[:, :2] = (200, 0, 0), 255
    colours[:, -2:], alpha[:, -2:] = (0, 100, 0), 1
    filled = bleed(colours, alpha)
    np.testing.assert_array_equal(filled[alpha > 0], colours[alpha > 0])
    assert (filled[:, 2] == (200, 0, 0)).all()
    assert (filled[:, -3] == (0, 100, 0)).all()
    assert (filled.sum(-1) > 0).all()
    transparent = np.zeros((9, 13), "uint8")
    np.testing.assert_array_equal(bleed(colours, transparent), colours)
    assert bleed(colours, transparent + 255) is colours

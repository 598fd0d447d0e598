"""Folders of pictures as users have them, through models whose output is known."""

import errno

import numpy as np
import pytest
from PIL import Image, ImageCms

import keras_gans
from keras_gans.applying import apply_files
from keras_gans.applying.holes import is_deeper
from keras_gans.data.mask_shapes import SHAPES
from keras_gans.declaration import COMPOSITE, Declaration, extract
from tests.keras_gans.data.messy import waves
from tests.support import picture_models

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture(scope="module")
def doubling():
    return picture_models.doubling()


@pytest.fixture(scope="module")
def negating():
    return picture_models.negating()


@pytest.fixture(scope="module")
def whitening():
    return picture_models.whitening()


def doubled(pixels):
    return np.asarray(pixels).repeat(2, axis=0).repeat(2, axis=1)


def decoded(path):
    """What Pillow says a file holds."""
    with Image.open(path) as picture:
        picture.load()
        return picture


def make_folder(root):
    """Pictures of every mode and format; returns the expected double of each by name: mode and pixels, or None if inexact."""
    colour, expected = waves(10, 14), {}
    grey = colour[..., 0]
    root.mkdir()

    def keep(name, picture, mode, pixels, **options):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        picture.save(root / name, **options)
        expected[name] = (mode, None if pixels is None else doubled(pixels))

    rgb = Image.fromarray(colour)
    alpha = np.where(np.arange(14) < 7, 0, 255).astype("uint8") * np.ones((10, 1), "uint8")
    rgba = Image.fromarray(np.dstack([colour, alpha]))
    keep("rgb.png", rgb, "RGB", colour)
    keep("rgb.bmp", rgb, "RGB", colour)
    keep("rgb.webp", rgb, "RGB", None, lossless=True)
    keep("rgb.tif", rgb, "RGB", colour)
    keep("rgb.jpg", rgb, "RGB", None, quality=95)
    keep("UPPER.JPG", rgb, "RGB", None, quality=95)
    keep("deep/er/grey.png", Image.fromarray(grey), "L", grey)
    keep("deep/grey_alpha.png", Image.fromarray(np.dstack([grey, alpha])), "LA", None)
    keep("rgba.png", rgba, "RGBA", None)
    keep("bits.png", Image.fromarray(grey > 127), "L", np.where(grey > 127, 255, 0))
    palette = rgb.quantize(8)
    keep("palette.png", palette, "RGB", np.asarray(palette.convert("RGB")))
    keep("palette.gif", palette, "RGB", np.asarray(palette.convert("RGB")))
    keep("grey_palette.gif", Image.fromarray(grey // 64 * 64), "L", grey // 64 * 64)
    keep("grey16.png", Image.fromarray(grey.astype("uint16") * 255 + 7), "I;16", grey.astype("uint16") * 255 + 7)
    keep("grey16.tiff", Image.fromarray(grey.astype("uint16") * 255 + 7), "I;16", grey.astype("uint16") * 255 + 7)
    keep("float.tiff", Image.fromarray(grey.astype("float32") / 255), "I;16", grey.astype("uint16") * 257)
    keep("print.jpg", rgb.convert("CMYK"), "RGB", None, quality=95)
    keep("one.png", Image.fromarray(colour[:1, :1]), "RGB", colour[:1, :1])
    moving = [Image.new("RGB", (6, 5), name) for name in ("red", "lime")]
    keep("moves.gif", moving[0], "RGB", np.broadcast_to([255, 0, 0], (5, 6, 3)), save_all=True, append_images=moving[1:])
    turned = Image.Exif()
    turned[274], turned[271] = 6, "Camera"
    keep("turned.png", Image.fromarray(np.rot90(colour).copy()), "RGB", colour, exif=turned, icc_profile=SRGB, dpi=(300, 300))
    (root / "broken.jpg").write_bytes((root / "rgb.jpg").read_bytes()[:300])
    (root / "empty.png").write_bytes(b"")
    (root / "text.png").write_text("no picture")
    (root / "notes.txt").write_text("ignored")
    return expected


def written_name(name):
    """Formats that are not written become PNG, under another name beside a PNG of the same one."""
    stem, _, suffix = name.rpartition(".")
    return {"rgb.bmp": "rgb_bmp.png", "palette.gif": "palette_gif.png"}.get(name, f"{stem}.png" if suffix == "gif" else name)


@pytest.fixture(scope="module")
def messy(doubling, tmp_path_factory):
    """The folder, what is expected of it, and what applying the model to it returned."""
    root = tmp_path_factory.mktemp("messy")
    expected = make_folder(root / "in")
    return root, expected, apply_files(doubling, root / "in", root / "out")


def test_every_picture_is_doubled_and_keeps_its_kind(messy):
    root, expected, applied = messy
    written = {path.relative_to(root / "out").as_posix() for path in applied.written}
    assert written == {written_name(name) for name in expected}
    for name, (mode, pixels) in expected.items():
        picture = decoded(root / "out" / written_name(name))
        assert picture.mode == mode, name
        if pixels is not None:
            np.testing.assert_array_equal(np.asarray(picture), pixels, err_msg=name)
    assert not list((root / "out").rglob(".*"))


def test_lossy_files_are_about_right(messy):
    root, _, _ = messy
    for name in ("rgb.jpg", "rgb.webp", "print.jpg", "UPPER.JPG"):
        made = np.asarray(decoded(root / "out" / name)).astype(int)
        assert np.abs(made - doubled(waves(10, 14))).mean() < 6, name


def test_broken_files_are_named_and_the_rest_is_done(messy):
    root, expected, applied = messy
    assert {path.removeprefix(f"{root}/in/") for path, _ in applied.failed} == {"broken.jpg", "empty.png", "text.png"}
    assert all(reason for _, reason in applied.failed)
    assert applied.existing == 0
    assert len(applied.written) == len(expected)


def test_what_was_changed_is_noted(messy):
    _, _, applied = messy
    notes = {note: (first.rpartition("/")[2], count) for note, (first, count) in applied.notes.items()}
    assert notes["first of 2 frames"] == ("moves.gif", 1)
    assert notes["CMYK without a colour profile: colours are approximate"] == ("print.jpg", 1)
    assert notes["numbers in [0, 1] became 16 bits"] == ("float.tiff", 1)
    assert not [note for note in notes if "8 bits" in note]


def test_orientation_profile_and_metadata(messy, doubling, tmp_path):
    """The picture is upright, says so, and keeps its profile; other metadata on request."""
    root, _, _ = messy
    plain = decoded(root / "out" / "turned.png")
    assert plain.info["icc_profile"] == SRGB
    assert not plain.getexif()
    for suffix in ("png", "jpg", "webp", "tiff"):
        path = keras_gans.apply_file(doubling, root / "in" / "turned.png", tmp_path / f"out.{suffix}", metadata=True)
        kept = decoded(path)
        assert kept.size == (28, 20)
        assert kept.info["icc_profile"] == SRGB
        assert kept.getexif()[271] == "Camera"
        assert kept.getexif().get(274, 1) == 1
        if suffix != "webp":
            np.testing.assert_allclose(np.asarray(kept.info["dpi"], float), 300, rtol=1e-3)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff"])
def test_what_a_model_changed_says_so(doubling, tmp_path, suffix):
    Image.fromarray(waves(10, 14)).save(tmp_path / "in.png", icc_profile=SRGB)
    for mark in ("declaration", "none"):
        path = tmp_path / f"{mark}.{suffix}"
        keras_gans.apply_file(doubling, tmp_path / "in.png", path, mark=mark)
        packet = extract(path.read_bytes())
        if mark == "none" or suffix == "tiff":  # which cannot hold it
            assert packet is None
        else:
            assert Declaration.from_xmp(packet) == Declaration(COMPOSITE, doubling.name)
        assert decoded(path).info["icc_profile"] == SRGB
    pixels = [np.asarray(decoded(tmp_path / f"{mark}.{suffix}")) for mark in ("declaration", "none")]
    np.testing.assert_array_equal(*pixels)


def test_a_second_call_does_only_what_is_left(messy, doubling, tmp_path):
    root, expected, _ = messy
    (root / "out" / "rgb.tif").unlink()
    leftover = root / "out" / ".rgb.tif.12345678"  # of a process that was killed
    leftover.mkdir()
    before = (root / "out" / "one.png").stat().st_mtime_ns
    told = []
    applied = apply_files(doubling, root / "in", root / "out", told.append)
    assert [path.name for path in applied.written] == ["rgb.tif"]
    assert applied.existing == len(expected) - 1
    assert (root / "out" / "one.png").stat().st_mtime_ns == before
    assert not leftover.exists()
    assert told[-1].total == 4
    assert told[-1].seconds_left >= 0


def test_transparency_has_no_halo(doubling, tmp_path):
    """A white disc on transparent black stays white up to its edge, at whatever size."""
    rows, columns = np.mgrid[:40, :40]
    distance = np.hypot(rows - 19.5, columns - 19.5)
    alpha = np.clip((12.5 - distance) * 255, 0, 255).astype("uint8")
    colours = np.where(alpha[..., None] > 0, 255, 0).astype("uint8") * np.ones(3, "uint8")
    Image.fromarray(np.dstack([colours, alpha])).save(tmp_path / "disc.png")
    for model, options in ((doubling, {}), (doubling, {"scale": 3.3}), ("lanczos", {"scale": 2.5}), ("bicubic", {"width": 31})):
        path = keras_gans.apply_file(model, tmp_path / "disc.png", tmp_path / "out.png", overwrite=True, **options)
        made = np.asarray(decoded(path))
        assert made[made[..., 3] > 0][:, :3].min() == 255
        share = (made[..., 3] / 255.0).mean() * 1600
        assert abs(share - np.pi * 12.0**2) < 25


def test_jpeg_with_transparency_becomes_png(doubling, tmp_path):
    Image.new("RGBA", (4, 3), (10, 20, 30, 128)).save(tmp_path / "a.png")
    applied = apply_files(doubling, tmp_path / "a.png", tmp_path / "out.jpg")
    assert [path.name for path in applied.written] == ["out.png"]
    assert np.asarray(decoded(tmp_path / "out.png"))[0, 0].tolist() == [10, 20, 30, 128]
    assert "written as PNG, because JPEG has no transparency" in applied.notes
    assert apply_files(doubling, [tmp_path / "a.png"], tmp_path / "folder", format="jpg").written[0].name == "a.png"
    assert apply_files(doubling, [tmp_path / "a.png"], tmp_path / "folder", format="jpg").existing == 1


def test_sixteen_bits_that_a_format_does_not_have_are_reduced_aloud(doubling, tmp_path):
    Image.fromarray(np.full((4, 4), 40000, "uint16")).save(tmp_path / "grey.png")
    applied = apply_files(doubling, tmp_path / "grey.png", tmp_path / "grey.jpg")
    assert "reduced to 8 bits a channel" in applied.notes
    assert abs(int(np.asarray(decoded(tmp_path / "grey.jpg"))[0, 0]) - 40000 / 257) <= 1


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, (28, 20)),
        ({"scale": 2.5}, (35, 25)),
        ({"scale": 3}, (42, 30)),
        ({"scale": 0.5}, (7, 5)),
        ({"width": 40}, (40, 29)),
        ({"height": 5}, (7, 5)),
        ({"width": 30, "height": 30}, (30, 30)),
        ({"max_side": 20}, (20, 14)),
        ({"scale": 8, "max_side": 1000}, (112, 80)),
    ],
)
def test_sizes(doubling, tmp_path, options, size):
    picture = waves(10, 14)
    Image.fromarray(picture).save(tmp_path / "a.png")
    for model in (doubling, "lanczos"):
        made = decoded(keras_gans.apply_file(model, tmp_path / "a.png", tmp_path / "b.png", overwrite=True, **options))
        assert made.size == size
    # The filter is Pillow's, in one step.
    expected = Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)
    np.testing.assert_array_equal(np.asarray(made), np.asarray(expected))


def test_holes_that_are_wider_than_those_of_training_are_mentioned(tmp_path):
    model = keras_gans.load_pretrained("gated_inpainting_flowers64")
    (tmp_path / "masks").mkdir()
    (tmp_path / "in").mkdir()
    for name, width in (("narrow.png", 6), ("wide.png", 40)):
        mask = np.zeros((64, 64), "uint8")
        mask[10 : 10 + width, 5:45] = 255
        Image.fromarray(mask).save(tmp_path / "masks" / name)
        Image.fromarray(np.full((64, 64, 3), 90, "uint8")).save(tmp_path / "in" / name)
    applied = apply_files(model, tmp_path / "in", tmp_path / "out", mask=tmp_path / "masks")
    [(note, (first, count))] = applied.notes.items()
    assert note.startswith("has wide holes: the model learned to fill those whose middle is up to")
    assert (first, count) == (str(tmp_path / "in" / "wide.png"), 1)


def test_depths_are_those_of_scipy():
    distance = pytest.importorskip("scipy.ndimage").distance_transform_cdt
    random = np.random.default_rng(0)
    for kind in ("strokes", "boxes"):
        hole = SHAPES[kind](random, 40, 56)
        padded = np.pad(hole, 60, constant_values=True)  # beyond the edges, a hole goes on
        padded[0] = padded[-1] = padded[:, 0] = padded[:, -1] = False
        depth = int(distance(padded, "taxicab")[60:-60, 60:-60][hole].max())
        assert not is_deeper(hole, depth)
        assert is_deeper(hole, depth - 1)


def test_pixels_outside_a_mask_are_kept_bit_for_bit(whitening, tmp_path):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "masks" / "sub").mkdir(parents=True)
    colour = waves(9, 12)
    mask = np.zeros((9, 12), "uint8")
    mask[2:5, 3:8] = 255
    for name in ("a.png", "sub/b.png"):
        Image.fromarray(colour).save(tmp_path / "in" / name)
        Image.fromarray(mask).save(tmp_path / "masks" / name)
    Image.fromarray(colour).save(tmp_path / "in" / "c.jpg")
    Image.fromarray(mask).save(tmp_path / "masks" / "c.bmp")
    Image.fromarray(colour).save(tmp_path / "in" / "lonely.png")
    Image.fromarray(colour).save(tmp_path / "in" / "other.png")
    Image.fromarray(mask[:5]).save(tmp_path / "masks" / "other.png")
    applied = apply_files(whitening, tmp_path / "in", tmp_path / "out", mask=tmp_path / "masks", tile=4)
    assert {path.relative_to(tmp_path / "out").as_posix() for path in applied.written} == {"a.png", "c.png", "sub/b.png"}
    reasons = {path.rpartition("/")[2]: reason for path, reason in applied.failed}
    assert "there is no mask" in reasons["lonely.png"]
    assert "has 12x5 pixels, but the picture has 12x9" in reasons["other.png"]
    for name, source in (("a.png", "a.png"), ("sub/b.png", "a.png"), ("c.png", "c.jpg")):
        made, before = np.asarray(decoded(tmp_path / "out" / name)), np.asarray(decoded(tmp_path / "in" / source))
        np.testing.assert_array_equal(made[mask == 0], before[mask == 0])
        assert (made[mask > 0] == 255).all()


def test_grey_and_colour(tmp_path):
    """Grey leaves a model of colours as grey where sizes grow, and a model of grey enlarges the three channels."""
    colour = waves(6, 8)
    Image.fromarray(colour).save(tmp_path / "colour.png")
    Image.fromarray(colour[..., 0]).save(tmp_path / "grey.png")
    grey_model = picture_models.doubling(channels=1)
    made = decoded(keras_gans.apply_file(grey_model, tmp_path / "colour.png"))
    np.testing.assert_array_equal(np.asarray(made), doubled(colour))
    assert made.filename.endswith("colour_out.png")
    made = decoded(keras_gans.apply_file(picture_models.negating(), tmp_path / "grey.png"))
    assert made.mode == "RGB"  # it might be there to add colour
    made = decoded(keras_gans.apply_file(picture_models.negating(1), tmp_path / "colour.png", overwrite=True))
    assert made.mode == "L"


def test_strength_blends_output_and_input_of_one_size(negating, doubling, tmp_path):
    Image.fromarray(np.full((3, 3, 3), 200, "uint8")).save(tmp_path / "a.png")
    values = [
        int(
            np.asarray(
                decoded(keras_gans.apply_file(negating, tmp_path / "a.png", tmp_path / "b.png", strength=s, overwrite=True))
            )[0, 0, 0]
        )
        for s in (0, 0.25, 0.5, 1)
    ]
    assert values[0] == 200
    assert values[3] == 55
    np.testing.assert_allclose(values, [200, 163.75, 127.5, 55], atol=0.51)
    with pytest.raises(ValueError, match=r"strength=0\.5 needs a model that keeps its generator from before"):
        keras_gans.apply_file(doubling, tmp_path / "a.png", strength=0.5)


def test_models_that_see_everything(tmp_path):
    model = picture_models.negating(whole=True)
    Image.fromarray(waves(9, 13)).save(tmp_path / "a.png")
    made = np.asarray(decoded(keras_gans.apply_file(model, tmp_path / "a.png", tmp_path / "b.png")))
    np.testing.assert_array_equal(made, 255 - waves(9, 13))
    with pytest.raises(ValueError, match="cannot be applied in tiles, because of the layer 'pool'"):
        keras_gans.apply_file(model, tmp_path / "a.png", tmp_path / "c.png", tile=8)
    for fixed in (picture_models.negating(whole=True, side=8), picture_models.negating(side=8, far=4)):
        applied = apply_files(fixed, tmp_path / "a.png", tmp_path / "d.png", overwrite=True)
        assert decoded(tmp_path / "d.png").size == (13, 9)
        assert "resized to 8x8 for the model, which takes no other size, and back" in applied.notes
    # Of a fixed size, but local: in tiles, for larger and smaller pictures.
    local = picture_models.negating(side=8)
    made = np.asarray(decoded(keras_gans.apply_file(local, tmp_path / "a.png", tmp_path / "e.png")))
    np.testing.assert_array_equal(made, 255 - waves(9, 13))
    Image.fromarray(waves(3, 5)).save(tmp_path / "small.png")
    made = np.asarray(decoded(keras_gans.apply_file(local, tmp_path / "small.png", tmp_path / "f.png")))
    np.testing.assert_array_equal(made, 255 - waves(3, 5))


def test_turned_and_flipped_averages(doubling, tmp_path):
    """A network of single pixels gives the same in every position."""
    Image.fromarray(waves(6, 9)).save(tmp_path / "a.png")
    made = decoded(keras_gans.apply_file(doubling, tmp_path / "a.png", tta=True))
    np.testing.assert_array_equal(np.asarray(made), doubled(waves(6, 9)))


def test_patterns_and_folders_in_folders(doubling, tmp_path):
    for name in ("in/a/x.png", "in/b/x.png", "in/b/y.jpg", "in/out/z.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(waves(4, 4)).save(tmp_path / name)

    def written(sources, output):
        made = apply_files("lanczos", sources, output).written
        return sorted(path.relative_to(output).as_posix() for path in made)

    assert written(str(tmp_path / "in" / "**" / "x.png"), tmp_path / "one") == ["a/x.png", "b/x.png"]
    assert written([tmp_path / "in/b/y.jpg", tmp_path / "in/a"], tmp_path / "two") == ["x.png", "y.jpg"]
    # What was written into the source folder is not read again.
    assert written(tmp_path / "in", tmp_path / "in" / "out") == ["a/x.png", "b/x.png", "b/y.jpg"]


@pytest.mark.parametrize(
    ("sources", "output", "options", "words"),
    [
        ("in", "in", {}, "also the input"),
        ("in/a.png", "in/a.png", {"overwrite": True}, "also the input"),
        (["in/a.png", "in/b.png"], "out.png", {}, "several pictures need a folder"),
        ("nothing", "out", {}, "no file, folder or pattern that matches"),
        ("none/*.png", "out", {}, "no file, folder or pattern that matches"),
        ("empty", "out", {}, "no pictures in"),
        ("in/a.png", "out.psd", {}, "no output format 'psd'"),
        ("in", "out", {"format": "gif"}, "no output format 'gif'"),
        ("in", "out", {"scale": 0}, "scale must be a number above 0"),
        ("in", "out", {"scale": 2, "width": 3}, "but not both"),
        ("in", "out", {"quality": 101}, "quality must be an integer from 1 to 100"),
        ("in", "out", {"tile": 0}, "tile must be an integer of at least 1"),
        ("in", "out", {"mask": "in/a.png"}, "takes no mask"),
        ("in", "out", {"edges": "mirror"}, "There are: reflect, wrap"),
        ("in", "out", {"strength": 2}, "strength must be a number from 0 to 1"),
        ("in", "out", {"width": True}, "width must be an integer"),
    ],
)
def test_mistakes_are_told_in_one_line(doubling, tmp_path, monkeypatch, sources, output, options, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png"):
        Image.fromarray(waves(4, 4)).save(tmp_path / "in" / name)
    with pytest.raises((ValueError, OSError), match=words):
        apply_files(doubling, sources, output, **options)
    assert not list(tmp_path.glob("out*"))


def test_models_and_pictures_that_do_not_fit(doubling, whitening, tmp_path):
    Image.fromarray(waves(40, 50)).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"give a mask \(--mask=FILE\), white where"):
        keras_gans.apply_file(whitening, tmp_path / "a.png")
    with pytest.raises(ValueError, match="does not map images to images"):
        keras_gans.apply_file(keras_gans.load_pretrained("dcgan_digits"), tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"50x40 are 0\.002 million pixels, more than the limit of 0\.001 million"):
        keras_gans.apply_file(doubling, tmp_path / "a.png", max_pixels=1000)
    with pytest.raises(ValueError, match=r"would have 100x80 pixels, more than the limit of 0.005 million \(max_pixels\)"):
        keras_gans.apply_file(doubling, tmp_path / "a.png", max_pixels=5000)
    (tmp_path / "b.png").write_text("mine")
    with pytest.raises(FileExistsError, match="exists already"):
        keras_gans.apply_file(doubling, tmp_path / "a.png", tmp_path / "b.png")
    (tmp_path / "b.png").unlink()
    with pytest.raises(ValueError, match=r"17,000 pixels are too long for WEBP, which ends at 16,383: choose png"):
        keras_gans.apply_file("lanczos", tmp_path / "a.png", tmp_path / "b.webp", width=17000, height=1)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_full_disk_ends_everything_and_leaves_nothing(doubling, tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    for number in range(4):
        Image.fromarray(waves(4, 4)).save(tmp_path / "in" / f"{number}.png")

    def full(self, path, *arguments, **options):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(OSError, match=r"0\.png cannot be written: No space left on device\.$"):
        apply_files(doubling, tmp_path / "in", tmp_path / "out")
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []

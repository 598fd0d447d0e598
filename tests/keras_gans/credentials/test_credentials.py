"""Signed files, as this library and others read them, and what people and accidents do to them."""

import io
import json
import shutil
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from keras_gans.audio import write
from keras_gans.credentials import (
    ALTERED,
    NONE,
    TRUSTED,
    UNTRUSTED,
    Credentials,
    create_credentials,
    has_credentials,
    read_credentials,
    renew_credentials,
)
from keras_gans.declaration import Declaration, extract

c2pa = pytest.importorskip("c2pa")

DECLARED = Declaration(model="dcgan_digits", weights="ab" * 32, recipe={"seed": 0, "index": 1, "truncation": 0.5})
KINDS = ("PNG", "JPEG", "WEBP", "WAV")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return create_credentials(tmp_path_factory.mktemp("credentials") / "mine", "My studio")


@pytest.fixture(scope="module")
def trusted(folder):
    return (folder / "ca.pem").read_bytes()


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A file of each kind."""
    rng, found = np.random.default_rng(0), {}
    picture = Image.fromarray(rng.integers(0, 255, (20, 30, 3), "uint8"))
    for kind in KINDS[:3]:
        content = io.BytesIO()
        picture.save(content, kind)
        found[kind] = content.getvalue()
    path = tmp_path_factory.mktemp("bare") / "a.wav"
    write(path, rng.uniform(-1, 1, (301, 1)).astype("float32"), 8000)
    found["WAV"] = path.read_bytes()
    return found


@pytest.fixture(scope="module")
def signed(folder, bare):
    """The same, declared and signed."""
    declared = Declaration(**{**vars(DECLARED), "signer": Credentials.load(folder).sign})
    return {kind: declared.into(content) for kind, content in bare.items()}


def flipped(content, at, rng):
    changed = bytearray(content)
    changed[at] ^= 1 << int(rng.integers(8))
    return bytes(changed)


@pytest.mark.parametrize("kind", KINDS)
def test_signed_files_are_intact_and_trusted_by_who_has_the_authority(kind, signed, bare, trusted):
    content = signed[kind]
    found = read_credentials(content, trusted)
    assert (found.status, found.signer, found.generator) == (TRUSTED, "My studio", "keras_gans")
    assert found.words == "intact, and signed by My studio, who is trusted"
    found = read_credentials(content)
    assert found.status == UNTRUSTED
    assert found.words == "intact, but signed by My studio, who is not among those you trust"
    # The declaration is still there, and pixels and samples are as they were.
    assert Declaration.from_xmp(extract(content)) == DECLARED
    if kind != "WAV":
        with Image.open(io.BytesIO(content)) as opened, Image.open(io.BytesIO(bare[kind])) as original:
            np.testing.assert_array_equal(np.asarray(opened), np.asarray(original))
    else:
        import soundfile

        np.testing.assert_array_equal(soundfile.read(io.BytesIO(content))[0], soundfile.read(io.BytesIO(bare[kind]))[0])
    assert has_credentials(content)
    assert not has_credentials(bare[kind])
    assert read_credentials(bare[kind], trusted).status == NONE


def test_the_manifest_says_what_the_file_declares_as_other_programs_read_it(signed):
    """And neither time, nor user, nor file name."""
    with c2pa.Reader("image/png", io.BytesIO(signed["PNG"])) as reader:
        found = json.loads(reader.json())
    manifest = found["manifests"][found["active_manifest"]]
    assertions = {each["label"]: each["data"] for each in manifest["assertions"]}
    (action,) = assertions["c2pa.actions.v2"]["actions"]
    assert action["action"] == "c2pa.created"
    assert action["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
    own = assertions["org.keras-gans.declaration"]
    assert own == {"model": "dcgan_digits", "weights": "ab" * 32, "recipe": DECLARED.recipe}
    assert "time" not in manifest["signature_info"]
    assert "title" not in manifest


# Each flip of a byte takes a hundredth of a second (all: last run 0.1.0, 2026-11-30).
@pytest.mark.parametrize(
    ("kind", "count"), [*((kind, 8) for kind in KINDS), *(pytest.param(kind, 1000, marks=pytest.mark.slow) for kind in KINDS)]
)
def test_any_flipped_bit_is_found(kind, count, signed, trusted):
    content, rng = signed[kind], np.random.default_rng(0)
    for at in rng.integers(0, len(content), count):
        assert read_credentials(flipped(content, at, rng), trusted).status in (ALTERED, NONE), at


@pytest.mark.parametrize("kind", KINDS)
def test_what_no_signature_covers_is_as_it_was_written(kind, signed, trusted):
    """Padding, lengths and names of boxes, which other readers accept in any form."""
    content = signed[kind]
    padding = content.index(b"\xa1cpad") + 60
    for at in (padding, content.index(b"c2pa.signature"), content.index(b"jumb") - 2, content.index(b"\xa1cpad") + 2):
        changed = bytearray(content)
        changed[at] ^= 4
        if kind == "PNG":  # with the checksum of the chunk that who changes it would write
            start = content.index(b"caBX")
            (length,) = struct.unpack(">I", content[start - 4 : start])
            changed[start + 4 + length : start + 8 + length] = struct.pack(
                ">I", zlib.crc32(changed[start : start + 4 + length])
            )
        assert read_credentials(bytes(changed), trusted).status == ALTERED, at
    assert "around the signature" in read_credentials(content[:padding] + b"x" + content[padding + 1 :], trusted).words


def test_forged_and_stripped_manifests(signed, bare, trusted, tmp_path):
    content = signed["PNG"]
    # The manifest of one file in another.
    start = content.index(b"caBX") - 4
    (length,) = struct.unpack(">I", content[start : start + 4])
    chunk = content[start : start + 12 + length]
    moved = bare["PNG"][:33] + chunk + bare["PNG"][33:]
    assert read_credentials(moved, trusted).status == ALTERED
    assert read_credentials(content.replace(chunk, b""), trusted).status == NONE
    # Another file after the first, and two manifests.
    assert read_credentials(content + b"more", trusted).status == ALTERED
    assert read_credentials(content[:33] + chunk + content[33:], trusted).status == ALTERED
    # Somebody else of the same name.
    other = create_credentials(tmp_path / "other", "My studio")
    forged = Credentials.load(other).sign(bare["PNG"], DECLARED)
    found = read_credentials(forged, trusted)
    assert (found.status, found.signer) == (UNTRUSTED, "My studio")
    assert read_credentials(forged, trusted + (other / "ca.pem").read_bytes()).status == TRUSTED
    # A megabyte of nonsense in place of the manifest.
    data = b"caBX" + b"\0\0\x10\0jumb" + bytes(2**20)
    large = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    assert read_credentials(bare["PNG"][:33] + large + bare["PNG"][33:], trusted).status in (ALTERED, NONE)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_never_trusted(kind, signed, trusted):
    content, rng = signed[kind], np.random.default_rng(1)
    for _ in range(10):
        cut = content[: int(rng.integers(len(content)))]
        middle = int(rng.integers(len(content) - 50))
        spliced = content[:middle] + rng.bytes(50) + content[middle + 50 :]
        for damaged in (cut, spliced, content[:12] + rng.bytes(300)):
            assert read_credentials(damaged, trusted).status in (ALTERED, NONE)


def test_certificates_expire_before_and_after_a_file_is_signed(bare, tmp_path):
    folder = create_credentials(tmp_path / "short", "Short", days=3 / 86400)
    content = Credentials.load(folder).sign(bare["PNG"], DECLARED)
    trusted = (folder / "ca.pem").read_bytes()
    time.sleep(4.1)  # whole seconds count
    found = read_credentials(content, trusted)
    assert found.status == UNTRUSTED
    assert found.words == "intact, but signed by Short with a certificate that has expired since"
    with pytest.raises(ValueError, match=r"expired on 20\d\d-.*keras-gans credentials renew"):
        Credentials.load(folder)
    renew_credentials(folder)
    assert read_credentials(Credentials.load(folder).sign(bare["PNG"], DECLARED), trusted).status == TRUSTED


def test_keys_and_certificates_that_cannot_be_used(folder, tmp_path):
    def copy():
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        return shutil.copytree(folder, tmp_path / "copy")

    other = create_credentials(tmp_path / "other", "Others")
    shutil.copy(other / "key.pem", copy() / "key.pem")
    with pytest.raises(ValueError, match="do not belong together"):
        Credentials.load(tmp_path / "copy")
    (copy() / "key.pem").write_text("no key")
    with pytest.raises(ValueError, match="are damaged"):
        Credentials.load(tmp_path / "copy")
    (copy() / "chain.pem").write_bytes(b"")
    with pytest.raises(ValueError, match="are damaged"):
        Credentials.load(tmp_path / "copy")
    (copy() / "key.pem").unlink()
    with pytest.raises(FileNotFoundError, match="keras-gans credentials init"):
        Credentials.load(tmp_path / "copy")
    (copy() / "ca_key.pem").write_text("no key")
    with pytest.raises(ValueError, match="does not contain an authority"):
        renew_credentials(tmp_path / "copy")
    with pytest.raises(FileExistsError):
        create_credentials(folder, "Again")
    for name in ("", "  ", "x" * 65, "two\nlines"):
        with pytest.raises(ValueError, match="The name of who signs must have"):
            create_credentials(tmp_path / "new", name)
    assert not (tmp_path / "new").exists()
    with pytest.raises(ValueError, match=r"Only \.png"):
        Credentials.load(folder).sign(b"GIF89a", DECLARED)
    for name, mode in (("key.pem", 0o600), ("ca_key.pem", 0o600)):
        assert (folder / name).stat().st_mode & 0o777 == mode
    assert "PRIVATE" not in repr(Credentials.load(folder))


def test_trusted_certificates_that_are_none(signed):
    with pytest.raises(ValueError, match="are not PEM"):
        read_credentials(signed["PNG"], b"nonsense")


def test_files_of_other_kinds_have_no_credentials(trusted):
    for content in (b"", b"RIFF", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0AVI c2pa"):
        assert read_credentials(content, trusted).status in (NONE, ALTERED)

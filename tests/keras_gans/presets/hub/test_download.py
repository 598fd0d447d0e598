"""Downloads that are cut off, slow, wrong or refused, from a local server."""

import hashlib
import subprocess

import pytest

from tests.support.remote import (
    CONFIG,
    FACTS,
    PLACE,
    WEIGHTS,
    cut,
    digest,
    find,
    other,
    refuse,
    silent,
    then,
    write_manifest,
)


def assert_nothing_is_usable(cache):
    """Nothing that was downloaded is at a place from which presets are loaded."""
    assert not list(cache.glob("*/*/*/*"))


# Cut off, slow or away


@pytest.mark.parametrize("fault", [cut(1_000_000), cut(500_000, reset=True), cut(0), refuse(503), silent(0.7)])
def test_what_may_pass_is_tried_again(remote, published, digits, fault):
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [fault]
    assert digest(find(published) / WEIGHTS) == digest(digits / WEIGHTS)
    assert len(remote.asked(WEIGHTS)) == 2


@pytest.mark.parametrize("fault", [cut(700_000), refuse(502), silent(0.7)])
def test_what_does_not_pass_is_an_error_of_one_line_and_leaves_nothing_usable(remote, published, cache, fault):
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [fault] * 3
    with pytest.raises(OSError, match=r"/model\.weights\.h5 cannot be read: .*\(tried 3 times\)") as caught:
        find(published)
    assert "\n" not in str(caught.value)
    assert_nothing_is_usable(cache)
    find(published)


def test_a_name_that_no_server_has_says_so(monkeypatch):
    with pytest.raises(OSError, match=r"https://no-such-host\.invalid/x/preset\.json cannot be read") as caught:
        find("https://no-such-host.invalid/x")
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for localhost that nobody has signed, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    try:
        subprocess.run([*command, *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    return folder / "cert.pem", folder / "key.pem"


def test_certificates_are_checked(remote, published, certificate, monkeypatch, digits):
    remote.protect(*certificate)
    address = published.replace("http://127.0.0.1", "https://localhost")
    with pytest.raises(OSError, match=r"the connection is not secure \(.*certificate.*REQUESTS_CA_BUNDLE"):
        find(address)
    assert remote.requests == []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    assert digest(find(address) / WEIGHTS) == digest(digits / WEIGHTS)


# Redirects


def redirect(place):
    def fault(handler):
        handler.answer(307, b"", {"Location": place})
        return True

    return fault


def test_a_redirect_to_a_safe_place_is_followed(remote, published, digits):
    remote.publish(digits, "/moved")
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [redirect(f"/moved/{WEIGHTS}")]
    find(published)
    assert f"/moved/{WEIGHTS}" in [path for path, _ in remote.requests]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("http://evil.org/preset.json", "redirects to http://evil.org/preset.json, which is neither https:// nor allowed"),
        ("ftp://evil.org/preset.json", "redirects to ftp://evil.org/preset.json, which is neither"),
        ("file:///etc/passwd", "redirects to file:///etc/passwd, which is neither"),
        (f"{PLACE}/{FACTS}", "redirects"),
    ],
)
def test_only_safe_places_are_followed_to_and_not_for_ever(remote, published, place, words):
    remote.faults[f"{PLACE}/{FACTS}"] = [redirect(place)] * 99
    with pytest.raises(ValueError, match=words) as caught:
        find(published)
    assert "\n" not in str(caught.value)
    assert len(remote.requests) <= 3 * 31


# Not a preset, or not the right one


def test_what_is_not_there_is_named(remote, published):
    with pytest.raises(ValueError, match=r"/models/none cannot be loaded \(404\): there is no .*none/preset\.json, so"):
        find(f"{remote.url}/models/none")
    del remote.files[f"{PLACE}/{WEIGHTS}"]
    with pytest.raises(ValueError, match=r"\(404\): there is no .*model\.weights\.h5, so it is not a preset, or not"):
        find(published)
    remote.faults[f"{PLACE}/{FACTS}"] = [refuse(403)]
    with pytest.raises(ValueError, match=r"\(403\): the server does not let us read .* without a login"):
        find(published)
    remote.faults[f"{PLACE}/{FACTS}"] = [refuse(418)]
    with pytest.raises(ValueError, match=r"cannot be loaded \(418\).*answered 418"):
        find(published)
    assert len(remote.asked(FACTS)) == 5  # none of them twice, but for a look whether the preset was being replaced


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!doctype html>", r"is not a preset: its preset\.json is not JSON"),
        (b"\xff\xfe", r"is not a preset: its preset\.json is not JSON"),
        (b"[" * 100_000, r"is not a preset: its preset\.json is not JSON"),
        (b"[]", "is not a JSON object"),
        (b"{}", r"has no 'files', by which the other files are checked\. Save the preset again"),
        (b'{"files": []}', "'files' must be an object"),
        (b'{"files": {"config.json": {}}}', r"does not name model\.weights\.h5"),
        (b" " * 2_000_001, r"has 2,000,001 bytes, more than 2,000,000 as expected"),
    ],
)
def test_what_is_not_a_preset_says_why(remote, published, content, words):
    remote.files[f"{PLACE}/{FACTS}"] = content
    with pytest.raises(ValueError, match=words) as caught:
        find(published)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["../evil", "/tmp/evil", "..", "", "a/b", "a\\b", "C:evil", "preset.json", "CONFIG.JSON", "evil.py", "config.json\0"],
)
def test_no_name_leads_out_of_the_folder(remote, published, digits, cache, name):
    write_manifest(digits, **{name: {"sha256": hashlib.sha256(b"evil").hexdigest(), "bytes": 4}})
    remote.publish(digits, PLACE)
    remote.files.setdefault(f"{PLACE}/{name}", b"evil")
    before = sorted(cache.parent.parent.rglob("*"))
    with pytest.raises(ValueError, match=r"names the file .*; accepted are config\.json, model\.weights\.h5, tokenizer\.model"):
        find(published)
    assert sorted(cache.parent.parent.rglob("*")) == before
    assert {path for path, _ in remote.requests} == {f"{PLACE}/{FACTS}"}


@pytest.mark.parametrize(
    "part", [None, {}, {"sha256": "0" * 63, "bytes": 1}, {"sha256": "0" * 64, "bytes": -1}, {"sha256": "0" * 64, "bytes": True}]
)
def test_a_damaged_manifest_is_refused(remote, published, digits, part):
    write_manifest(digits, **{CONFIG: part})
    remote.publish(digits, PLACE)
    with pytest.raises(ValueError, match=r"is damaged: config\.json must have"):
        find(published)


def test_another_file_of_the_same_size_is_refused_and_forgotten(remote, published, cache):
    whole = remote.files[f"{PLACE}/{WEIGHTS}"]
    remote.files[f"{PLACE}/{WEIGHTS}"] = whole[:-1] + bytes([whole[-1] ^ 1])
    with pytest.raises(ValueError, match=r"model\.weights\.h5 is damaged or another file: its SHA-256 is not the one"):
        find(published)
    assert_nothing_is_usable(cache)
    assert not list(cache.rglob(f"{WEIGHTS}*"))
    remote.files[f"{PLACE}/{WEIGHTS}"] = whole
    find(published)


@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_of_another_size_is_refused_before_a_byte_is_read(remote, published, cache, change):
    whole = remote.files[f"{PLACE}/{WEIGHTS}"]
    remote.files[f"{PLACE}/{WEIGHTS}"] = whole + b"." if change == 1 else whole[:-1]
    with pytest.raises(ValueError, match=r"has 3,007,65[57] bytes, not 3,007,656 as expected"):
        find(published)
    assert len(remote.asked(WEIGHTS)) == 1
    assert not list(cache.rglob(f"{WEIGHTS}*"))


@pytest.mark.parametrize("headers", [{"Content_Length": None}, {"Transfer_Encoding": "chunked"}])
def test_a_body_of_unknown_length_is_not_read(remote, published, headers):
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [other(b"x", **headers)]
    with pytest.raises(ValueError, match="the server does not say how many bytes it sends"):
        find(published)


def test_what_no_disk_has_room_for_is_not_begun(remote, published, digits, cache):
    write_manifest(digits, **{WEIGHTS: {"sha256": "0" * 64, "bytes": 10**18}})
    remote.publish(digits, PLACE)
    with pytest.raises(OSError, match=r"no room for 1,000,000,000,000\.0 MB in .*KERAS_GANS_CACHE"):
        find(published)
    assert remote.asked(WEIGHTS) == []


def test_a_disk_that_gets_full_meanwhile_says_so(remote, published, small_disk, cache):
    filling = small_disk / "of somebody else"
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [then(lambda: filling.write_bytes(bytes(2_000_000)))]
    with pytest.raises(OSError, match="No space left on device"):
        find(published)
    assert_nothing_is_usable(cache)
    filling.unlink()
    find(published)

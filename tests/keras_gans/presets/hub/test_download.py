"""Downloads that are cut off, slow or wrong, from a server on this computer."""

import hashlib
import shutil
import subprocess
import threading
import time

import pytest

from keras_gans.presets.hub import web
from tests.support.remote import (
    CONFIG,
    FACTS,
    PLACE,
    WEIGHTS,
    cut,
    digest,
    dripping,
    find,
    other,
    refuse,
    silent,
    stalled,
    start,
    then,
    wait_for,
    write_manifest,
)


def assert_nothing_is_usable(cache):
    """Whatever was downloaded has not got the place from which presets are loaded."""
    assert not [path for path in cache.glob("*/*/*/*") if not path.parts[-3].endswith(".part")]


# What is cut off, slow or away


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_download_goes_on_where_it_was_cut(remote, published, digits, reset):
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [cut(1_000_000, reset), cut(500_000, reset)]
    folder = find(published)
    assert digest(folder / WEIGHTS) == digest(digits / WEIGHTS)
    first, second, third = remote.asked(WEIGHTS)
    assert "Range" not in first
    starts = [int(headers["Range"].removeprefix("bytes=").removesuffix("-")) for headers in (second, third)]
    if reset:  # what was on its way is lost
        assert 0 < starts[0] <= 1_000_000
        assert starts[0] < starts[1] <= starts[0] + 500_000
    else:
        assert starts == [1_000_000, 1_500_000]
    assert second["If-Range"] == third["If-Range"] == f'"{hashlib.md5((digits / WEIGHTS).read_bytes()).hexdigest()}"'


def test_the_next_call_goes_on_where_the_last_one_gave_up(remote, published, cache, capsys):
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [cut(700_000), cut(0), cut(0)]
    with pytest.raises(OSError, match=r"cut off after 700,000 of 3,007,656 bytes \(tried 3 times\)\. What came is kept"):
        find(published)
    assert_nothing_is_usable(cache)
    capsys.readouterr()
    find(published)
    assert capsys.readouterr().err == f"Downloading {published} (3.0 MB, of which 0.7 MB are there).\n"
    assert remote.asked(WEIGHTS)[-1]["Range"] == "bytes=700000-"
    assert len(remote.asked(CONFIG)) == 1
    assert [path.name for path in cache.glob("*/*.part")] == []


def test_a_connection_that_brings_something_may_be_cut_any_number_of_times(remote, published, monkeypatch):
    monkeypatch.setattr(web, "_PROGRESS", 100_000)
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [cut(200_000)] * 12
    find(published)
    assert len(remote.asked(WEIGHTS)) == 13


def test_a_killed_process_leaves_what_came_to_the_next_one(remote, published, digits, cache):
    event = threading.Event()
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [stalled((digits / WEIGHTS).read_bytes(), 1_500_000, event)]
    remote.etags = False
    process = start(published)
    wait_for(lambda: sum(path.stat().st_size for path in cache.glob(f"*/*.part/*/{WEIGHTS}.part")) >= 1_000_000)
    process.kill()
    process.wait()
    event.set()
    (tag,) = cache.glob("*/*.part/*/*.etag")
    assert tag.read_text() == '"stalled"'
    tag.unlink()
    find(published)
    assert int(remote.asked(WEIGHTS)[1]["Range"].removeprefix("bytes=").removesuffix("-")) >= 1_000_000


def test_a_file_that_was_whole_when_the_process_was_killed_is_not_asked_for_again(remote, published, digits, cache):
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [cut(10)] * 3
    with pytest.raises(OSError, match="cut off"):
        find(published)
    (part,) = cache.glob(f"*/*.part/*/{WEIGHTS}.part")
    part.write_bytes((digits / WEIGHTS).read_bytes())
    asked = len(remote.asked(WEIGHTS))
    find(published)
    assert len(remote.asked(WEIGHTS)) == asked


def test_a_part_of_another_file_is_not_mixed_in(remote, published, digits, cache):
    """Whether by the ETag, or, of a server without ETags, by the SHA-256 of the whole."""
    for etags, starts in ((True, [None]), (False, ["bytes=600000-", None])):
        shutil.rmtree(cache, ignore_errors=True)
        remote.etags = etags
        remote.faults[f"{PLACE}/{WEIGHTS}"] = [cut(600_000), cut(0), cut(0)]
        with pytest.raises(OSError, match="cut off"):
            find(published)
        (part,) = cache.glob(f"*/*.part/*/{WEIGHTS}.part")
        part.write_bytes(bytes(600_000))
        if etags:
            part.with_name(f"{WEIGHTS}.etag").write_text('"that of another file"')
        remote.requests.clear()
        assert digest(find(published) / WEIGHTS) == digest(digits / WEIGHTS)
        asked = remote.asked(WEIGHTS)
        if etags:
            assert asked[0]["If-Range"] == '"that of another file"'
            assert len(asked) == 1
        else:
            assert [headers.get("Range") for headers in asked] == starts


def test_a_server_that_knows_no_ranges_sends_all_again(remote, published, digits):
    remote.ranges = False
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [cut(1_000_000)]
    assert digest(find(published) / WEIGHTS) == digest(digits / WEIGHTS)
    assert [headers.get("Range") for headers in remote.asked(WEIGHTS)] == [None, "bytes=1000000-"]


def test_a_range_that_the_server_lacks_begins_anew(remote, published, digits):
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [cut(1_000_000), refuse(416)]
    assert digest(find(published) / WEIGHTS) == digest(digits / WEIGHTS)
    assert [headers.get("Range") for headers in remote.asked(WEIGHTS)] == [None, "bytes=1000000-", None]


def test_another_range_than_asked_for_is_not_used(remote, published, digits):
    def wrong_range(handler):
        handler.answer(206, (digits / WEIGHTS).read_bytes()[5:], {"Content-Range": "bytes 5-3007655/3007656"})
        return True

    remote.faults[f"{PLACE}/{WEIGHTS}"] = [cut(1_000_000), wrong_range]
    assert digest(find(published) / WEIGHTS) == digest(digits / WEIGHTS)
    assert "Range" not in remote.asked(WEIGHTS)[-1]


def test_a_busy_server_is_asked_again_when_it_wants(remote, published):
    remote.faults[f"{PLACE}/{FACTS}"] = [refuse(503), refuse(429, Retry_After=1)]
    began = time.monotonic()
    find(published)
    assert time.monotonic() - began >= 0.8
    assert len(remote.asked(FACTS)) == 3


@pytest.mark.parametrize("name", [FACTS, WEIGHTS])
def test_a_silent_server_is_given_up(remote, published, name):
    remote.faults[f"{PLACE}/{name}"] = [silent(2)]
    find(published)
    assert len(remote.asked(name)) == 2
    remote.faults[f"{PLACE}/{FACTS}"] = [silent(2)] * 3
    began = time.monotonic()
    with pytest.raises(OSError, match=r"preset\.json cannot be read: 127\.0\.0\.1: .*timed out.*\(tried 3 times\)"):
        find(f"{published}#sha256={'0' * 64}")
    assert time.monotonic() - began < 4


def test_a_dripping_server_is_given_up_and_asked_again(remote, published, digits):
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [dripping((digits / WEIGHTS).read_bytes(), 0.05)]
    assert digest(find(published) / WEIGHTS) == digest(digits / WEIGHTS)
    assert int(remote.asked(WEIGHTS)[1]["Range"].removeprefix("bytes=").removesuffix("-")) > 1


# Over TLS


@pytest.fixture
def protected(published, remote, tmp_path):
    """The same over https://, by a certificate that nobody has signed, and where that lies."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl, which makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    files = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    remote.protect(certificate, key)
    return published.replace("http://127.0.0.1", "https://localhost"), certificate


def test_certificates_are_checked(protected, remote, monkeypatch, digits):
    address, certificate = protected
    with pytest.raises(
        OSError, match=r"certificate of localhost cannot be trusted \(self.signed certificate\)\..*SSL_CERT_FILE"
    ):
        find(address)
    assert remote.requests == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [cut(1_000_000)]
    assert digest(find(address) / WEIGHTS) == digest(digits / WEIGHTS)
    assert "Range" in remote.asked(WEIGHTS)[1]


# What is no preset, or not the right one


def test_what_is_not_there_is_named(remote, published):
    with pytest.raises(ValueError, match=r"/models/none cannot be loaded \(404\): it is no preset, .*none/preset\.json"):
        find(f"{remote.url}/models/none")
    del remote.files[f"{PLACE}/{WEIGHTS}"]
    with pytest.raises(ValueError, match=r"\(404\): it is no preset, or is not whole: there is no .*model\.weights\.h5"):
        find(published)
    remote.faults[f"{PLACE}/{FACTS}"] = [refuse(403)]
    with pytest.raises(ValueError, match=r"\(403\): the server lets nobody read it without a login"):
        find(published)
    remote.faults[f"{PLACE}/{FACTS}"] = [refuse(418)]
    with pytest.raises(ValueError, match=r"cannot be loaded\. .*answered 418"):
        find(published)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!doctype html>", r"is no preset: its preset\.json is no JSON"),
        (b"\xff\xfe", r"is no preset: its preset\.json is no JSON"),
        (b"[" * 100_000, r"is no preset: its preset\.json is no JSON"),
        (b"[]", "holds no JSON object"),
        (b"{}", r"does not say by 'files' which files belong to it.*save the preset again"),
        (b'{"files": []}', "'files' must be an object"),
        (b'{"files": {"config.json": {}}}', r"names no model\.weights\.h5"),
        (b" " * 2_000_001, "has more than 2,000,000 bytes"),
    ],
)
def test_what_is_no_preset_says_why(remote, published, content, words):
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
    with pytest.raises(ValueError, match=r"model\.weights\.h5 is damaged or another file: its SHA-256 is \w{64} and should"):
        find(published)
    assert_nothing_is_usable(cache)
    assert not list(cache.rglob(f"{WEIGHTS}*"))
    remote.files[f"{PLACE}/{WEIGHTS}"] = whole
    find(published)


@pytest.mark.parametrize("change", [-1, 1])
@pytest.mark.parametrize("told", [True, False])
def test_a_file_of_another_size_is_refused(remote, published, cache, change, told):
    whole = remote.files[f"{PLACE}/{WEIGHTS}"]
    sent = whole + b"." if change == 1 else whole[:-1]
    if told:
        remote.files[f"{PLACE}/{WEIGHTS}"] = sent
        with pytest.raises(ValueError, match=r"has 3,007,65[57] bytes and should have 3,007,656"):
            find(published)
        assert sum(path.stat().st_size for path in cache.rglob(f"{WEIGHTS}*")) == 0  # not a byte was read
    else:
        remote.ranges = False
        remote.faults[f"{PLACE}/{WEIGHTS}"] = [other(sent, Content_Length=None)] * 6
        error, words = (ValueError, "more than the 3,007,656 bytes") if change == 1 else (OSError, "cut off after 3,007,655")
        with pytest.raises(error, match=words):
            find(published)
        assert sum(path.stat().st_size for path in cache.rglob(f"{WEIGHTS}*")) <= len(whole)
    assert_nothing_is_usable(cache)


def test_what_no_disk_has_room_for_is_not_begun(remote, published, digits, cache):
    write_manifest(digits, **{WEIGHTS: {"sha256": "0" * 64, "bytes": 10**18}})
    remote.publish(digits, PLACE)
    with pytest.raises(OSError, match=r"no room for 1,000,000,000,000\.0 MB in .*KERAS_GANS_CACHE"):
        find(published)
    assert remote.asked(WEIGHTS) == []


def test_a_disk_that_gets_full_meanwhile_says_so_and_keeps_what_came(remote, published, small_disk, cache):
    filling = small_disk / "of somebody else"
    remote.faults[f"{PLACE}/{WEIGHTS}"] = [then(lambda: filling.write_bytes(bytes(2_000_000)))]
    with pytest.raises(OSError, match=r"There is no room for the rest of .*, and what came is kept: make room"):
        find(published)
    filling.unlink()
    assert find(published)
    assert int(remote.asked(WEIGHTS)[-1]["Range"].removeprefix("bytes=").removesuffix("-")) > 1_000_000


def test_a_file_that_may_not_grow_so_large_says_so(remote, published, cache):
    """Files of this process may grow to a million bytes only: the system refuses the rest as it does on a full disk."""
    process = start(published, before="import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"OSError: There is no room for the rest of {cache}" in errors
    (part,) = cache.glob(f"*/*.part/*/{WEIGHTS}.part")
    assert part.stat().st_size == 1_000_000
    find(published)
    assert remote.asked(WEIGHTS)[-1]["Range"] == "bytes=1000000-"

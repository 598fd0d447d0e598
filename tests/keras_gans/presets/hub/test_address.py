"""Which texts are addresses, and where they lead."""

from pathlib import Path

import pytest

import keras_gans
from keras_gans import presets
from keras_gans.presets import hub

PIN = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "base", "name"),
    [
        ("hf://owner/digits", "https://huggingface.co/owner/digits/resolve/main", "digits"),
        ("hf://owner/digits/", "https://huggingface.co/owner/digits/resolve/main", "digits"),
        ("HF://Own.er/di_g-1.0@v1.0", "https://huggingface.co/Own.er/di_g-1.0/resolve/v1.0", "di_g-1.0"),
        ("hf://owner/digits@refs/pr/1", "https://huggingface.co/owner/digits/resolve/refs%2Fpr%2F1", "digits"),
        ("https://host.org/models/digits/", "https://host.org/models/digits", "digits"),
        ("https://host.org:8443/a%20b/ü", "https://host.org:8443/a%20b/%C3%BC", "_"),
        ("https://host.org", "https://host.org", "preset"),
        ("https://host.org/runs/faces/best", "https://host.org/runs/faces/best", "faces"),
        ("http://localhost:8000/digits", "http://localhost:8000/digits", "digits"),
        ("http://127.0.0.1/digits", "http://127.0.0.1/digits", "digits"),
        ("http://[::1]:80/digits", "http://[::1]:80/digits", "digits"),
    ],
)
def test_addresses_lead_to_urls(monkeypatch, text, base, name):
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    for pinned in (text, f"{text}#sha256={PIN.upper()}"):
        address = hub.parse(pinned)
        assert (address.text, address.url("x.json"), address.name) == (text, f"{base}/x.json", name)
        assert address.pin == (None if pinned == text else PIN)
    assert hub.parse(text, sha256=PIN).pin == PIN


@pytest.mark.parametrize(
    "name", ["dcgan_digits", "runs/dcgan", "/tmp/hf:/x", "C:\\runs", "C://runs", "hf:owner", Path("hf://a/b")]
)
def test_names_and_folders_are_none(name):
    assert not hub.is_address(name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ftp://host/digits", r"'ftp://host/digits' cannot be loaded\. Accepted are hf://owner/name, .*https://host/folder"),
        ("file:///etc", "cannot be loaded. Accepted are"),
        ("s3://bucket/digits", "cannot be loaded. Accepted are"),
        ("http://host.org/digits", r"is not encrypted. Use https://; http:// is only for localhost"),
        ("http://localhost.evil.org/digits", "is not encrypted"),
        ("http://127.0.0.1@evil.org/digits", "must not contain a question mark, user or password"),
        ("https://user:secret@host.org/digits", "must not contain a question mark, user or password"),
        ("https://host.org/digits?key=1", "must not contain a question mark, user or password"),
        ("https://", "is not the address of a folder"),
        ("https://host.org:port/digits", "is not the address of a folder"),
        ("https://host.org/a/../b", "is not the address of a folder"),
        ("https://host.org/a b", "is not the address of a folder"),
        ("https://host.org/a\r\nHost: evil", "is not the address of a folder"),
        ("hf://digits", "is not an address on the Hugging Face Hub"),
        ("hf://owner/name/file", "is not an address on the Hugging Face Hub"),
        ("hf://owner/..", "is not an address on the Hugging Face Hub"),
        ("hf://owner/name@", "is not an address on the Hugging Face Hub"),
        ("hf://owner/name@../x", "is not an address on the Hugging Face Hub"),
        ("https://host.org/digits#best", "'#best' is not a pin. Give #sha256="),
        ("https://host.org/digits#sha256=12", "must be 64 hexadecimal digits.*received '12'"),
        (f"https://host.org/digits#sha256={'g' * 64}", "must be 64 hexadecimal digits"),
    ],
)
def test_mistakes_are_named(text, words):
    with pytest.raises(ValueError, match=words) as caught:
        keras_gans.load_pretrained(text)
    assert "secret" not in str(caught.value)


def test_two_pins_must_agree():
    assert hub.parse(f"hf://a/b#sha256={PIN}", sha256=PIN).pin == PIN
    with pytest.raises(ValueError, match="give different pins"):
        presets.find_preset(f"hf://a/b#sha256={PIN}", sha256="0" * 64)
    with pytest.raises(ValueError, match="must be 64 hexadecimal digits"):
        presets.find_preset("hf://a/b", sha256=5)


def test_the_hub_may_lie_elsewhere_but_not_unprotected(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.org/")
    assert hub.parse("hf://a/b").url("x") == "https://mirror.org/a/b/resolve/main/x"
    monkeypatch.setenv("HF_ENDPOINT", "http://mirror.org")
    with pytest.raises(ValueError, match=r"HF_ENDPOINT=http://mirror.org must begin with https://"):
        hub.parse("hf://a/b")

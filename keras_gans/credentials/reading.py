"""Reads the content credentials of files and says whether they hold."""

from __future__ import annotations

import dataclasses
import io
import json
from typing import Any

from keras_gans.credentials.canonical import is_canonical
from keras_gans.credentials.extra import needed
from keras_gans.credentials.signing import GENERATOR, format_of

# `UNTRUSTED`: intact, but signed by somebody who is not trusted, or with a certificate that has expired.
TRUSTED, UNTRUSTED, ALTERED, NONE = "trusted", "untrusted", "altered", "none"
# There are some, which the extra `credentials` reads.
UNREAD = "unread"
_UNTRUSTED_CODES = {"signingCredential.untrusted", "signingCredential.expired", "claimSignature.outsideValidity"}
_EXPIRED_CODES = _UNTRUSTED_CODES - {"signingCredential.untrusted"}
_LONGEST_NAME = 64


@dataclasses.dataclass(frozen=True)
class FoundCredentials:
    """The content credentials of a file.

    Attributes:
        status: `TRUSTED`, `UNTRUSTED`, `ALTERED`, `NONE` or `UNREAD`.
        words: The same in words.
        signer: Who has signed, as the certificate says; empty if that cannot be known.
        generator: The program that made the manifest.
    """

    status: str
    words: str
    signer: str = ""
    generator: str = ""


def has_credentials(content: bytes) -> bool:
    """Return whether a file may have a manifest, without the extra `credentials`."""
    return format_of(content) is not None and (b"c2pa" in content or b"jumb" in content)


def read_credentials(content: bytes, trusted: bytes | None = None) -> FoundCredentials:
    """Read the content credentials of a file. Nothing is fetched from a network.

    Args:
        content: A PNG, JPEG, WebP or WAV file.
        trusted: Certificates of the authorities that are trusted, PEM; None for none.

    Raises:
        ValueError: If the certificates cannot be read, or the extra `credentials` is not installed.
    """
    kind = format_of(content)
    if kind is None:
        return FoundCredentials(NONE, "no content credentials")
    c2pa = needed("c2pa")
    settings: dict[str, Any] = {"verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False}}
    if trusted is not None:
        settings["trust"] = {"user_anchors": _checked(trusted).decode()}
    try:
        with (
            c2pa.Context(c2pa.Settings.from_dict(settings)) as context,
            c2pa.Reader(kind, io.BytesIO(content), context=context) as reader,
        ):
            state, found = reader.get_validation_state(), json.loads(reader.json())
    except c2pa.C2paError as error:
        reason = str(error).rstrip(".")
        if reason.startswith("ManifestNotFound"):
            return FoundCredentials(NONE, "no content credentials")
        return FoundCredentials(ALTERED, f"altered since it was signed: the manifest is damaged ({reason[:80]})")
    return _judge(content, state, found)


def _judge(content: bytes, state: str | None, found: dict[str, Any]) -> FoundCredentials:
    label = found.get("active_manifest", "")
    manifest = found.get("manifests", {}).get(label, {})
    signature = manifest.get("signature_info", {})
    signer = _printable(signature.get("common_name") or signature.get("issuer") or "")
    generator = _printable((manifest.get("claim_generator_info") or [{}])[0].get("name", ""))
    results = found.get("validation_results", {}).get("activeManifest", {})
    codes = [failure.get("code", "") for failure in results.get("failure", [])]
    by = f"signed by {signer or 'nobody known'}"
    if state not in ("Valid", "Trusted") and not (codes and set(codes) <= _UNTRUSTED_CODES):
        reason = next((code for code in codes if code not in _UNTRUSTED_CODES), "its parts contradict each other")
        return FoundCredentials(ALTERED, f"altered since it was {by} ({_printable(reason)})", signer, generator)
    if generator == GENERATOR and not is_canonical(content, label):
        return FoundCredentials(ALTERED, f"altered since it was {by} (around the signature)", signer, generator)
    if _EXPIRED_CODES & set(codes):
        return FoundCredentials(UNTRUSTED, f"intact, but {by} with a certificate that has expired since", signer, generator)
    if state == "Trusted":
        return FoundCredentials(TRUSTED, f"intact, and {by}, who is trusted", signer, generator)
    return FoundCredentials(UNTRUSTED, f"intact, but {by}, who is not among those you trust", signer, generator)


def _checked(certificates: bytes) -> bytes:
    x509 = needed("cryptography.x509")
    try:
        x509.load_pem_x509_certificates(certificates)
    except ValueError as error:
        raise ValueError("The trusted certificates are not PEM: give the ca.pem of whom you trust.") from error
    return certificates


def _printable(text: str) -> str:
    """Return text of a stranger so that it stays on one line."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text))[:_LONGEST_NAME]

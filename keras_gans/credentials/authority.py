"""A key to sign with, and the certificates that vouch for it.

A certificate authority of your own signs the certificate of the key. Who has the authority's certificate, `ca.pem`, and trusts
it, trusts what the key signs. That is enough for yourself and for those who know you. Other programs trust the authorities on
C2PA's list, which certify products, and call such files intact, but of an unknown signer.

Reference: C2PA Technical Specification 2.2, section 14.5 (certificate profiles).
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

from keras_gans.credentials.extra import needed
from keras_gans.files import refuse_existing, replacing

AUTHORITY, AUTHORITY_KEY, CHAIN, KEY = "ca.pem", "ca_key.pem", "chain.pem", "key.pem"
_AUTHORITY_DAYS, _DAYS = 3650, 365
_LONGEST_NAME = 64  # X.509 holds no longer one


def create_credentials(folder: str | os.PathLike, name: str, days: float = _DAYS) -> Path:
    """Make a key, its certificate, and the authority that signs that.

    The folder then contains `ca.pem`, which you give to those who verify your files; `chain.pem`; and two keys that only you
    can read, `key.pem`, which signs files, and `ca_key.pem`, which signs certificates.

    Args:
        folder: Where they are written. It must not exist.
        name: Who signs, as others will read it: up to 64 characters.
        days: For how long the certificate is valid. Default 365; that of the authority is valid for ten years.

    Returns:
        The folder.

    Raises:
        FileExistsError: If the folder exists.
        ValueError: If the name is empty or too long, or the extra `credentials` is not installed.
    """
    folder, name = Path(folder), name.strip()
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise ValueError(f"The name of who signs must have 1 to {_LONGEST_NAME} printable characters; received {name!r}.")
    refuse_existing(folder, False)
    ec = needed("cryptography.hazmat.primitives.asymmetric.ec")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name, f"{name[: _LONGEST_NAME - 10]} authority")
    authority = _certificate(subject, key.public_key(), subject, key, _AUTHORITY_DAYS)
    with replacing(folder) as temporary:
        temporary.mkdir(mode=0o700)
        (temporary / AUTHORITY).write_bytes(_pem(authority))
        _write_key(temporary / AUTHORITY_KEY, key)
        _certify(temporary, authority, key, name, days)
    return folder


def renew_credentials(folder: str | os.PathLike, days: float = _DAYS) -> None:
    """Replace the key and its certificate, which expires, by new ones of the same authority.

    Args:
        folder: What `create_credentials` has written.
        days: For how long the certificate is valid. Default 365.

    Raises:
        FileNotFoundError: If the folder lacks the authority or its key.
        ValueError: If they are damaged, or the extra `credentials` is not installed.
    """
    folder = Path(folder)
    x509, oid = needed("cryptography.x509"), needed("cryptography.x509.oid")
    serialization = needed("cryptography.hazmat.primitives.serialization")
    try:
        authority = x509.load_pem_x509_certificate((folder / AUTHORITY).read_bytes())
        key = serialization.load_pem_private_key((folder / AUTHORITY_KEY).read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{folder} does not contain an authority that can be read: {str(error).splitlines()[0]}") from error
    (found,) = authority.subject.get_attributes_for_oid(oid.NameOID.ORGANIZATION_NAME)
    _certify(folder, authority, key, found.value, days)


def _certify(folder: Path, authority: Any, authority_key: Any, name: str, days: float) -> None:
    """Write a new key and its chain of certificates."""
    ec = needed("cryptography.hazmat.primitives.asymmetric.ec")
    key = ec.generate_private_key(ec.SECP256R1())
    own = _certificate(_name(name, name), key.public_key(), authority.subject, authority_key, days, ends=True)
    _write_key(folder / KEY, key)
    with replacing(folder / CHAIN) as temporary:
        temporary.write_bytes(_pem(own) + _pem(authority))


def _certificate(subject: Any, public: Any, issuer: Any, issuer_key: Any, days: float, ends: bool = False) -> Any:
    """Return a certificate: that of an authority, or of a key that signs files."""
    x509, oid = needed("cryptography.x509"), needed("cryptography.x509.oid")
    hashes = needed("cryptography.hazmat.primitives.hashes")
    now = datetime.datetime.now(datetime.UTC)
    used = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"),
        False,
    )
    usage = x509.KeyUsage(digital_signature=ends, key_cert_sign=not ends, crl_sign=not ends, **used)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # Clocks differ.
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(not ends, None if ends else 0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if ends:
        builder = builder.add_extension(x509.ExtendedKeyUsage([oid.ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(organization: str, common: str) -> Any:
    x509, oid = needed("cryptography.x509"), needed("cryptography.x509.oid").NameOID
    # Readers reject certificates without an organization.
    return x509.Name([x509.NameAttribute(oid.ORGANIZATION_NAME, organization), x509.NameAttribute(oid.COMMON_NAME, common)])


def _pem(certificate: Any) -> bytes:
    return certificate.public_bytes(needed("cryptography.hazmat.primitives.serialization").Encoding.PEM)


def _write_key(path: Path, key: Any) -> None:
    serialization = needed("cryptography.hazmat.primitives.serialization")
    content = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with replacing(path) as temporary:
        # Nobody else can open it, not even for a moment.
        temporary.touch(mode=0o600)
        temporary.write_bytes(content)

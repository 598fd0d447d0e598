"""Signs files: puts a C2PA manifest into them."""

from __future__ import annotations

import dataclasses
import datetime
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans._version import __version__
from keras_gans.credentials.authority import CHAIN, KEY
from keras_gans.credentials.extra import needed

if TYPE_CHECKING:
    from keras_gans.declaration import Declaration

GENERATOR, OWN_ASSERTION = "keras_gans", "org.keras-gans.declaration"
_SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
# The files that are signed.
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".wav")


@dataclasses.dataclass(frozen=True)
class Credentials:
    """What files are signed with.

    Attributes:
        name: Who signs.
        chain: The certificates of the key and of its authority, PEM.
        key: The private key, PEM.
    """

    name: str
    chain: bytes = dataclasses.field(repr=False)
    key: bytes = dataclasses.field(repr=False)

    @classmethod
    def load(cls, folder: str | os.PathLike) -> Credentials:
        """Read what `create_credentials` has written.

        Raises:
            FileNotFoundError: If the folder lacks the key or its certificates.
            ValueError: If they are damaged, expired, or do not belong together, or the extra `credentials` is not installed.
        """
        folder = Path(folder)
        for name in (CHAIN, KEY):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"There is no file {folder / name}: keras-gans credentials init {folder} makes it.")
        x509 = needed("cryptography.x509")
        serialization = needed("cryptography.hazmat.primitives.serialization")
        chain, key = (folder / CHAIN).read_bytes(), (folder / KEY).read_bytes()
        try:
            own = x509.load_pem_x509_certificates(chain)[0]
            public = serialization.load_pem_private_key(key, None).public_key()
        except (ValueError, TypeError) as error:
            raise ValueError(f"The key or the certificates in {folder} are damaged: {str(error).splitlines()[0]}") from error
        if own.public_key() != public:
            raise ValueError(f"The key in {folder} is not that of the certificate: {KEY} and {CHAIN} do not belong together.")
        end = own.not_valid_after_utc
        if end <= datetime.datetime.now(datetime.UTC):
            raise ValueError(
                f"The certificate in {folder} expired on {end:%Y-%m-%d}: keras-gans credentials renew {folder} makes a new one."
            )
        (name,) = own.subject.get_attributes_for_oid(needed("cryptography.x509.oid").NameOID.COMMON_NAME)
        return cls(str(name.value), chain, key)

    def sign(self, content: bytes, declaration: Declaration) -> bytes:
        """Return the bytes of a file with a signed manifest of what it declares. They differ each time.

        Args:
            content: A PNG, JPEG, WebP or WAV file.
            declaration: What it declares.

        Raises:
            ValueError: If the file is of another format or damaged, or signing fails.
        """
        c2pa = needed("c2pa")
        kind = format_of(content)
        if kind is None:
            raise ValueError(f"Only {', '.join(SUFFIXES)} files can be signed.")
        out = io.BytesIO()
        info = c2pa.C2paSignerInfo(alg=b"es256", sign_cert=self.chain, private_key=self.key, ta_url=None)
        try:
            with (
                c2pa.Context(c2pa.Settings.from_dict({"builder": {"thumbnail": {"enabled": False}}})) as context,
                c2pa.Builder(_manifest(declaration), context) as builder,
                c2pa.Signer.from_info(info) as signer,
            ):
                builder.sign(signer, kind, io.BytesIO(content), out)
        except c2pa.C2paError as error:
            raise ValueError(f"The file could not be signed: {error}") from error
        return out.getvalue()


def format_of(content: bytes) -> str | None:
    """Return the media type of a file that can be signed; None for others."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8"):
        return "image/jpeg"
    if content[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(content[8:12])
    return None


def _manifest(declaration: Declaration) -> dict[str, Any]:
    program = {"name": GENERATOR, "version": __version__}
    created = {"action": "c2pa.created", "digitalSourceType": _SOURCES + declaration.source, "softwareAgent": program}
    facts = {"model": declaration.model, "weights": declaration.weights, "recipe": dict(declaration.recipe)}
    own = {name: value for name, value in facts.items() if value}
    assertions = [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}]
    return {
        "claim_generator_info": [program],
        "assertions": [*assertions, *([{"label": OWN_ASSERTION, "data": own}] if own else [])],
    }

"""Signs the files that a server answers with."""

from __future__ import annotations

import os

import numpy as np

from keras_gans.credentials import Credentials
from keras_gans.declaration import Declaration, extract
from keras_gans.serving.errors import ServingError


class OutputSigner:
    """Signs the PNG and WAV files among outputs that declare that a model made them; others stay as they are.

    Args:
        folder: What `keras_gans.credentials.create_credentials` has written.

    Raises:
        FileNotFoundError: If the folder lacks the key or its certificates.
        ValueError: As `keras_gans.credentials.Credentials.load`.
    """

    def __init__(self, folder: str | os.PathLike):
        self._credentials = Credentials.load(folder)

    def sign(self, outputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return outputs by name with signed files.

        Raises:
            ServingError: If signing fails, because the certificate has expired since the server was started, say.
        """
        return {name: self._signed(array) if name.endswith("_bytes") else array for name, array in outputs.items()}

    def _signed(self, files: np.ndarray) -> np.ndarray:
        signed = np.empty(files.shape, object)
        for place, content in np.ndenumerate(files):
            signed[place] = self._sign(content) if isinstance(content, bytes) else content
        return signed

    def _sign(self, content: bytes) -> bytes:
        try:
            packet = extract(content)
            declared = None if packet is None else Declaration.from_xmp(packet)
            return content if declared is None else self._credentials.sign(content, declared)
        except ValueError as error:
            raise ServingError("FAILED_PRECONDITION", f"The answer could not be signed: {error}") from error

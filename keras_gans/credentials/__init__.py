"""Content credentials: signatures in files that say who made them, with what, and that nothing was changed since (C2PA).

Needs the extra `credentials`.
"""

from keras_gans.credentials.authority import create_credentials, renew_credentials
from keras_gans.credentials.reading import (
    ALTERED,
    NONE,
    TRUSTED,
    UNREAD,
    UNTRUSTED,
    FoundCredentials,
    has_credentials,
    read_credentials,
)
from keras_gans.credentials.signing import SUFFIXES, Credentials

__all__ = [
    "ALTERED",
    "NONE",
    "SUFFIXES",
    "TRUSTED",
    "UNREAD",
    "UNTRUSTED",
    "Credentials",
    "FoundCredentials",
    "create_credentials",
    "has_credentials",
    "read_credentials",
    "renew_credentials",
]

"""Which files of a folder are held out of training: a twentieth, chosen by a hash of their names."""

import hashlib

_SHARE = 0.05


def is_held_out(name: str) -> bool:
    """Whether a file is held out. Adding or removing other files does not change the answer.

    Args:
        name: Its path below the folder, without the suffix.
    """
    digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8)
    return int.from_bytes(digest.digest()) < _SHARE * 2**64

"""Verifies what files declare of their origin: their samples are generated again and compared.

    keras-gans verify samples/000003.png
    keras-gans verify samples/*.png sound.wav --model=runs/mine
    keras-gans verify signed.png --trust=ca.pem
    keras-gans verify sentences.txt --key=@key.txt --model=next_token_gan_coco

Pictures and sounds that this library writes declare that a model made them, which one, and from which seed (docs/origin.md). A
file without a declaration need not be real.

Text holds no declaration. With --key, its watermark is looked for: how many tokens are those that the key favours, in standard
deviations above chance (z), and how likely that is without the mark (p). A p of at most 0.01 is called marked: one in a hundred
other texts has that, too.

Content credentials, which --sign writes, are checked: whether the file is intact, and with --trust, whether its signer is
trusted (keras-gans credentials).

Exit status: 0 if all files are identical to what their models make, marked, or signed by somebody who is trusted; 3 if some
were encoded again, or signed by somebody else; 1 if some were altered; 2 if nothing is known of some.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from .common import program, secret_keys, watermark_strength

_MODEL = flags.DEFINE_string(
    "model",
    None,
    "Preset or run folder that made the files (default: the bundled preset whose weights they declare; text needs it).",
)
_TRUST = flags.DEFINE_string(
    "trust", None, "For content credentials: file with the certificates of the authorities that you trust, such as ca.pem."
)
_KEY = flags.DEFINE_string("key", None, "For text: the secret key of its watermark, or @FILE that contains it.")

SHARED_FLAGS = (watermark_strength,)

_TEXT = (".txt", ".jsonl")


def main(arguments: list[str]) -> int:
    """Verify the files and print a line for each."""
    if not arguments:
        raise ValueError("one or more files are needed; none was given.")
    mark = _key_and_model()
    program.import_keras()
    found = []
    for path in arguments:
        try:
            words, status = _verify(path) if mark is None else _find_watermark(path, *mark)
        except (OSError, ValueError) as error:
            if len(arguments) == 1:
                raise
            words, status = str(error).removeprefix(f"{path}: ").removesuffix("."), 2
        print(f"{path}: {words}.")
        found.append(status)
    return max(found, key=(0, 3, 1, 2).index)


def _key_and_model() -> tuple[str, str] | None:
    """Return the key of the watermark to look for, and the text model; None if none is looked for."""
    if _KEY.value is None:
        return None
    if _MODEL.value is None:
        raise ValueError("--key needs --model, the text model that may have written the text: its tokenizer reads it.")
    return secret_keys.read_key(_KEY.value), _MODEL.value


def _verify(path: str) -> tuple[str, int]:
    """Return what is known of a file's origin, in words and as an exit status."""
    from keras_gans import credentials
    from keras_gans.verification import ALTERED, IDENTICAL, REENCODED, verify

    result = verify(path, _MODEL.value, _TRUST.value)
    if result.declaration is None and Path(path).suffix.lower() in _TEXT:
        return "text, which holds no declaration; --key and --model look for its watermark", 2
    known = {{IDENTICAL: 0, REENCODED: 3, ALTERED: 1}.get(result.status, 2)}
    if result.credentials is not None:
        signed = {credentials.TRUSTED: 0, credentials.UNTRUSTED: 3, credentials.ALTERED: 1}
        known.add(signed.get(result.credentials.status, 2))
    # An alteration decides; else what is known best.
    return result.words, min(known, key=(1, 0, 3, 2).index)


def _find_watermark(path: str, key: str, model: str) -> tuple[str, int]:
    """Return what is known of a text's watermark, in words and as an exit status."""
    from keras_gans import Watermark, find_watermark

    result = find_watermark(path, Watermark(key, **watermark_strength.strength()), model)
    return result.words, 0 if result.marked else 2


if __name__ == "__main__":
    program.run(main)

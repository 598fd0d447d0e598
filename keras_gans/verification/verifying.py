"""Verifies what files declare of their origin."""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gans import credentials
from keras_gans.credentials import FoundCredentials, has_credentials, read_credentials
from keras_gans.declaration import COMPOSITE, GENERATED, Declaration, extract
from keras_gans.presets import Preset, find_preset, list_presets
from keras_gans.verification.again import make_again
from keras_gans.verification.comparison import Difference, compare_pictures, compare_sounds

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

# What the comparison showed. `UNKNOWN`: nothing was compared.
IDENTICAL, REENCODED, ALTERED, UNKNOWN = "identical", "re-encoded", "altered", "unknown"
# Larger files are not read.
_LARGEST = 2**28


@dataclasses.dataclass(frozen=True)
class Verification:
    """What is known of a file's origin.

    Attributes:
        status: `IDENTICAL`, `REENCODED`, `ALTERED` or `UNKNOWN`.
        words: The same in words, with what was compared.
        declaration: What the file declares; None if nothing.
        psnr: Peak signal-to-noise ratio to the sample in dB, if one was made again and differs.
        credentials: What its content credentials say, if it has any: see `keras_gans.credentials`.
        where: The part that was altered, if it is only a part: pixels `(left, top, right, bottom)`, or seconds `(start, end)`.
    """

    status: str
    words: str
    declaration: Declaration | None = None
    psnr: float | None = None
    where: tuple[float, ...] | None = None
    credentials: FoundCredentials | None = None


def verify(
    path: str | os.PathLike, model: str | os.PathLike | None = None, trust: str | os.PathLike | None = None
) -> Verification:
    """Generate the sample again that a file declares to be, and compare them; and check its content credentials.

    A file without a declaration need not be real, for declarations are easily removed. A declaration alone proves nothing, for
    anyone can write one; but only who has the weights can make a file that is identical to what they generate.

    Args:
        path: A PNG, JPEG, WebP, GIF or WAV file.
        model: Name of the preset, or its folder. None for the bundled preset whose weights the file declares. Nothing is
            downloaded because a file says so.
        trust: File with the certificates of the authorities that are trusted, `ca.pem`; None for none. Without it, nobody's
            content credentials are trusted, but their files can be intact.

    Raises:
        FileNotFoundError: If there is no such file, or no such model.
        ValueError: If the file or its declaration is damaged, or it is larger than 256 MiB.

    Example:

        keras_gans.verify("samples/000003.png").status   # "identical"
    """
    path = Path(path)
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"{path} has more than {_LARGEST >> 20} MiB.")
    content = path.read_bytes()
    found = _credentials(content, trust)
    try:
        result = _verify(path, content, model)
    except ValueError as error:
        # Its signature already shows that the file was damaged.
        if found is None or found.status != credentials.ALTERED:
            raise
        result = Verification(UNKNOWN, str(error).removeprefix(f"{path}: ").rstrip("."))
    if found is None or found.status == credentials.NONE:
        return result
    return dataclasses.replace(result, words=f"{result.words}; content credentials: {found.words}", credentials=found)


def _credentials(content: bytes, trust: str | os.PathLike | None) -> FoundCredentials | None:
    """Return what the content credentials of a file say; None if it has none."""
    if not has_credentials(content):
        return None
    if importlib.util.find_spec("c2pa") is None:
        return FoundCredentials(credentials.UNREAD, "not read, which takes pip install 'keras-gans[credentials]'")
    return read_credentials(content, None if trust is None else Path(trust).read_bytes())


def _verify(path: Path, content: bytes, model: str | os.PathLike | None) -> Verification:
    """Compare a file with the sample that it declares to be."""
    try:
        packet = extract(content)
        declared = None if packet is None else Declaration.from_xmp(packet)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if declared is None:
        return Verification(UNKNOWN, "no declaration of origin, which does not mean that it is real")
    if not declared.model:
        return Verification(UNKNOWN, _other(declared), declared)
    try:
        preset = _find(declared, model)
        return _compare(path, declared, _load(preset.folder, preset.metadata.sha256), preset.name)
    except _UncomparableError as reason:
        return Verification(UNKNOWN, f"declares {_origin(declared)}; not compared: {reason}", declared)


class _UncomparableError(Exception):
    """Why nothing is compared."""


def _find(declared: Declaration, model: str | os.PathLike | None) -> Preset:
    """Return the preset of the declared weights."""
    if not declared.recipe:
        raise _UncomparableError(
            "it does not say from which seed" if declared.source == GENERATED else "it is of a picture of yours"
        )
    if model is not None:
        preset = find_preset(model)
        if declared.weights and preset.metadata.sha256 != declared.weights:
            raise _UncomparableError(f"the weights of {preset.name} are others ({preset.metadata.sha256[:8]})")
        return preset
    if not declared.weights:
        raise _UncomparableError("it does not say which weights; give the model")
    for name in list_presets():
        preset = find_preset(name)
        if preset.metadata.sha256 == declared.weights:
            return preset
    raise _UncomparableError("no bundled preset has these weights; give the model")


@functools.lru_cache(2)
def _load(folder: Path, weights: str) -> AdversarialModel:
    """Return a model, which stays in memory for the next file."""
    return find_preset(folder).load()


def _compare(path: Path, declared: Declaration, model: AdversarialModel, name: str) -> Verification:
    sound = path.suffix.lower() == ".wav"
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / ("again.wav" if sound else "again.png")
        try:
            make_again(model, declared.recipe, again)
        except ValueError as error:
            raise _UncomparableError(str(error)) from error
        found = compare_sounds(path, again) if sound else compare_pictures(path, again)
    return _judge(found, declared, name, sound)


def _judge(found: Difference, declared: Declaration, name: str, sound: bool) -> Verification:
    of = f"what {name} makes of {_seed(declared)}"
    if found.psnr == float("inf"):
        return Verification(IDENTICAL, f"identical to {of}", declared)
    how = f"{found.psnr:.1f} dB"
    if not found.changed:
        return Verification(REENCODED, f"encoded again, or changed in all of it: {how} from {of}", declared, found.psnr)
    place = ""
    if found.where is not None:
        unit, numbers = ("seconds {} to {}", found.where) if sound else ("pixels {}, {} to {}, {}", found.where)
        place = " in " + unit.format(*(f"{number:.3g}" if sound else f"{number:.0f}" for number in numbers))
    return Verification(ALTERED, f"altered{place}: {how} from {of}", declared, found.psnr, found.where)


def _seed(declared: Declaration) -> str:
    recipe = declared.recipe
    if "seeds" in recipe:
        return f"seed{'s' * (len(recipe['seeds']) > 1)} {', '.join(map(str, recipe['seeds'][:4]))}"
    return f"seed {recipe.get('seed')}" + (f", sample {recipe['index']}" if "index" in recipe else "")


def _origin(declared: Declaration) -> str:
    weights = f", weights {declared.weights[:8]}" if declared.weights else ""
    what = "a picture changed by" if declared.source == COMPOSITE else "a sample of"
    return f"{what} {declared.model}{weights} (keras_gans {declared.version})"


def _other(declared: Declaration) -> str:
    """Return in words what another program declares."""
    made = {GENERATED: "a model made it", COMPOSITE: "a model made a part of it"}.get(declared.source)
    return f"another program declares: {made or declared.source}"

"""What a file says of its origin, and how that is written as XMP."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import numpy as np

from keras_gans._version import __version__
from keras_gans.declaration.containers import embed

_SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
# Made by a model alone; and a photograph of which a model made parts, or that it changed.
GENERATED, COMPOSITE = "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_OWN = "urn:keras-gans:declaration:1"
_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}"><rdf:Description rdf:about="" '
    'xmlns:Iptc4xmpExt="{iptc}" xmlns:keras_gans="{own}" {fields}/></rdf:RDF></x:xmpmeta>\n'
    '<?xpacket end="w"?>'
)
_PICTURE = 3  # axes of an image; labels, codes and contexts have fewer


@dataclasses.dataclass(frozen=True)
class Declaration:
    """What a file says of its origin.

    It holds no time and no user, so the same samples give the same bytes. Anybody can write or remove one: a file without a
    declaration need not be real, and only `keras_gans.verify` tells whether a declaration is true.

    Attributes:
        source: IPTC's digital source type: `GENERATED` or `COMPOSITE`, or what another program declared.
        model: Name of the model; empty if another program made the file.
        weights: SHA-256 of the model's weights, as in its `preset.json`; empty if they are in no preset.
        recipe: What makes the sample again: arguments of `model.generate`, and which of its samples this is.
        version: Version of keras_gans.
        signer: Signs the files that the declaration is written to: takes the bytes of a file with the declaration, and the
            declaration, and returns the signed file, as `keras_gans.credentials.Credentials.sign` does. None for no signature.

    Reference: IPTC Photo Metadata Standard 2023.1, `Iptc4xmpExt:DigitalSourceType`.
    """

    source: str = GENERATED
    model: str = ""
    weights: str = ""
    recipe: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    version: str = __version__
    signer: Callable[[bytes, Declaration], bytes] | None = dataclasses.field(default=None, compare=False, repr=False)

    def to_xmp(self) -> bytes:
        """Return the declaration as an XMP packet, which `embed` puts into files."""
        fields = {"Iptc4xmpExt:DigitalSourceType": _SOURCES + self.source, "keras_gans:Version": self.version}
        fields |= {"keras_gans:Model": self.model} if self.model else {}
        fields |= {"keras_gans:Weights": self.weights} if self.weights else {}
        fields |= {"keras_gans:Recipe": json.dumps(self.recipe, sort_keys=True)} if self.recipe else {}
        written = " ".join(f"{name}={quoteattr(value)}" for name, value in fields.items())
        packet = _PACKET.format(rdf=_RDF, iptc=_IPTC, own=_OWN, fields=written).encode()
        return packet + b"\n" * (len(packet) % 2)  # TensorFlow cannot read WAV files with a chunk of odd length

    @classmethod
    def from_xmp(cls, packet: bytes) -> Declaration | None:
        """Read an XMP packet, of this library or of other programs; None if it says nothing of a digital source.

        Raises:
            ValueError: If it is damaged, or contains what a declaration has no use for.
        """
        # Entities can make a small document grow without limit.
        if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
            raise ValueError("The XMP data contain a document type, which has no place there.")
        try:
            root = ElementTree.fromstring(packet.strip(b"\0 \n\r\t"))
        except ElementTree.ParseError as error:
            raise ValueError(f"The XMP data are damaged: {error}.") from error
        found: dict[str, str] = {}
        # Other programs write fields as elements.
        for description in root.iter(f"{{{_RDF}}}Description"):
            found |= dict(description.attrib)
            found |= {element.tag: (element.text or "").strip() for element in description}
        source = found.get(f"{{{_IPTC}}}DigitalSourceType", "")
        if not source:
            return None
        recipe = found.get(f"{{{_OWN}}}Recipe", "{}")
        try:
            values = json.loads(recipe)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"The declaration is damaged: its recipe is {recipe[:40]!r}.") from error
        if not isinstance(values, dict):
            raise ValueError(f"The declaration is damaged: its recipe is {recipe[:40]!r}.")
        model, weights, version = (found.get(f"{{{_OWN}}}{name}", "") for name in ("Model", "Weights", "Version"))
        return cls(source.rpartition("/")[2], model, weights, values, version)

    def with_recipe(self, recipe: Mapping[str, Any]) -> Declaration:
        """Return the same declaration with a recipe: arrays become lists, and what is None is left out.

        A recipe whose conditions are pictures is not declared: files do not hold what users gave to a model.
        """
        if any(np.ndim(values) >= _PICTURE for values in (recipe.get("conditions") or {}).values()):
            recipe = {}
        return dataclasses.replace(self, recipe=_plain({name: each for name, each in recipe.items() if each is not None}))

    def into(self, content: bytes) -> bytes:
        """Return the bytes of a file with this declaration in place of another, signed if there is a signer: see `embed`."""
        declared = embed(content, self.to_xmp())
        return declared if self.signer is None else self.signer(declared, self)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value

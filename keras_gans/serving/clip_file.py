"""A clip of a served model as an animated WebP, made of the PNG files of its frames."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from keras_gans.declaration import Declaration, extract
from keras_gans.serving.errors import invalid
from keras_gans.serving.servable import Servable, Signature
from keras_gans.video.animation import encode
from keras_gans.video.clip import FPS

FRAMES = "frame_bytes"
_SIGNATURE = "generate_png"
_LARGEST = {"seed": 2**63 - 1, "label": 2**31 - 1}


def clip_request(servable: Servable, query: Sequence[tuple[str, str]]) -> tuple[Signature, dict[str, np.ndarray]]:
    """Return the signature that makes frames, and its inputs for a query such as `seed=3&label=7`.

    Raises:
        ServingError: If the model makes no clips, or the query does not fit it.
    """
    signature = servable.signatures.get(_SIGNATURE)
    if signature is None or FRAMES not in signature.outputs or "seeds" not in signature.inputs:
        raise invalid(f"{servable.name} makes no clips: clip.webp is for models of video.")
    if "frames" in signature.inputs:
        raise invalid(f"{servable.name} predicts clips from frames, which clip.webp does not take: post them to :predict.")
    wanted = {"seed": "seeds", **({"label": "labels"} if "labels" in signature.inputs else {})}
    given = dict(query)
    if set(given) != set(wanted) or len(query) != len(wanted):
        raise invalid(f"clip.webp takes {' and '.join(wanted)}; received {', '.join(name for name, _ in query) or 'neither'}.")
    inputs = {}
    for name, value in given.items():
        if not (value.isascii() and value.isdecimal()) or int(value[:20]) > _LARGEST[name]:
            raise invalid(f"{name} must be an integer from 0 to {_LARGEST[name]}; received {value[:40]}.")
        inputs[wanted[name]] = np.array([int(value)], "int64" if name == "seed" else "int32")
    return signature, inputs


def encode_clip(outputs: Mapping[str, np.ndarray], inputs: Mapping[str, np.ndarray], fps: float | None) -> bytes:
    """Return the WebP of the first clip of a signature's outputs. It declares what its frames declare, and its seed."""
    files = [bytes(each) for each in outputs[FRAMES][0]]
    frames = []
    for file in files:
        with Image.open(io.BytesIO(file), formats=("PNG",)) as picture:
            frame = np.asarray(picture)
        frames.append(frame[..., None] if frame.ndim == 2 else frame)
    content = encode(np.stack(frames), fps or FPS)
    packet = extract(files[0])
    declared = None if packet is None else Declaration.from_xmp(packet)
    if declared is None:
        return content
    told = {"conditions": {"labels": int(inputs["labels"][0])}} if "labels" in inputs else {}
    return declared.with_recipe({"seeds": inputs["seeds"], "index": 0, **told}).into(content)

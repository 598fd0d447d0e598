"""A web page that runs a generator in the browser: an ONNX file, a page that draws its samples, and ONNX Runtime Web."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gans._typing import PathLike
from keras_gans.export.onnx import onnx
from keras_gans.export.parity import Difference
from keras_gans.export.signatures import signatures_of
from keras_gans.files import refuse_existing, replacing, write_json

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

_PAGE = Path(__file__).parent / "web_page"
# The gallery's: random numbers of seeds, and elements.
_SHARED = Path(__file__).parents[1] / "serving" / "gallery"
_SHARED_FILES = ("dom.js", "latents.js")
# What the page needs of the package onnxruntime-web, in its folder dist.
_RUNTIME_FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
_GET_RUNTIME = "`npm pack onnxruntime-web` writes its archive"


def web(
    model: AdversarialModel,
    output: PathLike,
    runtime: PathLike,
    name: str = "model",
    description: str = "",
    class_names: Sequence[str] = (),
    overwrite: bool = False,
) -> tuple[Path, Difference]:
    """Export a generator of images as a folder with a web page that draws its samples.

    Any server of files can serve the folder (`python -m http.server`); the page loads nothing from elsewhere. The same seed
    gives the same sample as `generate(seeds=[seed])`, up to rounding.

    Args:
        model: The model to export: of images, from normal latents, with no condition but a class.
        output: The folder.
        runtime: The npm package onnxruntime-web, which is copied into the folder: its archive (`.tgz`), or its folder `dist`.
        name: The heading of the page.
        description: The line below it.
        class_names: The names of the classes of a class-conditional model; their numbers by default.
        overwrite: Whether to replace an existing folder.

    Returns:
        The folder, and the largest difference of the ONNX file from Keras' output: see `onnx`.

    Raises:
        FileExistsError: If the folder exists and `overwrite` is false.
        ValueError: If the model makes no images or takes something else, `runtime` is not the package, or as `onnx`.
        RuntimeError: If Keras does not run on TensorFlow.
    """
    output = Path(output)
    refuse_existing(output, overwrite)
    conditions = set(model.conditions)
    if model.medium.name != "images" or model.latent_shape is None or model.latent_noise != "normal" or conditions - {"labels"}:
        raise ValueError(
            f"The page draws images from normal latents, and of a class if there are classes. This model makes "
            f"{model.medium.name} from {', '.join(sorted(conditions)) or 'latents'}: export it in another format."
        )
    files = _read_runtime(Path(runtime))
    names = signatures_of(model, class_names).files.get("labels.txt", b"").decode().splitlines()
    facts = {"name": name, "description": description, "latent_shape": list(model.latent_shape), "classes": names}
    with replacing(output) as folder:
        (folder / "runtime").mkdir(parents=True)
        for file, content in files.items():
            (folder / "runtime" / file).write_bytes(content)
        for path in (*_PAGE.iterdir(), *(_SHARED / file for file in _SHARED_FILES)):
            shutil.copyfile(path, folder / path.name)
        write_json(folder / "model.json", facts)
        _, difference = onnx(model, folder / "model.onnx")
    return output, difference


def _read_runtime(path: Path) -> dict[str, bytes]:
    """Return the files of the package that the page needs, by name.

    Raises:
        ValueError: If it is not the package.
    """
    try:
        found = _in_folder(path) if path.is_dir() else _in_archive(path)
        lacking = [file for file in _RUNTIME_FILES if file not in found]
        reason = f"it lacks {lacking[0]}" if lacking else ""
    except OSError as error:
        found, reason = {}, error.strerror or str(error)
    except tarfile.TarError:
        found, reason = {}, "it is not an archive"
    if reason:
        raise ValueError(f"{path} is not the npm package onnxruntime-web ({reason}): {_GET_RUNTIME}.")
    return found


def _in_folder(folder: Path) -> dict[str, bytes]:
    return {file: (folder / file).read_bytes() for file in _RUNTIME_FILES if (folder / file).is_file()}


def _in_archive(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        members = [(Path(member.name).name, archive.extractfile(member)) for member in archive]
        return {name: opened.read() for name, opened in members if name in _RUNTIME_FILES and opened is not None}

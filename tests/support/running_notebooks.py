"""Runs pages as notebooks in a kernel of their own, and keeps their outputs small and the same from run to run."""

import base64
import io
import os
import re
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.support import notebook

# What TensorFlow, its converter and LiteRT log, on either stream, whatever their level.
_LOG = re.compile(
    r"^(?:[IWE]\d{4} |INFO:(?:tensorflow:| )|WARNING: All log messages before absl|fully_quantize: ).*\n", re.MULTILINE
)
_COLOURS = 128  # of a picture
_MOST_SECONDS = 1_800  # for a cell
_SHOWN = ("image/png", "image/gif", "image/webp", "text/html", "text/plain")  # of the forms of an output, the first is kept


@dataclass(frozen=True)
class Ran:
    """A notebook with outputs, and how long it took: seconds, and those of all processors for it and what it started."""

    cells: list[dict]
    seconds: float
    processor_seconds: float


def run(page: Path, folder: Path | None = None, environment: dict[str, str] | None = None) -> Ran:
    """Runs the cells of a page one after the other.

    Args:
        page: The page.
        folder: The folder in which it runs; a temporary one if None.
        environment: Variables of its kernel besides those of this process.

    Raises:
        nbclient.exceptions.CellExecutionError: If a cell fails.
    """
    import nbformat
    from nbclient import NotebookClient

    # keras_gans chooses how much TensorFlow logs.
    variables = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    content = nbformat.reads(notebook.write(notebook.cells_of(page)), as_version=4)
    with tempfile.TemporaryDirectory() as temporary, tempfile.TemporaryDirectory() as cache:
        variables["KERAS_GANS_CACHE"] = cache
        client = NotebookClient(
            content, timeout=_MOST_SECONDS, kernel_name="python3", resources={"metadata": {"path": str(folder or temporary)}}
        )
        began, used = time.perf_counter(), _processor_seconds()
        client.execute(env=variables | (environment or {}))
        seconds, processor_seconds = time.perf_counter() - began, _processor_seconds() - used
    return Ran([_cleaned(cell) for cell in content["cells"]], seconds, processor_seconds)


def _processor_seconds() -> float:
    """Returns the processor time of all processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _cleaned(cell: dict) -> dict:
    kept = {name: cell[name] for name in ("cell_type", "id")} | {"metadata": {}, "source": _lines(cell["source"])}
    if cell["cell_type"] != "code":
        return kept
    outputs: list[dict] = []
    for output in map(_output, cell["outputs"]):
        if outputs and "name" in output and outputs[-1].get("name") == output["name"]:
            outputs[-1]["text"] += output["text"]
        else:
            outputs.append(output)
    for output in outputs:
        if output["output_type"] == "stream":
            output["text"] = _lines(as_on_screen("".join(output["text"])))
    outputs = [output for output in outputs if "".join(output.get("text", ())).strip() or output.get("data")]
    return kept | {"execution_count": cell["execution_count"], "outputs": outputs}


def _output(output: dict) -> dict:
    if output["output_type"] == "stream":
        return {"name": output["name"], "output_type": "stream", "text": [_LOG.sub("", output["text"])]}
    form = next((form for form in _SHOWN if form in output["data"]), None)
    data = {} if form is None else {form: _content(form, output["data"][form])}
    kept = {name: output[name] for name in ("execution_count", "output_type") if name in output}
    return kept | {"data": data, "metadata": {}}


def _content(form: str, content: str) -> str | list[str]:
    if form == "image/png":
        return _smaller(content)
    if form.startswith("image/"):
        return content.strip()
    # Live draws PNGs within HTML.
    inlined = re.compile(r"(?<=src=\"data:image/png;base64,)[^\"]+")
    return _lines(inlined.sub(lambda found: _smaller(found[0]), content))


def _smaller(encoded: str) -> str:
    """Returns a PNG in base64 with few colours, if that makes it smaller."""
    content = base64.b64decode(encoded)
    with Image.open(io.BytesIO(content)) as picture:
        if picture.mode not in ("L", "RGB"):  # figures have an opaque fourth channel
            picture = picture.convert("RGB")
        few = io.BytesIO()
        picture.quantize(_COLOURS).save(few, "PNG", optimize=True)
    return base64.b64encode(min(content, few.getvalue(), key=len)).decode()


def as_on_screen(text: str) -> str:
    """Returns text as a notebook shows it: what follows a carriage return overwrites its line."""
    lines = []
    for line in text.split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip())
    return "\n".join(lines)


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)

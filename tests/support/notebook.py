"""Pages as notebooks.

`python -m tests.support.notebook > docs/first_gan.ipynb` writes one without outputs, and `python -m tests.support.notebook
docs/notebooks/presets.md` runs one and writes it beside its page; with `--again`, even if only words have changed.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.md"))
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def cells_of(page: Path) -> list[dict]:
    """Returns the cells of a page (nbformat 4.5) without outputs: its Python blocks are the code cells."""
    cells = []
    for number, part in enumerate(re.split(r"^```python\n(.*?)```\n", page.read_text(encoding="utf-8"), flags=re.M | re.S)):
        if part.strip():
            cells.append(_cell("code" if number % 2 else "markdown", part.strip("\n"), len(cells)))
    return cells


def _cell(kind: str, text: str, number: int) -> dict:
    cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": text.splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def render(page: Path = ROOT / "docs/first_gan.md") -> str:
    """Returns a page as a notebook without outputs."""
    return write(cells_of(page))


def write(cells: list[dict]) -> str:
    """Returns the file of a notebook."""
    content = {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> list[dict]:
    """Returns the cells of a notebook."""
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def code_of(cells: list[dict]) -> list[list[str]]:
    """Returns the sources of the code cells."""
    return [cell["source"] for cell in cells if cell["cell_type"] == "code"]


def with_words_of(page: Path, cells: list[dict]) -> list[dict]:
    """Returns the cells of a page with the outputs of cells of the same code."""
    ran = iter([cell for cell in cells if cell["cell_type"] == "code"])
    return [next(ran) | {"id": cell["id"]} if cell["cell_type"] == "code" else cell for cell in cells_of(page)]


def main(arguments: list[str]) -> None:
    """Writes notebooks with outputs beside their pages; without pages, prints the tutorial as a notebook.

    A notebook whose code is that of its page keeps its outputs, unless `--again` is given.
    """
    pages = [Path(argument) for argument in arguments if argument != "--again"]
    if not pages:
        print(render(), end="")
    for page in pages:
        path = page.with_suffix(".ipynb")
        if "--again" not in arguments and path.exists() and code_of(read(path)) == code_of(cells_of(page)):
            path.write_text(write(with_words_of(page, read(path))), encoding="utf-8")
            continue
        from tests.support import running_notebooks

        ran = running_notebooks.run(page)
        path.write_text(write(ran.cells), encoding="utf-8")
        print(f"{page.stem}: {ran.seconds:.0f} s, {ran.processor_seconds:.0f} s of processor time", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])

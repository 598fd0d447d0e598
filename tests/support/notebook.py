"""The tutorial as a notebook: `python -m tests.support.notebook > docs/first_gan.ipynb`."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def _cell(kind: str, text: str, number: int) -> dict:
    cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": text.splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def render(page: Path = ROOT / "docs/first_gan.md") -> str:
    """Returns a page as a notebook (nbformat 4.5) without outputs: its Python blocks are the code cells."""
    cells = []
    for number, part in enumerate(re.split(r"^```python\n(.*?)```\n", page.read_text(encoding="utf-8"), flags=re.M | re.S)):
        if part.strip():
            cells.append(_cell("code" if number % 2 else "markdown", part.strip("\n"), len(cells)))
    return (
        json.dumps({"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}, indent=1, ensure_ascii=False)
        + "\n"
    )


if __name__ == "__main__":
    print(render(), end="")

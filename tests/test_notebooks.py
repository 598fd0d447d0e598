"""The notebooks in docs/notebooks/: in step with their pages, with outputs, and running."""

import importlib.util
import json
import os
import re

import pytest

from tests.conftest import ROOT
from tests.support import notebook, running_notebooks

# Only looked for: where ipykernel has been imported, a training takes it that a notebook shows what it prints.
pytestmark = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("nbclient", "ipykernel"))), reason="needs nbclient and ipykernel"
)

NAMES = [page.stem for page in notebook.NOTEBOOKS]
# What a path of some machine, a log line or a warning of Python begins with.
MACHINE = re.compile(r"/(?:home|root|tmp|work|usr|opt|Users|var)/|[A-Z]:\\\\")
LOG = re.compile(r"Warning: |^[IWE]\d{4} |^INFO:|Traceback", re.MULTILINE)


def _page(name):
    return ROOT / f"docs/notebooks/{name}.md"


def _path(name):
    return ROOT / f"docs/notebooks/{name}.ipynb"


def _printed(cells):
    """What cells have printed or shown as text."""
    outputs = [output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"]]
    texts = [output.get("text", output.get("data", {}).get("text/plain", "")) for output in outputs]
    return "\n".join("".join(text) for text in texts)


def _pictures(cells):
    """How many pictures are in the outputs."""
    return len(re.findall(r'"image/(?:png|gif)":|src=\\"data:image', json.dumps(cells)))


def test_there_are_six():
    assert NAMES == ["collapse", "measure", "own_photographs", "phone", "presets", "write_text"]
    assert sorted(path.stem for path in (ROOT / "docs/notebooks").glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_that_of_its_page(name):
    cells = notebook.read(_path(name))
    shown = [{**cell, "outputs": [], "execution_count": None} if "outputs" in cell else cell for cell in cells]
    assert shown == notebook.cells_of(_page(name)), f"python -m tests.support.notebook docs/notebooks/{name}.md"


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_run_from_top_to_bottom(name):
    nbformat = pytest.importorskip("nbformat")
    nbformat.validate(nbformat.read(_path(name), as_version=4))
    cells = notebook.read(_path(name))
    run = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in run] == [*range(1, len(run) + 1)]
    assert {cell["metadata"] == {} for cell in cells} == {True}
    kinds = {output["output_type"] for cell in run for output in cell["outputs"]}
    assert kinds <= {"stream", "display_data", "execute_result"}  # no errors
    assert _printed(cells).strip()
    assert _pictures(cells) >= (0 if name == "write_text" else 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_small_and_tells_nothing_of_the_machine(name):
    text = _path(name).read_text(encoding="utf-8")
    assert len(text.encode()) <= 600_000
    words = re.sub(r"[A-Za-z0-9+/=]{80,}", "", text)  # without pictures
    assert MACHINE.findall(words) == []
    assert LOG.findall(_printed(notebook.read(_path(name)))) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_says_what_it_needs_and_where_to_read_on(name):
    first, install, *_, last = notebook.cells_of(_page(name))
    assert re.search(r"processor time", "".join(first["source"]))
    assert "%pip install" in "".join(install["source"])
    assert "../" in "".join(last["source"])


def test_words_can_change_without_running_a_notebook(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Before\n\n```python\nprint(1)\n```\n\nLast.\n", encoding="utf-8")
    ran = notebook.cells_of(page)
    ran[1] |= {"execution_count": 1, "outputs": [{"name": "stdout", "output_type": "stream", "text": ["1\n"]}]}
    page.with_suffix(".ipynb").write_text(notebook.write(ran), encoding="utf-8")
    page.write_text("# After\n\nMore.\n\n```python\nprint(1)\n```\n", encoding="utf-8")
    notebook.main([str(page)])
    first, code = notebook.read(page.with_suffix(".ipynb"))
    assert first["source"] == ["# After\n", "\n", "More."]
    assert code == ran[1]


def test_a_line_that_is_written_again_and_again_is_kept_once():
    assert running_notebooks.as_on_screen("1/3 one\r2/3 two\r3/3    \nnext") == "3/3\nnext"


# 20 seconds to two minutes of processor time each. Last run: 0.1.0, 2026-11-30, by `python -m tests.support.notebook`.
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs(name, tmp_path):
    if name == "measure" and not os.environ.get("TFDS_DATA_DIR"):
        pytest.skip("TFDS_DATA_DIR names no folder for mnist")
    cells = running_notebooks.run(_page(name), tmp_path).cells
    assert _pictures(cells) == _pictures(notebook.read(_path(name)))
    assert LOG.findall(_printed(cells)) == []

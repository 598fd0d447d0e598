"""Every code block of the README and of the pages runs as it stands, but for the number of epochs."""

import json
import re

import pytest

from tests.conftest import ROOT
from tests.support import api_reference, notebook, pages
from tests.support.forked import Forked

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CARDS = [ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("zoo/*/README.md"))]

# Run by tests of their own.
ELSEWHERE = {"extending.md": "tests/test_extending.py"}
# Pages whose command lines take minutes; the Python blocks of all but the last are run with the quick pages.
SLOW = ("command_line.md", "data.md", "evaluation.md", "install.md", "presets.md", "serving.md", "text.md", "export.md")
# Pages whose Python blocks read what the command lines wrote.
LINES_FIRST = ("export.md",)
# How a line of a shell begins that is not run here -> why.
NOT_RUN = {
    "pip install": "the tests are run from such an environment; CI makes one by the README's line",
    "pytest": "these are the tests",
    "keras-gans serve": "a server does not end: tests/tools/test_serve.py",
    "keras-gans benchmark": "minutes to hours: tests/tools/test_benchmark.py runs each of them, smaller",
    "keras-gans pretrain": "minutes to hours: tests/tools/test_pretrain.py runs a smaller recipe",
    "docker": "no Docker where the tests run",
    "curl": "tests/keras_gans/serving asks a server the same",
}
# Flags that make a program of a page short.
SHORTER = {"train": ["--epochs=1"], "finetune": ["--epochs=1"]}
# Page -> the runs that it assumes, each a copy of a bundled preset.
RUNS = {
    "export.md": {"digits": "dcgan_digits"},
    "serving.md": {"digits": "dcgan_digits", "captions": "seqgan_coco"},
    "presets.md": {"digits/best": "dcgan_digits"},
}


def _preset(name):
    return next(ROOT.glob(f"zoo/*/presets/{name}"))


def _cases():
    for page in PAGES:
        languages = {block.language for block in pages.blocks_of(page)} & {"python", "shell"}
        if page.name in ELSEWHERE or not languages:
            continue
        if page.name not in SLOW:
            yield pytest.param(page, ("python", "shell"), id=page.name)
            continue
        if "python" in languages and page.name not in LINES_FIRST:
            yield pytest.param(page, ("python",), id=f"{page.name}-python")
        yield pytest.param(page, ("python", "shell"), id=page.name, marks=pytest.mark.slow)


@pytest.mark.parametrize(("page", "languages"), list(_cases()))
def test_every_block_of_a_page_runs(page, languages, tmp_path, user_environment, keras_gans_forked):
    """The slow pages were last run on 2026-11-29."""
    blocks = pages.blocks_of(page)
    pages.make_folder(tmp_path, {name: _preset(preset) for name, preset in RUNS.get(page.name, {}).items()})

    def run_python():
        codes = [block.code for block in blocks if block.language == "python"]
        if codes:
            process = Forked(pages.run_python, codes, tmp_path, user_environment).finish(600)
            assert process.returncode == 0, f"{page.name}: {process.stderr}"

    def run_lines():
        for block in blocks:
            if block.language == "shell":
                for command in pages.commands_of(block.code):
                    _run_command(command, f"{page.name}:{block.line}: {block.code}", tmp_path, keras_gans_forked)

    for part in (run_lines, run_python) if page.name in LINES_FIRST else (run_python, run_lines):
        if part.__name__ == "run_python" or "shell" in languages:
            part()


def _run_command(arguments, named, folder, keras_gans_forked):
    environment = {}
    while "=" in arguments[0]:
        name, _, value = arguments.pop(0).partition("=")
        environment[name] = value
    if " ".join(arguments).startswith(tuple(NOT_RUN)):
        return
    assert arguments[0] == "keras-gans", f"{named} is neither run nor listed in NOT_RUN"
    verb, rest = arguments[1], arguments[2:]
    if "--resume" in rest:
        rest = [flag for flag in rest if not flag.startswith("--epochs=")] + ["--epochs=2"]
    else:
        rest += SHORTER.get(verb, [])
    process = keras_gans_forked(verb, *rest, cwd=folder, env=environment)
    assert process.returncode == 0, f"{named}\n{process.stderr}"


def test_what_is_not_run_is_still_in_a_page():
    lines = [
        " ".join(command)
        for page in PAGES
        for block in pages.blocks_of(page)
        if block.language == "shell"
        for command in pages.commands_of(block.code)
    ]
    assert [start for start in NOT_RUN if not any(line.startswith(start) for line in lines)] == []


def test_the_notebook_holds_the_tutorial():
    page, path = ROOT / "docs/first_gan.md", ROOT / "docs/first_gan.ipynb"
    assert path.read_text(encoding="utf-8") == notebook.render(page), "python -m tests.support.notebook > docs/first_gan.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    run = [block.code.strip() for block in pages.blocks_of(page) if block.language == "python"]
    assert ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"] == run


def test_the_page_of_public_names_is_in_step():
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    assert page == api_reference.render(), "python -m tests.support.api_reference > docs/api.md"
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE)
    assert [name for name, summary in rows if not 0 < len(summary) <= 300] == []


def test_links_between_pages_lead_somewhere():
    broken = [
        f"{page.name}: {target}"
        for page in [*PAGES, *CARDS]
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def _headings(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def test_links_to_headings_lead_somewhere():
    broken = [
        f"{page.relative_to(ROOT)}: {target}#{heading}"
        for page in [*PAGES, *CARDS]
        for target, heading in re.findall(r"\]\(([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target and heading not in _headings(page.parent / target if target else page)
    ]
    assert broken == []


def test_every_command_in_a_page_has_flags_and_arguments_that_exist(keras_gans_forked):
    from keras_gans import registry

    flags, wrong = {}, []
    for page in [*PAGES, *CARDS]:
        for line in pages.keras_gans_lines(page.read_text(encoding="utf-8")):
            words = line.partition("keras-gans ")[2].split()
            verb, named = (
                words[0],
                {
                    word.partition("=")[0].strip("[]'\"|").replace("-", "_")
                    for word in words
                    if word.strip("[").startswith("--")
                },
            )
            if not re.fullmatch("[a-z]+", verb):
                continue
            if verb not in flags:
                told = keras_gans_forked(verb, "--help").stdout
                flags[verb] = {name.replace("-", "_") for name in re.findall(r"^  (--\w+)", told, re.MULTILINE)}
            wrong += [f"{page.name}: {line}: no {flag}" for flag in named - flags[verb] - {"__help"}]
            if verb == "train" and len(words) > 1 and words[1] in registry.list_models():
                known = registry.get_entry(words[1]).arguments
                names = re.findall(r"--set='?(\w+)=", line)
                wrong += [f"{page.name}: {line}: {words[1]} does not have {name}" for name in names if name not in known]
    assert wrong == []

"""Every code block of the README and of the pages runs as it stands, but for the number of epochs."""

import re

import pytest

from tests.conftest import ROOT
from tests.support import pages
from tests.support.forked import Forked

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# How a line of a shell begins that is not run here -> why.
NOT_RUN = {
    "pip install": "the tests are run from such an environment; CI makes one by the README's line",
    "keras-gans serve": "a server does not end: tests/tools/test_serve.py",
    "keras-gans benchmark": "minutes to hours: tests/tools/test_benchmark.py runs each of them, smaller",
    "keras-gans pretrain": "minutes to hours: tests/tools/test_pretrain.py runs a smaller recipe",
    "docker": "no Docker where the tests run",
    "curl": "tests/keras_gans/serving asks a server the same",
}
# Flags that make a program of a page short.
SHORTER = {"train": ["--epochs=1"], "finetune": ["--epochs=1"]}


def _runs(block):
    return block.language == "shell" and not block.code.startswith(tuple(NOT_RUN))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_of_a_page_runs(page, tmp_path, user_environment, keras_gans_forked):
    blocks = pages.blocks_of(page)
    pages.make_folder(tmp_path)
    codes = [block.code for block in blocks if block.language == "python"]
    if codes:
        process = Forked(pages.run_python, codes, tmp_path, user_environment).finish(600)
        assert process.returncode == 0, f"{page.name}: {process.stderr}"
    for block in filter(_runs, blocks):
        arguments = pages.arguments_of(block.code)
        environment = {}
        while "=" in arguments[0]:
            name, _, value = arguments.pop(0).partition("=")
            environment[name] = value
        assert arguments[0] == "keras-gans", f"{page.name}:{block.line}: {block.code} is neither run nor listed in NOT_RUN"
        verb, rest = arguments[1], arguments[2:]
        if "--resume" in rest:
            rest = [flag for flag in rest if not flag.startswith("--epochs=")] + ["--epochs=2"]
        else:
            rest += SHORTER.get(verb, [])
        process = keras_gans_forked(verb, *rest, cwd=tmp_path, env=environment)
        assert process.returncode == 0, f"{page.name}:{block.line}: {block.code}\n{process.stderr}"


def test_what_is_not_run_is_still_in_a_page():
    lines = [block.code for page in PAGES for block in pages.blocks_of(page)]
    assert [start for start in NOT_RUN if not any(line.startswith(start) for line in lines)] == []


def test_links_between_pages_lead_somewhere():
    broken = [
        f"{page.name}: {target}"
        for page in [*PAGES, ROOT / "CONTRIBUTING.md", *ROOT.glob("zoo/*/README.md")]
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []

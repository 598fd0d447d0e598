"""Every code block of the README and of the pages runs as it stands, but for the number of epochs.

The Python blocks of the models' READMEs run, too; of the commands there, the flags are checked.
"""

import configparser
import json
import os
import re

import pytest

from tests.conftest import ROOT
from tests.support import api_reference, notebook, page_names, pages
from tests.support.forked import Forked
from tests.support.hub_server import TOKEN, HubServer
from tests.support.remote import Remote, digest

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CARDS = [ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("zoo/*/README.md"))]
ALL = [*PAGES, *CARDS, *notebook.NOTEBOOKS]

# Run by tests of their own.
ELSEWHERE = {
    "extending.md": "tests/test_extending.py",
    "machines.md": "tests/test_machines.py",
    "trackers.md": "tests/test_trackers.py",
}
# Pages whose Python blocks are not run here -> why.
NOT_RUN_PYTHON = {"serving.md": "asks a server over gRPC: tests/keras_gans/serving/test_grpc.py"}
# Pages whose command lines take a minute or more of processor time, and lines of other pages that take ten seconds or more.
SLOW = (
    "command_line.md",
    "conditional.md",
    "data.md",
    "distribution.md",
    "evaluation.md",
    "export.md",
    "install.md",
    "origin.md",
    "pictures.md",
    "presets.md",
    "privacy.md",
    "serving.md",
    "text.md",
    "training.md",
)
COSTLY = (
    *("keras-gans evaluate", "keras-gans export"),
    *("keras-gans study create", "keras-gans study simulate"),
    "keras-gans edit",
    "keras-gans inpaint",
    *("keras-gans train edsr", "keras-gans train esrgan", "keras-gans upscale esrgan_x4", "keras-gans upscale runs"),
)
# Pages whose Python blocks take as long or are covered by other tests, and those whose Python blocks read what lines wrote.
ALL_SLOW = (
    "apply.md",
    "audio.md",
    "conditional.md",
    "distribution.md",
    "editing.md",
    "evaluation.md",
    "export.md",
    "from_elsewhere.md",
    "lab.md",
    "origin.md",
    "presets.md",
    "privacy.md",
    "study.md",
    "training.md",
    "video.md",
)
LINES_FIRST = ("export.md",)
# How a line of a shell begins that is not run here -> why.
NOT_RUN = {
    "pip install": "the tests are run from such an environment; CI makes one by the README's line",
    "pytest": "these are the tests",
    "keras-gans serve": "a server does not end: tests/tools/test_serve.py",
    "keras-gans study serve": "a server does not end: tests/keras_gans/study/test_server.py",
    "keras-gans study report": "nobody has answered: tests/tools/test_study.py",
    "keras-gans lab": "a server does not end, or needs a recording: tests/tools/test_lab.py",
    "python -m keras_gans.lab.record_lessons": "minutes: tests/keras_gans/lab/test_lessons.py begins one of them",
    "keras-gans train dcgan --dataset=mnist": "a measurement of forty minutes, of data that the tests may lack",
    "keras-gans evaluate RUN": "the measurement of the runs above it",
    "keras-gans train projected_gan --dataset=folder:flowers128": "a measurement of hours, of photographs that the tests lack",
    "keras-gans train dcgan --dataset=folder:flowers128": "a measurement of an hour, of photographs that the tests lack",
    "keras-gans finetune projected_gan_flowers64 --dataset=folder:apples": "a measurement, of photographs that the tests lack",
    "keras-gans train projected_gan --dataset=folder:chest_xray128": "a measurement, of pictures that the tests lack",
    "keras-gans compare runs/projected_gan": "the measurement of the two runs above it",
    "keras-gans train projected_gan --dataset=folder:clothing128": "a measurement of hours, of photographs that the tests lack",
    "keras-gans train cgan --dataset=mnist": "a measurement of hours, of data that the tests may lack",
    "keras-gans benchmark": "minutes to hours: tests/tools/test_benchmark.py runs each of them, smaller",
    "keras-gans pretrain": "minutes to hours: tests/tools/test_pretrain.py runs a smaller recipe",
    "keras-gans audit": "minutes, of data that the tests may lack: tests/tools/test_audit.py runs smaller ones",
    "npm pack": "tests/keras_gans/export/test_web.py does it",
    "keras-gans export cgan_mnist --format=web": "needs what npm packs: tests/keras_gans/export/test_web.py",
    "python -m http.server": "a server does not end: tests/keras_gans/export/test_web.py has one",
    "keras-gans export runs/mnist": "a measurement, of data that the tests may lack",
    "keras-gans export runs/x4": "a model of another page: tests/keras_gans/export/test_tiles.py",
    "keras-gans generate runs/cifar/best": "50,000 images: a quarter of an hour",
    "cd": "for the line of Docker after it",
    "docker": "no Docker where the tests run",
    "fidelity": "another package, which downloads its network",
    "python -c": "another package, which downloads its network",
    "taskset": "a measurement of minutes: tests/keras_gans/serving/test_load.py does less of it",
    "curl": "tests/keras_gans/serving asks a server the same",
}
# Flags that make a program of a page short, and those that make networks and measurements small, but where a page is run whole.
SHORTER = {"train": ["--epochs=1"], "finetune": ["--epochs=1"]}
NARROWER = {"train dcgan": ["--set=width=8", "--evaluate_num=80"]}
# Page -> the runs that it assumes, each a copy of a bundled preset.
RUNS = {
    "export.md": {"digits": "dcgan_digits"},
    "serving.md": {"digits": "dcgan_digits", "captions": "seqgan_coco"},
    "presets.md": {"digits/best": "dcgan_digits"},
    "evaluation.md": {
        "mnist/best": "dcgan_digits",
        "a/best": "dcgan_mnist",
        "b/best": "r3gan_mnist",
        "captions": "seqgan_coco",
    },
}


def _preset(name):
    return next(ROOT.glob(f"zoo/*/presets/{name}"))


def _lines(page):
    return [block for block in pages.blocks_of(page) if block.language == "shell"]


def _left_out(page, line):
    return page.name in SLOW or line.code.startswith(COSTLY)


def _cases():
    for page in PAGES:
        if page.name in ELSEWHERE or not {block.language for block in pages.blocks_of(page)} & {"python", "shell"}:
            continue
        if page.name not in ALL_SLOW:
            yield pytest.param(page, False, id=page.name)
        if page.name in ALL_SLOW or any(_left_out(page, line) for line in _lines(page)):
            yield pytest.param(page, True, id=f"{page.name}-whole", marks=pytest.mark.slow)
    for page in CARDS[1:]:
        if any(block.language == "python" for block in pages.blocks_of(page)):
            yield pytest.param(page, True, id=f"{page.parent.name}-python", marks=pytest.mark.slow)


@pytest.fixture
def addresses():
    """Servers of a preset; what stands for them in a page -> what is asked instead."""
    hub, web, folder = HubServer(), Remote(), _preset("dcgan_digits")
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    hub.repositories["owner/name"] = {"main": files, "v1.0": files}
    web.publish(folder, "/models/digits")
    yield {"https://host": web.url, "a1b2...": digest(folder / "preset.json")}, {"HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN}
    hub.stop()
    web.stop()


@pytest.mark.parametrize(("page", "whole"), list(_cases()))
def test_every_block_of_a_page_runs(page, whole, tmp_path, user_environment, addresses, keras_gans_cli, keras_gans_forked):
    """Slow ones were last run on 2026-11-29 or 30, but for the lines of command_line.md, evaluation.md and serving.md."""
    replaced, environment = addresses

    def runnable(code):
        for name, address in replaced.items():
            code = code.replace(name, address)
        return code

    def run_python():
        codes = [runnable(block.code) for block in pages.blocks_of(page) if block.language == "python"]
        if codes and page.name not in NOT_RUN_PYTHON:
            process = Forked(pages.run_python, codes, tmp_path, user_environment | environment).finish(900)
            assert process.returncode == 0, f"{page.name}: {process.stderr}"

    def run_lines():
        for line in _lines(page) if page in PAGES else []:
            if whole or not _left_out(page, line):
                for command in pages.commands_of(runnable(line.code)):
                    run_command(command, f"{page.name}:{line.line}: {line.code}")

    def run_command(arguments, named):
        variables = {}
        while "=" in arguments[0]:
            name, _, variables[name] = arguments.pop(0).partition("=")
        if " ".join(arguments).startswith(tuple(NOT_RUN)):
            return
        if "--dataset=mnist" in arguments and not os.environ.get("TFDS_DATA_DIR"):
            pytest.skip("TFDS_DATA_DIR names no folder with a prepared mnist")
        assert arguments[0] == "keras-gans", f"{named} is neither run nor listed in NOT_RUN"
        verb, rest = arguments[1], arguments[2:]
        if "--resume" in rest:
            rest = [flag for flag in rest if not flag.startswith("--epochs=")] + ["--epochs=2"]
        else:
            rest += SHORTER.get(verb, [])
            rest += [] if whole else NARROWER.get(" ".join(arguments[1:3]), [])
        # A backend is chosen when a process begins.
        keras_gans = keras_gans_cli if variables else keras_gans_forked
        process = keras_gans(verb, *rest, cwd=tmp_path, env=environment | variables, timeout=900)
        assert process.returncode == 0, f"{named}\n{process.stderr}"

    pages.make_folder(tmp_path, {name: _preset(preset) for name, preset in RUNS.get(page.name, {}).items()})
    for run in (run_lines, run_python) if page.name in LINES_FIRST else (run_python, run_lines):
        run()


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_blocks_use_names_and_arguments_that_exist(page):
    code = "\n".join(block.code for block in pages.blocks_of(page) if block.language == "python")
    code = re.sub(r"^( *)[!%].*$", r"\1pass", code, flags=re.MULTILINE)  # a notebook's own commands
    assert page_names.unknown_names(code) == []


@pytest.mark.parametrize(
    ("code", "unknown"),
    [
        ("import keras_gans\nkeras_gans.losses.Hinge()\nkeras_gans.losses.Henge()", ["keras_gans.losses.Henge"]),
        ("from keras_gans import GAN, GUN\nGAN.from_preset", ["from keras_gans import GUN"]),
        ("import keras_gans as kg\nkg.presets.find_preset('x', trust=1)", ["kg.presets.find_preset(trust=...)"]),
        ("import keras\nkeras.nothing(no=1)", []),
    ],
)
def test_unknown_names_and_arguments_are_found(code, unknown):
    assert page_names.unknown_names(code) == unknown


def test_what_is_not_run_is_still_in_a_page():
    lines = [" ".join(command) for page in PAGES for line in _lines(page) for command in pages.commands_of(line.code)]
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
        for page in ALL
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
        for page in ALL
        for target, heading in re.findall(r"\]\(([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target and heading not in _headings(page.parent / target if target else page)
    ]
    assert broken == []


def test_every_command_in_a_page_has_flags_and_arguments_that_exist(keras_gans_forked):
    from keras_gans import registry

    models, flags, wrong = registry.list_models(), {}, []
    for page in ALL:
        for line in pages.keras_gans_lines(page.read_text(encoding="utf-8")):
            verb, *words = line.partition("keras-gans ")[2].split()
            if not re.fullmatch("[a-z]+", verb):
                continue
            if verb not in flags:
                listed = re.findall(r"^  --([\w-]+)", keras_gans_forked(verb, "--help").stdout, re.MULTILINE)
                flags[verb] = {name.replace("-", "_") for name in [*listed, "help"]}
            named = {name.replace("-", "_") for name in re.findall(r" \[?--([\w-]+)", line)}
            wrong += [f"{page.name}: {line}: --{flag} is not a flag" for flag in named - flags[verb]]
            if verb == "train" and words and words[0] in models:
                known = registry.get_entry(words[0]).arguments
                settings = re.findall(r"--set='?(\w+)=", line)
                wrong += [f"{page.name}: {line}: {words[0]} does not have {name}" for name in settings if name not in known]
    assert wrong == []


def test_extras_in_the_installation_page_exist():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    page = (ROOT / "docs/install.md").read_text(encoding="utf-8")
    named = {*re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)}
    assert named
    assert named <= {*setup["options.extras_require"]}

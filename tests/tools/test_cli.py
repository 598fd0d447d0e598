import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import keras_gans
from keras_gans_tools import cli

ROOT = Path(__file__).resolve().parents[2]
# Those besides make what is bundled.
OTHERS = ("__init__", "cli", "pack_imagenet", "train_clip_extractor", "train_extractor", "train_speech_extractor")
VERBS = sorted(path.stem for path in (ROOT / "tools").glob("*.py") if path.stem not in OTHERS)
ANSWERS = [
    "--help",
    "version",
    "list",
    "list --json",
    "list dcgan",
    "train dcgan --help",
    *(f"{verb} --help" for verb in VERBS),
]
# Flags that a user of each verb must find in its help.
FLAGS = {
    "apply": {
        "mark",
        "sign",
        "output",
        "scale",
        "width",
        "height",
        "max_side",
        "mask",
        "strength",
        "tile",
        "memory",
        "format",
        "overwrite",
    },
    "data": {"dataset", "output", "image_size", "crop", "background", "strict", "encoding", "shard_mb", "overwrite"},
    "credentials": {"name", "days"},
    "export": {"watermark", "format", "output", "batch", "version", "overwrite"},
    "finetune": {"dataset", "freeze_discriminator", "run_dir", "epochs", "learning_rate", "augment", "metrics", "resume"},
    "generate": {"watermark", "mark", "sign", "num", "seed", "label", "output", "batch_size", "overwrite"},
    "list": {"json"},
    "serve": {"host", "port", "max_batch_size", "batch_timeout_ms", "max_queue", "max_rows", "max_body_mb", "request_timeout"},
    "train": {
        "dataset",
        "run_dir",
        "epochs",
        "batch_size",
        "seed",
        "resume",
        "image_size",
        "crop",
        "background",
        "flip",
        "strict",
        "set",
        "ema",
        "export",
        "overwrite",
    },
}
# Runs keras-gans in this interpreter and prints which backends and Keras it imported.
IMPORTED = """
import sys
from keras_gans_tools import cli
try:
    cli.main()
except SystemExit as end:
    assert end.code == 0, end.code
print(sorted({name.split(".")[0] for name in sys.modules} & {"tensorflow", "keras", "jax", "torch"}), file=sys.stderr)
"""


@pytest.fixture
def another_package(tmp_path):
    """An installed package with a model and a preset `tiny_ring`, as anyone could write one; returns the path to add."""
    folder = tmp_path / "site"
    preset = folder / "other_zoo" / "presets" / "tiny_ring"
    preset.mkdir(parents=True)
    (folder / "other_zoo" / "__init__.py").write_text(
        "from keras_gans import register_model\n\n"
        "@register_model('other_gan', task='points', summary='From elsewhere.', parameters=1234)\n"
        "def other_gan(width=3):\n    pass\n"
    )
    (preset / "config.json").write_text(json.dumps({"format": 1, "model": "other_gan", "arguments": {}, "networks": []}))
    facts = {"dataset": "ring", "parameters": {"generator": 1000, "discriminator": 234}, "metrics": {"modes": 8}}
    (preset / "preset.json").write_text(json.dumps(facts))
    (preset / "model.weights.h5").write_bytes(bytes(1_500_000))
    metadata = folder / "other_zoo-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: other_zoo\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[keras_gans.zoo]\nother_gan = other_zoo\n")
    return folder


@pytest.mark.parametrize("arguments", ANSWERS)
def test_answers_without_importing_a_backend(arguments):
    command = [sys.executable, "-c", IMPORTED, *arguments.split()]
    process = subprocess.run(command, capture_output=True, text=True, check=True)
    assert process.stderr == "[]\n"


def test_import_imports_no_backend():
    code = "import keras_gans, sys; print({'tensorflow', 'keras', 'jax'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_the_package_runs_as_the_command():
    command = [sys.executable, "-m", "keras_gans", "version"]
    process = subprocess.run(command, capture_output=True, text=True, check=True)
    assert process.stdout == f"keras-gans {keras_gans.__version__}\n"


def test_help_of_a_verb(keras_gans_cli):
    text = keras_gans_cli("help", "train").stdout
    assert text == keras_gans_cli("train", "--help").stdout
    headings = [line for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == [
        "Data:", "Text:", "Sounds:", "Video:", "Model:", "Training:", "Measuring:", "Files:", "Several devices and machines:"
    ]  # fmt: skip
    assert "  --set=ARGUMENT=VALUE\n" in text
    assert "  --epochs=INT\n      Number of passes over the data (default: 50).\n" in text
    assert "  --precision=float32|mixed_bfloat16|mixed_float16\n" in text
    assert "repeat" not in text.split("--set")[1].split("--")[0]


def test_the_arguments_of_a_model(keras_gans_cli):
    listed = keras_gans_cli("list", "dcgan").stdout
    assert listed.startswith("dcgan: Convolutional")
    assert "  width (default: 64)\n      Integer, channels" in listed
    assert "  loss (default: non_saturating)\n" in listed
    assert keras_gans_cli("train", "dcgan", "--help").stdout == f"{keras_gans_cli('help', 'train').stdout}\n{listed}"
    assert keras_gans_cli("list", "gan", "dcgan_digits").stdout.count("dcgan_digits") == 1
    described = json.loads(keras_gans_cli("list", "dcgan", "--json").stdout)["models"]
    assert [model["name"] for model in described] == ["dcgan"]
    assert set(described[0]["explanations"]) == set(described[0]["arguments"])


@pytest.mark.parametrize("verb", ["card", "list"])
def test_examples_in_help_are_indented(keras_gans_cli, verb):
    examples = [line for line in keras_gans_cli(verb, "--help").stdout.splitlines() if "keras-gans" in line]
    assert all(line.startswith(f"    keras-gans {verb}") for line in examples)
    assert len(examples) > 1


def test_hyphens_in_names_of_flags(keras_gans_cli, assert_refused, tmp_path):
    process = keras_gans_cli("train", "gan", "--run-dir=x", "--batch-size=0", cwd=tmp_path)
    assert_refused(process, "--batch_size=0")
    process = keras_gans_cli("train", "--resume", "--run-dir", "no-run", cwd=tmp_path)
    assert_refused(process, "no-run contains no run to resume")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gan", "--lr=3"], "use --learning_rate=1e-4, or --set=learning_rate"),
        (["gan", "--gpu=0"], "CUDA_VISIBLE_DEVICES"),
        (["gan", "--output-dir=x"], "use --run_dir=PATH"),
        (["gan", "--width=32"], "width is an argument of gan; use --set=width=VALUE"),
    ],
    ids=" ".join,
)
def test_what_to_write_instead_of_flags_of_other_programs(keras_gans_cli, assert_refused, arguments, words):
    flag = arguments[1].split("=")[0]
    assert_refused(keras_gans_cli("train", *arguments), f"There is no {flag}", words)


def test_a_backend_that_is_not_installed(user_environment, assert_refused):
    code = """
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "jax" else find(name, *rest)
from keras_gans_tools import cli
cli.main()
"""
    command = [sys.executable, "-c", code, "generate", "dcgan_digits", "--output=/dev/null/x.png"]
    env = {**user_environment, "KERAS_BACKEND": "jax"}
    process = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert_refused(process, "KERAS_BACKEND=jax needs jax", "pip install 'keras-gans[jax]'")


def test_charts_do_not_depend_on_a_notebooks_settings(user_environment):
    code = """
from keras_gans_tools import cli
try:
    cli.main()
except SystemExit:
    import matplotlib
    print(matplotlib.get_backend())
"""
    env = {**user_environment, "MPLBACKEND": "module://not_installed.backend_inline"}
    command = [sys.executable, "-c", code, "list", "--json"]
    assert subprocess.run(command, capture_output=True, text=True, env=env, check=True).stdout.splitlines()[-1].lower() == "agg"


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_terminal_shows_at_once_what_is_done(user_environment, tmp_path):
    """And Ctrl-C ends it while TensorFlow is being loaded."""
    import pty

    terminal, its_end = pty.openpty()
    command = [Path(sys.executable).with_name("keras-gans"), "train", "gan", "--dataset=ring", "--run_dir=run"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdin=its_end, stdout=its_end, stderr=its_end, env=user_environment, start_new_session=True
    )
    try:
        shown = b""
        while b"Loading tensorflow" not in shown:
            assert process.poll() is None, shown
            shown += os.read(terminal, 1000)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    finally:
        process.kill()
        os.close(terminal)
        os.close(its_end)
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_verb(keras_gans_cli):
    process = keras_gans_cli("--help")
    assert sorted(cli._VERBS) == VERBS
    for verb in VERBS:
        assert f"keras-gans {verb}" in process.stdout
    assert keras_gans_cli().stdout == process.stdout


# All verbs but one are slow (last run: 0.1.0, 2026-11-30).
@pytest.mark.parametrize("verb", [verb if verb == "train" else pytest.param(verb, marks=pytest.mark.slow) for verb in VERBS])
def test_help_from_the_checkout_is_that_of_the_installed_program(keras_gans_cli, verb):
    installed = keras_gans_cli(verb, "--help")
    command = [sys.executable, "-m", f"tools.{verb}", "--help"]
    checkout = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert checkout.stdout == installed.stdout
    lines = installed.stdout.splitlines()
    # A flag's line is followed by an indented explanation.
    flags = {line.strip("- ").split("=")[0] for line in lines if line.startswith("  --")}
    assert FLAGS.get(verb, set()) <= flags
    assert all(lines[index + 1].startswith("      ") for index, line in enumerate(lines) if line.startswith("  --"))


def test_list_from_the_checkout(keras_gans_cli):
    command = [sys.executable, "-m", "tools.list", "--json"]
    checkout = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert checkout.stdout == keras_gans_cli("list", "--json").stdout


def test_list_shows_the_models(keras_gans_cli):
    listed = json.loads(keras_gans_cli("list", "--json").stdout)["models"]
    models = {model["name"]: model for model in listed}
    assert {"dcgan", "gan"} <= set(models)
    assert list(models) == sorted(models)
    assert models["dcgan"]["task"] == "images"
    assert models["dcgan"]["parameters"] == 898_370
    assert models["dcgan"]["arguments"]["image_shape"] == [28, 28, 1]
    table = keras_gans_cli("list").stdout
    for model in listed:
        row = next(line for line in table.splitlines() if line.split()[:1] == [model["name"]])
        assert f"{model['parameters']:,}" in row
        assert row.endswith(model["summary"])


def test_list_shows_models_and_presets_of_other_packages(keras_gans_cli, another_package):
    env = {"PYTHONPATH": str(another_package)}
    found = json.loads(keras_gans_cli("list", "--json", env=env).stdout)
    assert "other_gan" in [model["name"] for model in found["models"]]
    preset = next(preset for preset in found["presets"] if preset["name"] == "tiny_ring")
    assert preset["model"] == "other_gan"
    assert preset["parameters"] == 1234
    assert preset["megabytes"] == 1.5
    assert preset["metrics"] == {"modes": 8}
    table = keras_gans_cli("list", env=env).stdout
    row = next(line for line in table.splitlines() if line.startswith("tiny_ring"))
    assert row.split() == ["tiny_ring", "other_gan", "ring", "1,234", "1.5", "modes", "8", "-"]


def test_a_model_that_cannot_be_imported_does_not_hide_the_others(keras_gans_cli, another_package):
    (another_package / "other_zoo" / "__init__.py").write_text("raise RuntimeError('no luck')\n")
    process = keras_gans_cli("list", env={"PYTHONPATH": str(another_package)})
    assert process.returncode == 0
    assert "no luck" in next(line for line in process.stdout.splitlines() if line.startswith("other_gan"))
    assert "\ndcgan " in process.stdout


@pytest.mark.parametrize("arguments", [["list", "--json"], ["--help"]], ids=" ".join)
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_a_reader_that_stops_early_sees_no_error(user_environment, unbuffered, arguments):
    """`keras-gans list --json | head -1`."""
    command = [Path(sys.executable).with_name("keras-gans"), *arguments]
    reading, writing = os.pipe()
    os.close(reading)
    env = {**user_environment, "PYTHONUNBUFFERED": unbuffered}
    process = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=env, text=True, check=False)
    os.close(writing)
    assert process.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "nearest"),
    [
        (["trian"], "train"),
        (["train", "gna"], "gan"),
        (["train", "gan", "--epoch=3"], "epochs"),
        (["train", "gan", "--set=wdth=3"], "width"),
        (["train", "gan", "--export=saved_modle"], "saved_model"),
        (["generate", "tiny_rnig"], "tiny_ring"),
        (["generate", "tiny_ring", "--nmu=3"], "num"),
        (["export", "tiny_rnig", "--format=tflite", "--output=x.tflite"], "tiny_ring"),
        (["export", "tiny_ring", "--formt=tflite", "--output=x.tflite"], "format"),
        (["list", "--jsn"], "json"),
    ],
    ids=" ".join,
)
def test_the_nearest_name_is_suggested(keras_gans_cli, assert_refused, another_package, tmp_path, arguments, nearest):
    empty = tmp_path / "empty"
    empty.mkdir()
    process = keras_gans_cli(*arguments, cwd=empty, env={"PYTHONPATH": str(another_package)})
    assert_refused(process, "Did you mean")
    # The suggestion itself, not the list of all names behind it.
    suggestion = process.stderr.split("Did you mean")[1].split("?")[0]
    assert suggestion.strip(" :'") == nearest
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["train"], "MODEL"),
        (["train", "gan", "dcgan"], "gan dcgan"),
        (["generate"], "preset"),
        (["generate", "."], "config.json"),
        (["list", "models"], "no model or preset 'models'"),
        (["export", ".", "--format=onyx"], "onyx"),
    ],
    ids=" ".join,
)
def test_what_is_wrong_is_said_in_one_line(keras_gans_cli, assert_refused, tmp_path, arguments, word):
    assert_refused(keras_gans_cli(*arguments, cwd=tmp_path), word)
    assert list(tmp_path.iterdir()) == []


def test_refused_from_the_checkout_as_well():
    command = [sys.executable, "-m", "tools.train", "gan", "--epoch=3"]
    process = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert process.returncode == 2
    assert process.stderr.count("\n") == 1
    assert "epochs" in process.stderr


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("None", None),
        ("null", None),
        ("3", 3),
        ("[1, 2]", [1, 2]),
        ("lstm", "lstm"),
        ("", ""),
    ],
)
def test_values_of_settings(text, value):
    from keras_gans_tools.common.program import parse_setting

    assert parse_setting(f"name={text}") == ("name", value)

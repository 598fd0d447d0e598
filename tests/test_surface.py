"""What `import keras_gans` gives to an interpreter, an editor and a type checker."""

import importlib
import importlib.util
import inspect
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

import keras_gans
from tests.conftest import ROOT

MODULES = [name for name in keras_gans.__all__ if isinstance(getattr(keras_gans, name), types.ModuleType)]


def run(program, cwd=ROOT, **environment):
    """Runs a Python program in a process of its own; returns what it prints."""
    process = subprocess.run(
        [sys.executable, "-c", program],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def reveal(tmp_path, snippet):
    """Returns what a type checker says of a snippet."""
    (tmp_path / "snippet.py").write_text(snippet)
    command = [sys.executable, "-m", "mypy", "--config-file", ROOT / "pyproject.toml", "--cache-dir", ROOT / ".mypy_cache"]
    environment = {**os.environ, "MYPYPATH": str(Path(keras_gans.__file__).parents[1])}
    process = subprocess.run(
        [*map(str, command), "snippet.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    return process.stdout


# Interpreters


def test_completing_a_name_imports_neither_keras_nor_a_backend():
    """Python's own completer, which evaluates what it completes."""
    program = """
import sys, rlcompleter, keras_gans
completer, found = rlcompleter.Completer({"keras_gans": keras_gans}), []
while (match := completer.complete("keras_gans.", len(found))) is not None:
    found.append(match)
assert not {"keras", "tensorflow", "jax"} & set(sys.modules)
print(*(match.removeprefix("keras_gans.") for match in found))
"""
    assert set(run(program).split()) == {name for name in keras_gans.__all__ if not name.startswith("_")}


@pytest.mark.parametrize(
    ("imports", "backend"),
    [
        pytest.param("import keras, keras_gans", "tensorflow", marks=pytest.mark.slow),
        # In this order the next test imports them; tests/test_jax.py loads models on JAX (last run: 0.1.0, 2026-11-29).
        pytest.param("import keras_gans, keras", "jax", marks=pytest.mark.slow),
        pytest.param("import keras_gans.layers, keras", "jax", marks=pytest.mark.slow),
    ],
)
def test_a_saved_model_loads_in_another_process(tmp_path, imports, backend):
    keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=3).save(tmp_path / "model.keras")
    program = f"""
{imports}
model = keras.models.load_model("model.keras")
assert type(model).__name__ == "GAN" and model.generate(3, seed=0).shape == (3, 2)
import sys
assert {backend!r} in sys.modules and ({backend!r} == "tensorflow" or "tensorflow" not in sys.modules)
"""
    run(program, tmp_path, KERAS_BACKEND=backend)


def test_modules_can_be_run_and_read_like_any_other():
    spec = importlib.util.find_spec("keras_gans.losses.base")
    assert spec.loader.get_code("keras_gans.losses.base")  # as `python -m` asks for it
    assert "class AdversarialLoss" in spec.loader.get_source("keras_gans.losses.base")
    assert type(keras_gans.losses.__spec__.loader).__module__ != "keras_gans._lazy"


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_every_class_that_keras_must_know_is_registered_by_a_bare_import():
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((ROOT / "keras_gans").rglob("*.py"))
        if "register" in path.read_text(encoding="utf-8") and "jax.py" not in path.name
    ]
    count = "len([name for name in keras.saving.get_custom_objects() if name.startswith('keras_gans>')])"
    program = f"""
import importlib, keras_gans, keras
before = {count}
for module in {modules}:
    importlib.import_module(module)
print(before, {count})
"""
    before, after = run(program).split()
    assert before == after
    assert int(before) > 50


def test_other_backends_may_import_the_package_but_not_use_it():
    program = """
import keras_gans, keras
try:
    keras_gans.GAN
except ImportError as error:
    print(error)
"""
    assert "runs on the Keras backends 'tensorflow' and 'jax'" in run(program, KERAS_BACKEND="numpy")


# Editors


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_the_names_of_editors_are_those_of_the_interpreter(tmp_path):
    names = [name for name in keras_gans.__all__ if name != "__version__"]
    found = reveal(tmp_path, "import keras_gans\n" + "".join(f"reveal_type(keras_gans.{name})\n" for name in names))
    revealed = [line.split("Revealed type is ")[1] for line in found.splitlines() if "Revealed type is" in line]
    assert len(revealed) == len(names), found
    assert not {name: kind for name, kind in zip(names, revealed, strict=True) if kind.strip('"') in ("Any", "builtins.object")}
    assert not [line for line in found.splitlines() if line.startswith("snippet.py") and ": error:" in line]


@pytest.mark.slow  # last run: 0.1.0, 2026-11-29
def test_an_editor_knows_what_the_everyday_functions_return(tmp_path):
    found = reveal(
        tmp_path,
        """
import keras_gans

model = keras_gans.create_model("dcgan", image_shape=(28, 28, 1))
reveal_type(model)
reveal_type(keras_gans.load_pretrained("dcgan_mnist"))
reveal_type(keras_gans.load_pretrained("dcgan_mnist").generate(4))
reveal_type(keras_gans.load_data("digits"))
reveal_type(keras_gans.GAN.from_preset("dcgan_mnist"))
reveal_type(keras_gans.GAN.presets)
reveal_type(keras_gans.describe("dcgan"))
""",
    )
    revealed = [line.split('"')[1] for line in found.splitlines() if "Revealed type is" in line]
    model = "keras_gans.adversarial.model.AdversarialModel"
    assert revealed[:2] == [model, model], found
    assert "ndarray" in revealed[2]
    assert revealed[3:5] == ["keras_gans.data.data.Data", "keras_gans.gans.gan.GAN"]
    assert [kind.replace("builtins.", "") for kind in revealed[5:]] == ["dict[str, str]", "str"]


# Every public name


def _public():
    for module in (keras_gans, *(getattr(keras_gans, name) for name in MODULES)):
        for name in module.__all__:
            yield f"{module.__name__}.{name}", getattr(module, name)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_shows_its_public_names_alone(name):
    module = importlib.import_module(f"keras_gans.{name}")
    assert dir(module) == sorted(module.__all__)
    assert not [each for each in dir(module) if each.startswith("_")]


def _own_docstring(thing):
    return vars(thing).get("__doc__") if isinstance(thing, type) else thing.__doc__


def test_no_public_name_is_without_a_docstring():
    documented = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)
    found = [name for name, thing in _public() if isinstance(thing, documented) and not (_own_docstring(thing) or "").strip()]
    assert not found


def _untyped(function):
    signature = inspect.signature(function)
    annotations = [each.annotation for name, each in signature.parameters.items() if name not in ("self", "cls")]
    return any(each is inspect.Parameter.empty for each in [*annotations, signature.return_annotation])


def test_every_public_function_is_typed():
    found = []
    for name, thing in _public():
        if not (getattr(thing, "__module__", None) or "").startswith("keras_gans."):
            continue
        if inspect.isfunction(thing) and _untyped(thing):
            found.append(name)
        elif isinstance(thing, type):
            methods = [(key, value) for key, value in vars(thing).items() if inspect.isfunction(value) and key[0] != "_"]
            found += [f"{name}.{key}" for key, method in methods if _untyped(method)]
    assert not found

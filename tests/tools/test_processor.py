import keras
import pytest

import keras_gans
from keras_gans_tools.common import expectation, processor

CPUINFO = "processor\t: 0\nmodel name\t: Processor 9000\nflags\t\t: fpu sse avx512_bf16 {}\n\nprocessor\t: 1\n"


@pytest.fixture
def information(tmp_path, monkeypatch):
    path = tmp_path / "cpuinfo"
    monkeypatch.setattr(processor, "_INFORMATION", path)
    return path


def test_the_processor_is_named(information):
    information.write_text(CPUINFO.format(""))
    assert processor.in_words().endswith(" of Processor 9000")
    information.unlink()
    assert " of " in processor.in_words()


def test_long_runs_are_told_of_bfloat16_where_the_processor_has_units_for_it(information):
    model = keras_gans.create_model("dcgan", width=8)
    information.write_text(CPUINFO.format("amx_bf16 amx_tile"))
    told = "--precision=mixed_bfloat16" in expectation.make_hint(model, "float32", new=True)
    assert told == (keras.backend.backend() == "tensorflow")
    assert "--precision" not in expectation.make_hint(model, "mixed_bfloat16", new=True)
    assert "--precision" not in expectation.make_hint(model, "float32", new=False)
    information.write_text(CPUINFO.format("amx_tile"))
    assert "--precision" not in expectation.make_hint(model, "float32", new=True)

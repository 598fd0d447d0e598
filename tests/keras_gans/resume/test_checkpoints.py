import json

import keras
import numpy as np
import pytest

from keras_gans.resume import training_state
from keras_gans.resume.checkpoints import CheckpointFolder, DamagedCheckpointError, read_checkpoint, write_checkpoint

FACTS = {"epoch": 1, "step": 2}


def test_a_checkpoint_gives_back_what_was_written(tmp_path):
    written = {"model": [np.arange(6, dtype="float32").reshape(2, 3), np.array(7, "uint32")], "optimizer": [], "metrics": []}
    write_checkpoint(tmp_path / "x.npz", {**FACTS, "config": {"ä": [1, None]}}, written)
    facts, found = read_checkpoint(tmp_path / "x.npz")
    assert (facts["epoch"], facts["step"], facts["config"]) == (1, 2, {"ä": [1, None]})
    assert {group: len(arrays) for group, arrays in found.items()} == {"model": 2, "optimizer": 0, "metrics": 0}
    for one, other in zip(found["model"], written["model"], strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_each_flipped_byte_is_noticed(tmp_path):
    path = tmp_path / "x.npz"
    write_checkpoint(path, FACTS, {"model": [np.arange(6, dtype="float32")]})
    good = path.read_bytes()
    for position in range(len(good)):
        path.write_bytes(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :])
        with pytest.raises(DamagedCheckpointError, match=r"x\.npz is damaged"):
            read_checkpoint(path)


def test_numpy_reads_it_without_pickle(tmp_path):
    write_checkpoint(tmp_path / "x.npz", FACTS, {"model": [np.ones(3)]})
    with np.load(tmp_path / "x.npz", allow_pickle=False) as archive:
        assert json.loads(str(archive["facts"]))["epoch"] == 1
        np.testing.assert_array_equal(archive["model/00000"], np.ones(3))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
def test_variables_of_every_dtype_come_back(tmp_path, dtype):
    def make():
        return keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, dtype=dtype), keras.layers.BatchNormalization()])

    model, other = make(), make()
    write_checkpoint(tmp_path / "x.npz", FACTS, training_state.capture_state(model))
    training_state.restore_state(other, read_checkpoint(tmp_path / "x.npz")[1])
    for one, two in zip(model.weights, other.weights, strict=True):
        assert one.dtype == two.dtype
        np.testing.assert_array_equal(*(np.asarray(keras.ops.cast(v, "float32")) for v in (one, two)))


def test_captured_values_do_not_follow_the_variables():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    captured = training_state.capture_state(model)["model"]
    before = [array.copy() for array in captured]
    for weight in model.weights:
        weight.assign(weight + 1)
    for array, value in zip(captured, before, strict=True):
        np.testing.assert_array_equal(array, value)


def test_names_count_beyond_their_digits(tmp_path):
    folder = CheckpointFolder(tmp_path, keep=2)
    for epoch, step in ((9_999, 5), (10_000, 0), (10_000, 1_000_000)):
        folder.save({"epoch": epoch, "step": step}, {})
    assert [path.name for path in folder.paths()] == ["epoch_10000_step_1000000.npz", "epoch_10000_step_000000.npz"]
    assert folder.newest()[0]["step"] == 1_000_000


def test_files_of_others_are_left_alone(tmp_path):
    for name in ("epoch_1.npz", "lock", "notes.txt", "epoch_0001_step_000000.npz.bak"):
        (tmp_path / name).write_text("mine")
    folder = CheckpointFolder(tmp_path, keep=1)
    assert folder.newest() is None
    folder.remove_leftovers()
    folder.save({"epoch": 2, "step": 0}, {})
    folder.save({"epoch": 3, "step": 0}, {})
    assert len(list(tmp_path.iterdir())) == 5

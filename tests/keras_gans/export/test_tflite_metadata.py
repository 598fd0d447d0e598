"""TFLite's metadata, read back by the field numbers of its schema."""

import zipfile

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from flatbuffers import encode, number_types
from flatbuffers.table import Table
from tensorflow.lite.python import schema_py_generated as schema

import keras_gans
from keras_gans import export
from keras_gans.export import litert
from keras_gans.text import Tokenizer


class Reader:
    """A table of a flatbuffer."""

    def __init__(self, content, position):
        self.table = Table(content, position)

    def _at(self, slot):
        offset = self.table.Offset(4 + 2 * slot)
        return self.table.Pos + offset if offset else None

    def text(self, slot):
        return self.table.String(self._at(slot)).decode()

    def number(self, slot):
        at = self._at(slot)
        return 0 if at is None else self.table.Get(number_types.Int8Flags, at)

    def child(self, slot):
        at = self._at(slot)
        return None if at is None else Reader(self.table.Bytes, self.table.Indirect(at))

    def children(self, slot):
        offset = self.table.Offset(4 + 2 * slot)
        starts = [self.table.Vector(offset) + 4 * i for i in range(self.table.VectorLen(offset))] if offset else []
        return [Reader(self.table.Bytes, self.table.Indirect(start)) for start in starts]

    def floats(self, slot):
        return self.table.GetVectorAsNumpy(number_types.Float32Flags, self.table.Offset(4 + 2 * slot)).tolist()


def read(path):
    """Returns the file as the TensorFlow schema sees it, and the table ModelMetadata in it."""
    content = path.read_bytes()
    model = schema.Model.GetRootAs(content, 0)
    entries = {model.Metadata(i).Name(): model.Metadata(i).Buffer() for i in range(model.MetadataLength())}
    metadata = model.Buffers(entries[b"TFLITE_METADATA"]).DataAsNumpy().tobytes()
    assert metadata[4:8] == b"M001"
    return model, Reader(metadata, encode.Get(number_types.UOffsetTFlags.packer_type, metadata, 0))


def tensors(graph, slot):
    """Returns, of each input (slot 2) or output (3): name, kind of content, range, files with their types."""
    found = []
    for tensor in graph.children(slot):
        assert tensor.text(1).endswith(".") or "2^63" in tensor.text(1)
        stats = tensor.child(5)
        ends = None if stats is None else (*stats.floats(1), *stats.floats(0))
        found.append((tensor.text(0), tensor.child(3).number(0), ends, [(f.text(0), f.number(2)) for f in tensor.children(6)]))
    return found


@pytest.fixture
def unchecked(monkeypatch):
    monkeypatch.setattr(litert, "checked", lambda *_: 0.0)  # tests/keras_gans/export/test_matrix.py runs files that hold it


def test_images_of_classes(tmp_path, unchecked):
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("cgan", image_shape=(8, 8, 1), width=4, latent_dim=4, num_classes=2, seed=0)
    path, _ = export.tflite(model, tmp_path / "model.tflite", class_names=["cat", "dog"])
    file, metadata = read(path)
    assert metadata.text(0) == "cgan"
    assert "images" in metadata.text(1)
    assert [(each.text(0), each.number(2)) for each in metadata.children(6)] == [("labels.txt", 3)]
    [graph] = metadata.children(3)
    inputs = tensors(graph, 2)
    # In the order of the graph, which is not that of the signature.
    main = file.Subgraphs(0)
    names = [main.Tensors(index).Name().decode() for index in main.InputsAsNumpy()]
    assert [name for name, *_ in inputs] == [name.split("_")[-1].split(":")[0] for name in names]
    assert sorted(inputs) == [("labels", 1, (0.0, 1.0), [("labels.txt", 3)]), ("latents", 1, None, [])]
    assert tensors(graph, 3) == [("images", 2, (0.0, 1.0), [])]
    assert graph.children(3)[0].child(3).child(1).number(0) == 2  # grey
    with zipfile.ZipFile(path) as archive:
        assert archive.read("labels.txt").decode() == "cat\ndog\n"


def test_weights_stay_where_they_were_aligned(tmp_path, unchecked, monkeypatch):
    keras.utils.set_random_seed(0)
    model = keras_gans.create_model("gan", image_shape=(8, 8, 1), latent_dim=4, seed=0)
    path, _ = export.tflite(model, tmp_path / "with.tflite")
    monkeypatch.setattr(litert, "add_metadata", lambda content, *_: content)
    plain, _ = export.tflite(model, tmp_path / "without.tflite")
    content, before = path.read_bytes(), plain.read_bytes()
    assert content.endswith(before)
    assert (len(content) - len(before)) % 16 == 0
    latents = np.random.default_rng(0).standard_normal((1, 4), dtype="float32")
    found, expected = (Interpreter(str(each)).get_signature_runner()(latents=latents)["images"] for each in (path, plain))
    np.testing.assert_array_equal(found, expected)


def test_text(tmp_path, unchecked):
    keras.utils.set_random_seed(0)
    tokenizer = Tokenizer.train(["a cat sits", "a dog runs"])
    model = keras_gans.create_model("seqgan", vocabulary_size=tokenizer.size, length=4, seed=0, filters=0.01)
    model.tokenizer = tokenizer
    path, _ = export.tflite(model, tmp_path / "model.tflite")
    _, metadata = read(path)
    graphs = {graph.text(0): graph for graph in metadata.children(3)}
    assert sorted(graphs) == ["generate", "serving_default"]
    last = float(tokenizer.size - 1)
    for graph in graphs.values():
        assert tensors(graph, 3) == [("token_ids", 1, (0.0, last), [("vocabulary.txt", 5)])]
    assert sorted(name for name, *_ in tensors(graphs["generate"], 2)) == ["seeds", "temperature"]
    assert sorted(tensors(graphs["serving_default"], 2))[0] == ("latents", 1, (0.0, 1.0), [])

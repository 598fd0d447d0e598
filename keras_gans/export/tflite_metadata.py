"""TFLite's own metadata: what a file is, what its tensors mean and lie between, and which files it carries.

Written by field numbers, because the library that knows the schema, tflite-support (last released in 2023), needs a protobuf
older than TensorFlow 2.21 does.

Reference: "Adding metadata to TensorFlow Lite models" and metadata_schema.fbs of tflite-support 0.4.4.
"""

import struct

from keras_gans.export import vocabulary
from keras_gans.export.associated import LABELS
from keras_gans.export.signature import output_name

_NAME = "TFLITE_METADATA"
_IDENTIFIER = b"M001"
# AssociatedFileType, by the file's name.
_TYPES = {LABELS: 3, vocabulary.NAME: 5}
# Which tensor a file belongs to, by the file's name.
_OWNERS = {LABELS: "labels", vocabulary.NAME: "token_ids"}


def add_metadata(content: bytes, model, files: dict[str, bytes]) -> bytes:
    """Returns a TFLite file with metadata.

    Args:
        content: What the converter made.
        model: The `AdversarialModel` that it was made of.
        files: The associated files by name, which are packed later.
    """
    return _with_entry(content, _metadata(content, model, files))


def _metadata(content, model, files):
    """Returns the buffer of a ModelMetadata table."""
    import flatbuffers
    from tensorflow.lite.python import schema_py_generated as schema

    graphs = {}
    file = schema.Model.GetRootAs(content, 0)
    for number in range(file.SignatureDefsLength()):
        signature = file.SignatureDefs(number)
        graph = file.Subgraphs(signature.SubgraphIndex())
        graphs[signature.SubgraphIndex()] = (
            signature.SignatureKey().decode(),
            _in_order(graph.InputsAsNumpy(), signature.Inputs, signature.InputsLength()),
            _in_order(graph.OutputsAsNumpy(), signature.Outputs, signature.OutputsLength()),
        )
    builder = flatbuffers.Builder()
    described = []
    for index in range(max(graphs) + 1):
        key, inputs, outputs = graphs.get(index, ("", [], []))
        fields = [(builder.CreateString(key), 0)]
        for slot, names in ((2, inputs), (3, outputs)):
            fields.append((_vector(builder, [_tensor(builder, name, model, files) for name in names]), slot))
        described.append(_table(builder, 10, fields))
    task = {"images": "images", "token_ids": "text, as tokens"}.get(output_name(model), "samples")
    name = model.entry["model"] if getattr(model, "entry", None) else model.name
    fields = [
        (builder.CreateString(str(name)), 0),
        (builder.CreateString(f"A generative adversarial network, exported by keras_gans. It generates {task}."), 1),
        (_vector(builder, described), 3),
        (_vector(builder, [_file(builder, name) for name in files]), 6),
        (builder.CreateString("1.0.0"), 7),
    ]
    builder.Finish(_table(builder, 8, fields), _IDENTIFIER)
    return bytes(builder.Output())


def _in_order(tensors, entry, count):
    """Returns the names that a signature gives a graph's inputs or outputs, in the graph's order."""
    names = {entry(i).TensorIndex(): entry(i).Name().decode() for i in range(count)}
    return [names[tensor] for tensor in tensors if tensor in names]


def _facts(name, model):
    """Returns what a tensor is, and its least and largest value or None."""
    classes = (model.num_classes or 1) - 1
    writes = output_name(model) == "token_ids"
    words = getattr(model.generator, "vocabulary_size", 1) - 1
    return {
        "latents": ("Uniform random numbers, one for each token.", (0, 1)) if writes else ("Normal random numbers.", None),
        "labels": ("The number of the class to generate.", (0, classes)),
        "temperature": ("Logits are divided by it: below 1 for what is more probable.", None),
        "seeds": ("A number that stands for a sample, from 0 to 2^63 - 1.", None),
        "images": ("Images, channels last.", (0, 1)),
        "samples": ("Samples.", None),
        "token_ids": (
            "Tokens; what follows a 0 is not part of the text.",
            (0, words),
        ),
    }[name]


def _tensor(builder, name, model, files):
    """Writes a TensorMetadata table."""
    description, ends = _facts(name, model)
    fields = [(builder.CreateString(name), 0), (builder.CreateString(description), 1)]
    if name == "images":
        # ColorSpaceType: 1 is RGB, 2 is grey.
        properties = _table(builder, 2, [(2 if model.sample_shape[-1] == 1 else 1, 0, "Int8")])
    else:
        properties = _table(builder, 0, [])
    fields.append((_table(builder, 3, [(2 if name == "images" else 1, 0, "Uint8"), (properties, 1)]), 3))
    if ends is not None:
        low, high = (_floats(builder, [end]) for end in ends)
        fields.append((_table(builder, 2, [(high, 0), (low, 1)]), 5))
    owned = [file for file in files if _OWNERS[file] == name]
    if owned:
        fields.append((_vector(builder, [_file(builder, file) for file in owned]), 6))
    return _table(builder, 7, fields)


def _file(builder, name):
    """Writes an AssociatedFile table."""
    return _table(builder, 5, [(builder.CreateString(name), 0), (_TYPES[name], 2, "Int8")])


def _table(builder, slots, fields):
    """Writes a table of fields: offset and slot, or number, slot and kind."""
    builder.StartObject(slots)
    for value, slot, *kind in fields:
        if kind:
            getattr(builder, f"Prepend{kind[0]}Slot")(slot, value, 0)
        else:
            builder.PrependUOffsetTRelativeSlot(slot, value, 0)
    return builder.EndObject()


def _vector(builder, offsets):
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def _floats(builder, values):
    builder.StartVector(4, len(values), 4)
    for value in reversed(values):
        builder.PrependFloat32(value)
    return builder.EndVector()


def _with_entry(content, metadata):
    """Returns a TFLite file with one more entry of metadata.

    The new root table, its lists and the entry are put before the file, whose bytes stay as they are: written anew by Python,
    weights would no longer lie at multiples of 16 bytes. References in a flatbuffer point forwards, here from the new root to
    the old tables.
    """
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.Model.GetRootAs(content, 0)
    table = model._tab

    def target(slot):
        """Returns where in the old file a field of its root table points to, 0 if there is none."""
        offset = table.Offset(4 + 2 * slot)
        return table.Indirect(table.Pos + offset) if offset else 0

    def elements(slot):
        start = target(slot)
        count = struct.unpack_from("<I", content, start)[0] if start else 0
        return [table.Indirect(start + 4 + 4 * i) for i in range(count)]

    buffers, entries = elements(_BUFFERS), elements(_METADATA)
    name = _NAME.encode()
    positions, end = {}, 8
    for part, size in {
        "root vtable": 4 + 2 * _FIELDS,
        "root": 4 + 4 * _FIELDS,
        "buffers": 8 + 4 * len(buffers),
        "entries": 8 + 4 * len(entries),
        "entry vtable": 8,
        "entry": 12,
        "name": 4 + len(name) + 1,
        "buffer vtable": 8,
        "buffer": 8,
    }.items():
        positions[part] = end
        end = -(-(end + size) // 4) * 4
    # The length before the data, which are aligned.
    positions["data"] = -(-(end + 4) // 16) * 16 - 4
    total = -(-(positions["data"] + 4 + len(metadata)) // 16) * 16
    prefix = bytearray(total)

    def put(part, form, *values, at=0):
        struct.pack_into("<" + form, prefix, positions[part] + at, *values)

    def refer(part, at, position):
        put(part, "I", position - positions[part] - at, at=at)

    struct.pack_into("<I4s", prefix, 0, positions["root"], b"TFL3")
    put("root vtable", f"{2 + _FIELDS}H", 4 + 2 * _FIELDS, 4 + 4 * _FIELDS, *(4 + 4 * slot for slot in range(_FIELDS)))
    put("root", "iI", positions["root"] - positions["root vtable"], model.Version())
    moved = {slot: total + target(slot) for slot in range(1, _FIELDS) if target(slot)}
    moved |= {_BUFFERS: positions["buffers"], _METADATA: positions["entries"]}
    for slot in range(1, _FIELDS):
        if slot in moved:
            refer("root", 4 + 4 * slot, moved[slot])
        else:
            put("root vtable", "H", 0, at=4 + 2 * slot)
    for part, old, new in (("buffers", buffers, "buffer"), ("entries", entries, "entry")):
        put(part, "I", len(old) + 1)
        for i, position in enumerate([*(total + position for position in old), positions[new]]):
            refer(part, 4 + 4 * i, position)
    put("entry vtable", "4H", 8, 12, 4, 8)
    put("entry", "i", positions["entry"] - positions["entry vtable"])
    refer("entry", 4, positions["name"])
    put("entry", "I", len(buffers), at=8)
    put("name", f"I{len(name)}s", len(name), name)
    put("buffer vtable", "3H", 6, 8, 4)
    put("buffer", "i", positions["buffer"] - positions["buffer vtable"])
    refer("buffer", 4, positions["data"])
    put("data", f"I{len(metadata)}s", len(metadata), metadata)
    return bytes(prefix) + content


# Fields of TFLite's table Model, and two of their numbers.
_FIELDS, _BUFFERS, _METADATA = 8, 4, 6

"""A tiny data set in the layout of TensorFlow Datasets, written without TensorFlow."""

import io
import json
import struct

from PIL import Image

from keras_gans.data.record_files import masked_crc32c


def frame(content):
    """A record of a TFRecord file."""

    def masked(part):
        return struct.pack("<I", masked_crc32c(part))

    length = struct.pack("<Q", len(content))
    return length + masked(length) + content + masked(content)


def example(image, label):
    """A serialized `tf.train.Example`."""

    def message(number, content):
        size, head = len(content), b""
        while size > 127:
            head, size = head + bytes([size & 127 | 128]), size >> 7
        return bytes([number << 3 | 2]) + head + bytes([size]) + content

    def entry(name, feature):
        return message(1, message(1, name.encode()) + message(2, feature))

    entries = entry("image", message(1, message(1, image)))
    if label is not None:
        entries += entry("label", message(3, message(1, bytes([label]))))
    return message(1, entries)


def encode(image, kind="PNG"):
    file = io.BytesIO()
    Image.fromarray(image.squeeze()).save(file, kind)
    return file.getvalue()


def write_prepared(root, shards, names=("cat", "dog"), shape=(6, 5, 1), name="pets", kind="PNG", **info):
    """Writes a data set; returns its folder.

    Args:
        root: What `TFDS_DATA_DIR` names.
        shards: By split, for each file a list of `(image, label)`.
        names: Names of the classes; None for no labels.
        shape: The declared shape of an image; -1 where they differ.
        name: Its name, and configuration if it has one.
        kind: Pillow's name of the images' format.
        **info: More for `dataset_info.json`.
    """
    folder = root / name / "1.0.0"
    folder.mkdir(parents=True)
    package = "tensorflow_datasets.core.features."
    features = {
        "image": {
            "image": {"dtype": "uint8", "shape": {"dimensions": [str(side) for side in shape]}},
            "pythonClassName": package + "image_feature.Image",
        }
    }
    if names is not None:
        features["label"] = {
            "classLabel": {"numClasses": str(len(names))},
            "pythonClassName": package + "class_label_feature.ClassLabel",
        }
        (folder / "label.labels.txt").write_text("\n".join(names) + "\n")
    content = {"featuresDict": {"features": features}, "pythonClassName": package + "features_dict.FeaturesDict"}
    (folder / "features.json").write_text(json.dumps(content))
    short, splits = name.split("/")[0], []
    for split, files in shards.items():
        for number, samples in enumerate(files):
            records = [frame(example(encode(image, kind), label)) for image, label in samples]
            file = folder / f"{short}-{split}.tfrecord-{number:05}-of-{len(files):05}"
            file.write_bytes(b"".join(records))
        splits.append(
            {
                "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
                "name": split,
                "numBytes": "1",
                "shardLengths": [str(len(samples)) for samples in files],
            }
        )
    facts = {"fileFormat": "tfrecord", "moduleName": "pets", "name": short, "splits": splits, "version": "1.0.0", **info}
    (folder / "dataset_info.json").write_text(json.dumps(facts))
    return folder

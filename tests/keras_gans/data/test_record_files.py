"""TFRecord files and examples without TensorFlow, against published values and what TensorFlow writes."""

import numpy as np
import pytest

from keras_gans.data.record_files import crc32c, find_records, parse_example
from tests.support.prepared import example, frame


def checksum(content):
    return int(crc32c(np.frombuffer(content, "uint8"), np.array([0]), np.array([len(content)]))[0])


# RFC 3720, appendix B.4 (iSCSI), and the check value of the CRC catalogue.
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_published_checksums(content, expected):
    assert checksum(content) == expected


def test_checksums_of_many_ranges_of_any_length_at_once():
    content = np.random.default_rng(0).integers(0, 256, 1000, "uint8")
    sizes = np.array([0, 1, 63, 64, 65, 128, 200, 479])
    starts = np.cumsum(sizes) - sizes
    together = crc32c(content, starts, sizes)

    def bit_by_bit(part):
        value = 0xFFFFFFFF
        for byte in part.tolist():
            value ^= byte
            for _ in range(8):
                value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        return value ^ 0xFFFFFFFF

    assert together.tolist() == [bit_by_bit(content[a : a + n]) for a, n in zip(starts, sizes, strict=True)]


def test_what_tensorflow_writes_is_read(tmp_path):
    tf = pytest.importorskip("tensorflow", exc_type=ImportError)
    features = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"\x00pixels" * 40])),
        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[300, -2])),
        "names": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"a", b"b"])),
        "size": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5])),
        "none": tf.train.Feature(),
    }
    content = tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()
    with tf.io.TFRecordWriter(str(tmp_path / "x")) as writer:
        for record in (content, b"", content):
            writer.write(record)
    file = find_records(tmp_path / "x")
    assert file.intact.tolist() == [True] * 3
    assert file.sizes.tolist() == [len(content), 0, len(content)]
    data, start = memoryview(file.content), int(file.starts[2])
    found = parse_example(data, start, start + len(content))
    assert found["label"] == [300, -2]
    assert bytes(data[slice(*found["image"])]) == b"\x00pixels" * 40
    assert set(found) == {"image", "label"}  # one string, or integers


def test_our_frames_are_tensorflows(tmp_path):
    tf = pytest.importorskip("tensorflow", exc_type=ImportError)
    path = tmp_path / "x"
    path.write_bytes(frame(example(b"abc", 7)) + frame(b"d"))
    records = [record.numpy() for record in tf.data.TFRecordDataset(str(path))]
    assert records[1] == b"d"
    parsed = tf.train.Example.FromString(records[0])
    assert parsed.features.feature["image"].bytes_list.value == [b"abc"]
    assert parsed.features.feature["label"].int64_list.value == [7]


def test_every_flipped_bit_is_noticed(tmp_path):
    path, good = tmp_path / "x", frame(b"one") + frame(b"three") + frame(b"two")
    middle = slice(len(frame(b"one")), len(frame(b"one")) + len(frame(b"three")))
    for place in range(middle.start, middle.stop):
        path.write_bytes(good[:place] + bytes([good[place] ^ 4]) + good[place + 1 :])
        if place < middle.start + 12:
            with pytest.raises(ValueError, match=r"x is damaged at the length of record 1\. Copy"):
                find_records(path)
        else:
            assert find_records(path).intact.tolist() == [True, False, True]


@pytest.mark.parametrize("missing", [1, 4, 5, 10, 20])
def test_a_file_that_was_cut_off(tmp_path, missing):
    content = frame(b"one") + frame(b"three")
    (tmp_path / "x").write_bytes(content[:-missing])
    with pytest.raises(ValueError, match=r"x is cut off in record 1\. Copy"):
        find_records(tmp_path / "x")


@pytest.mark.parametrize("content", [b"\x0a\xff", b"\xff" * 20, b"\x0a\x05\x0a\x03\x0a\x01a\xff", b"\x0a\x02\x0a\x09"])
def test_what_is_no_example(content):
    with pytest.raises(ValueError, match=r"not a tf\.train\.Example"):
        parse_example(memoryview(content), 0, len(content))

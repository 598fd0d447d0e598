"""TFRecord files and examples without TensorFlow, against what TensorFlow writes."""

import pytest

from keras_gans.data.record_files import find_records, parse_example
from tests.support.prepared import example, frame


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
    written, records = find_records(tmp_path / "x")
    assert [record.intact for record in records] == [True] * 3
    assert [record.size for record in records] == [len(content), 0, len(content)]
    data, start = memoryview(written), records[2].start
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
            assert [record.intact for record in find_records(path)[1]] == [True, False, True]


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

import dataclasses

import numpy as np
import pytest

import keras_gans
from keras_gans import Declaration
from keras_gans.declaration import COMPOSITE, GENERATED, declare

ELEMENTS = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
  <Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/{}</Iptc4xmpExt:DigitalSourceType>
 </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


RECIPE = Declaration(recipe={"a": 1}).to_xmp()


def test_it_is_read_as_it_was_written():
    recipe = {"seed": 3, "index": 0, "conditions": {"labels": 7}, "truncation": 0.7, "prompt": 'a "<b>" & \u732b'}
    written = Declaration(COMPOSITE, "mine & <yours>", "ab" * 32, recipe)
    packet = written.to_xmp()
    assert packet == written.to_xmp()
    assert Declaration.from_xmp(packet) == written
    assert b"digitalsourcetype/compositeWithTrainedAlgorithmicMedia" in packet


def test_what_other_programs_declare():
    assert Declaration.from_xmp(ELEMENTS.format(GENERATED).encode()) == Declaration(GENERATED, version="")
    assert Declaration.from_xmp(ELEMENTS.format("digitalCapture").encode()).source == "digitalCapture"
    assert Declaration.from_xmp(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>') is None


@pytest.mark.parametrize(
    ("packet", "message"),
    [
        (b"<x", "damaged"),
        (b"", "damaged"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "document type"),
        (
            Declaration(recipe={"a": 1}).to_xmp().replace(b"{&quot;a&quot;: 1}", b"{").replace(b'{"a": 1}', b"{"),
            "recipe is '{'",
        ),
        (Declaration(recipe={"a": 1}).to_xmp().replace(b'{"a": 1}', b"[1]"), r"recipe is '\[1\]'"),
    ],
)
def test_damaged_packets_are_named(packet, message):
    with pytest.raises(ValueError, match=message):
        Declaration.from_xmp(packet)


def test_a_model_declares_the_weights_of_its_preset_until_it_changes():
    model = keras_gans.load_pretrained("dcgan_digits")
    said = declare(model, {"seed": np.int64(3), "conditions": {"labels": np.array([1, 2])}, "labels": None})
    assert (said.source, said.model) == (GENERATED, "dcgan_digits")
    assert said.weights == keras_gans.presets.find_preset("dcgan_digits").metadata.sha256
    assert said.recipe == {"seed": 3, "conditions": {"labels": [1, 2]}}
    model.loaded_preset = dataclasses.replace(model.loaded_preset, name="/home/ada/runs/digits/")
    assert declare(model).model == "digits"
    weight = model.ema_generator.weights[0]
    weight.assign(weight + 1.0)
    assert declare(model).weights == ""

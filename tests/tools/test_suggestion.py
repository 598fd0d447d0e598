"""What `train` suggests for a folder of photographs."""

import pytest

from keras_gans_tools.common.run import Run
from keras_gans_tools.common.suggestion import suggest


def run(epochs=50, flip=None, dataset="folder:my pictures"):
    return Run(dataset=dataset, epochs=epochs, flip=flip)


@pytest.mark.parametrize(
    ("shape", "count", "flip", "flags"),
    [
        ((64, 64, 3), 2500, None, "--image_size=64 --flip --batch_size=32 --epochs=80"),
        ((100, 140, 3), 500, False, "--image_size=64 --batch_size=32 --epochs=400"),
        ((128, 128, 1), 20, True, "--image_size=128x128x1 --flip --batch_size=20 --epochs=10000"),
        ((512, 512, 4), 19_999, None, "--image_size=256x256x4 --flip --batch_size=32 --epochs=11"),
        ((48, 48, 3), 2500, None, "--image_size=64 --flip --batch_size=32 --epochs=80"),
    ],
)
def test_few_photographs_suit_another_model(shape, count, flip, flags):
    lines = suggest("dcgan", run(flip=flip), shape, count)
    assert lines == [
        f"projected_gan is made for as few as {count:,} photographs (docs/pictures.md): "
        f"keras-gans train projected_gan '--dataset=folder:my pictures' {flags}"
    ]


@pytest.mark.parametrize("model", ["dcgan", "projected_gan"])
def test_very_few_photographs_suit_fine_tuning(model):
    assert suggest(model, run(), (96, 64, 3), 100) == [
        "So few photographs suit fine-tuning better (docs/pictures.md): keras-gans finetune projected_gan_flowers64 "
        "'--dataset=folder:my pictures' --flip --batch_size=25 --epochs=150 --augment=translation,cutout"
    ]
    assert "finetune" not in "".join(suggest(model, run(), (64, 64, 3), 201))


def test_a_short_run_of_the_right_model():
    assert suggest("projected_gan", run(epochs=39), (64, 64, 3), 2500) == [
        "For 2,500 photographs, docs/pictures.md suggests --epochs=80 (now 39), and --flip where a mirror image is as good as "
        "the original."
    ]
    assert suggest("fastgan", run(epochs=300, flip=False), (64, 64, 3), 500) == []


@pytest.mark.parametrize(
    ("shape", "count"), [((28, 28, 1), 60_000), ((32, 32, 3), 500), ((64, 64, 3), 20_000), ((2,), 500), ((20,), 500)]
)
def test_nothing_for_small_many_or_other_samples(shape, count):
    assert suggest("dcgan", run(), shape, count) == []


def test_too_few_photographs():
    assert suggest("projected_gan", run(), (64, 64, 3), 19) == [
        "19 photographs are too few: the model will repeat them. See docs/pictures.md."
    ]
    scarce, _ = suggest("projected_gan", run(), (64, 64, 3), 100, {"daisy": 20, "rose": 3, "tulip": 19, "lily": 58})
    assert scarce == "Too few photographs, which the model will repeat, have: rose (3), tulip (19)."

"""What must hold for every entry of the zoo, in one call."""

import json
import shutil

import keras
import numpy as np

import keras_gans
from keras_gans.shapes import fits
from tests.support.breaking_off import every_step, wait_until_written
from tests.support.entries import build, data, generate


def check_entry(name, folder, **arguments):
    """Tests an entry: a small model is trained, validated, saved, loaded, made a preset, exported, and resumed.

    One model serves all of it, because compiling is what takes time.

    Args:
        name: The entry's name.
        folder: An empty folder.
        **arguments: Arguments of its builder.
    """
    model = build(name, ema=0.9, **arguments)
    before = learned(model)
    history = model.fit(
        *data(model),
        batch_size=8,
        epochs=2,
        verbose=0,
        validation_data=data(model),
        callbacks=[
            keras.callbacks.ModelCheckpoint(folder / "last.keras"),
            keras.callbacks.ReduceLROnPlateau(),
            keras.callbacks.CSVLogger(folder / "log.csv"),
            *([keras_gans.callbacks.SampleGrid(folder / "samples", n=4)] if model.drawable else []),
            resume := every_step(folder / "resume"),
            _CopyWithinAnEpoch(resume, folder / "broken off"),
        ],
    ).history
    check_finite(history)
    check_trained(model, before)
    assert any(key.startswith("val_") for key in history)
    expected = generate(model, 3, seed=1)
    assert fits(expected.shape, (3, *model.sample_shape))
    _check_values(model, expected)
    copy = type(model).from_config(json.loads(json.dumps(model.get_config())))
    assert copy.entry == model.entry
    copy.set_weights(model.get_weights())
    _assert_same(generate(copy, 3, seed=1), expected, model)

    keras_gans.save_preset(model, folder / "preset")
    preset = keras_gans.load_pretrained(folder / "preset")
    _assert_same(generate(preset, 3, seed=1), expected, model)
    _check_text(model, preset, expected, folder / "preset")
    if keras.backend.backend() == "tensorflow":
        path, _ = keras_gans.export.tflite(model, folder / "model.tflite")
        assert path.is_file()

    loaded = keras.models.load_model(folder / "last.keras")
    _assert_same(generate(loaded, 3, seed=1), expected, model)
    _assert_same_weights(loaded, model)
    rest = build(name, ema=0.9, **arguments)
    resume = every_step(folder / "broken off")
    assert resume.find_position()[0] == 1
    rest.fit(*data(rest), batch_size=8, epochs=2, verbose=0, callbacks=[resume])
    _assert_same_weights(rest, model)


def check_entry_trains(name, folder=None, **arguments):
    """Tests a part of `check_entry`, in a third of its time: every weight is trained, and saved.

    Args:
        name: The entry's name.
        folder: An empty folder in which the model is saved; it is not if None.
        **arguments: Arguments of its builder.
    """
    model = build(name, **arguments)
    before = learned(model)
    history = model.fit(*data(model), batch_size=8, epochs=2, verbose=0).history
    check_finite(history)
    check_trained(model, before)
    expected = generate(model, 3, seed=1)
    _check_values(model, expected)
    if folder is not None:
        model.save(folder / "model.keras")
        loaded = keras.models.load_model(folder / "model.keras")
        np.testing.assert_array_equal(generate(loaded, 3, seed=1), expected)
        _assert_same_weights(loaded, model)


def _assert_same(found, expected, model):
    """Fails unless samples are the same: bit for bit, except for sounds from spectra, which sizes known in a graph round."""
    if hasattr(model, "mel"):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    else:
        np.testing.assert_array_equal(found, expected)


def _assert_same_weights(model, other):
    for found, expected in (model.weights, other.weights), (model.optimizer.variables, other.optimizer.variables):
        for variable, wanted in zip(found, expected, strict=True):
            np.testing.assert_array_equal(_array(variable), _array(wanted), variable.path)


def _array(variable):
    return np.array(keras.ops.convert_to_numpy(variable))


class _CopyWithinAnEpoch(keras.callbacks.Callback):
    """Keeps what training that breaks off before the second step of the second epoch would leave."""

    def __init__(self, resume, folder):
        super().__init__()
        self.resume, self.folder = resume, folder

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == (1, 1):
            wait_until_written(self.resume)
            self.folder.mkdir()
            for path in self.resume.checkpoints.folder.glob("*.npz"):
                shutil.copy(path, self.folder)


def learned(model):
    """Returns the values of all variables that training must change, by path."""
    frozen = [] if getattr(model, "reference", None) is None else [id(variable) for variable in model.reference.variables]
    found = {}
    for network in (model.generator, model.discriminator):
        for variable in network.weights:
            if id(variable) in frozen or (model.medium.name == "text" and not variable.trainable):
                continue
            # What is added to all scores alike changes nothing in the difference between them, nor in a hinge near 0.
            differences = model.adversarial_loss.registered_name in ("wasserstein", "hinge")
            *_, layer, kind = variable.path.split("/")
            if not (differences and kind == "bias" and layer.startswith(("logits", "scores"))):
                found[variable.path] = _array(variable)
    return found


def check_finite(history):
    """Fails unless there are losses and all are finite."""
    losses = {key: values for key, values in history.items() if key.endswith("loss")}
    assert losses
    assert np.isfinite(list(losses.values())).all(), losses


def check_trained(model, before):
    """Fails unless all variables that training must change have changed since `learned` found their values."""
    for path, value in learned(model).items():
        assert np.abs(value - before[path]).max() > 0, f"{path} is not trained"


def _check_values(model, samples):
    if model.medium.name == "text":
        assert samples.dtype == np.int32
        assert model.stage == 1  # adversarial training has begun
    else:
        assert samples.dtype == np.float32
        assert np.abs(samples).max() <= 1


def _check_text(model, preset, expected, folder):
    if model.medium.name != "text":
        return
    words = {word for line in model.tokenizer.decode(expected) for word in line.split()}
    assert words <= set(model.tokenizer.decode(np.arange(model.tokenizer.size)[:, None])) | {"<unk>"}
    labels = model.class_labels(3)
    assert preset.write(3, seed=1, labels=labels) == model.tokenizer.decode(expected)
    assert preset.pretrained  # further training is adversarial
    lines = (folder / "samples.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == (10 * model.num_classes if model.conditional else 20)

"""Trains a model and keeps it in a run folder, which is also a preset for generate, evaluate and export.

    keras-gans train dcgan --dataset=digits --run_dir=runs/digits
    keras-gans train dcgan --dataset=folder:pictures --image_size=64 --epochs=100 --run_dir=runs/pictures
    keras-gans train --resume --run_dir=runs/pictures
    keras-gans train seqgan --dataset=text:captions.txt --run_dir=runs/captions

MODEL is one of `keras-gans list`; keras-gans train MODEL --help also explains its arguments. Ctrl-C stops after the current
step and keeps everything. --resume continues such a run, and one that was killed; it ends with the weights of an uninterrupted
run. With MODEL, --resume also starts a run that does not exist yet, so one command can be repeated until it succeeds.
KERAS_BACKEND=jax trains on JAX. The exit status is 0 when training is complete, 2 after an error, 3 if --stop_on ended it, and
130 after Ctrl-C.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from absl import flags

from keras_gans import registry
from keras_gans.presets import Preset

from .common import program, suggestion, text_flags, training_data, training_flags, training_run
from .common.model_help import describe_model
from .common.origin import Origin
from .common.run import Run

if TYPE_CHECKING:
    from keras_gans import AdversarialModel, Data

flags.DEFINE_string(
    "dataset",
    "digits",
    "Training data: digits, ring, grid, tfds:NAME (or the name alone), folder:PATH, pairs:PATH, aligned:PATH, tfrecord:PATH, "
    "npz:PATH, text:PATH, wav:PATH, video:PATH or moving_digits.",
)
flags.DEFINE_string(
    "image_size", None, "Resize images to this size: 64, 64x96 (height x width) or 64x64x1 (grey) (default: their own size)."
)

SHARED_FLAGS = (text_flags, training_flags)


def main(arguments: list[str]) -> int:
    """Train a registered model from scratch; return the exit status."""
    return training_run.main(_NewModel, arguments)


def more_help(arguments: list[str]) -> str | None:
    """Return the help text of the model that is named, if one is."""
    return "\n\n".join(describe_model(registry.get_entry(name)) for name in arguments) or None


class _NewModel(Origin):
    """A model with new weights."""

    verb, done, argument, where = "train", "trained", "MODEL", "see keras-gans list"
    own_flags = ("dataset", "image_size")

    @classmethod
    def begin(cls, name: str, settings: dict[str, Any]) -> _NewModel:
        registry.get_entry(name)
        program.parse_size(flags.FLAGS["image_size"].value)
        return cls(name, settings, complete=False)

    @classmethod
    def go_on(cls, preset: Preset) -> _NewModel:
        return cls(preset.config["model"], preset.config["arguments"], complete=True)

    def __init__(self, name: str, arguments: dict[str, Any], complete: bool):
        super().__init__(name, entry=name, identity=name)
        self._arguments, self._complete = arguments, complete

    def folder(self) -> Path:
        return Path("runs", self.name)

    def load(self, run: Run) -> tuple[Data, AdversarialModel]:
        from keras_gans.media import infer
        from keras_gans.shapes import fits

        data = training_data.load(run, program.parse_size(run.image_size))
        of_the_data = {} if self._complete else training_data.builder_arguments(registry.get_entry(self.name), data, run)
        if "ema" in of_the_data and "ema" not in self._arguments:
            self.notes.append(f"Samples come from a moving average of the generator: --ema={of_the_data['ema']} (0 for none)")
        model = registry.create_model(self.name, **{**of_the_data, **self._arguments})
        if not self._complete and model.latent_shape is not None:  # others map what they are given
            classes = training_data.count_classes(data) if model.conditional else None
            self.notes += suggestion.suggest(self.name, run, data.shape, len(data), classes)
        if not fits(data.shape, model.data_shape):
            raise ValueError(
                f"{self.name} makes samples of shape {model.data_shape}, but those of {data.name} have {data.shape}."
            )
        if model.medium.name not in (data.medium.name, infer(model.data_shape).name):
            raise ValueError(f"{self.name} makes {model.medium.name}, but {data.name} contains {data.medium.name}.")
        model.medium = data.medium
        return data, model


if __name__ == "__main__":
    program.run(main)

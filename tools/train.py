"""Trains a model and keeps it in a run folder, which is a preset: generate and export take it.

    keras-gans train dcgan --dataset=digits --run_dir=runs/digits
    keras-gans train dcgan --dataset=folder:pictures --image_size=64 --epochs=100 --run_dir=runs/pictures
    keras-gans train --resume --run_dir=runs/pictures
    keras-gans train seqgan --dataset=text:captions.txt --run_dir=runs/captions

MODEL is one of `keras-gans list`. Ctrl-C stops after the current step and keeps everything; a run that was killed goes on,
too, and ends with the weights it would have had anyway. With MODEL, --resume begins a run that is not there yet, so that one
command can be repeated until it succeeds. KERAS_BACKEND=jax trains on JAX.
"""

from pathlib import Path

from absl import flags

from keras_gans import registry

from .common import program, text_flags, training_data, training_flags, training_run
from .common.origin import Origin

flags.DEFINE_string(
    "dataset", "digits", "digits, ring, grid, tfds:NAME (or the name alone), folder:PATH, tfrecord:PATH, npz:PATH or text:PATH."
)
flags.DEFINE_string("image_size", None, "Resize images to this: 64, 64x96 (height x width), or 64x64x1.")

SHARED_FLAGS = (text_flags, training_flags)


def main(arguments: list[str]) -> None:
    """Trains a model of the zoo from the beginning."""
    training_run.main(_NewModel, arguments)


class _NewModel(Origin):
    """A model whose weights are new."""

    verb, done, argument, where = "train", "trained", "MODEL", "see keras-gans list"
    own_flags = ("dataset", "image_size")

    @classmethod
    def begin(cls, name, settings):
        registry.get_entry(name)
        program.parse_size(flags.FLAGS["image_size"].value)
        return cls(name, settings, complete=False)

    @classmethod
    def go_on(cls, preset):
        return cls(preset.config["model"], preset.config["arguments"], complete=True)

    def __init__(self, name, arguments, complete):
        super().__init__(name, entry=name, identity=name)
        self._arguments, self._complete = arguments, complete

    def folder(self):
        return Path("runs", self.name)

    def load(self, run):
        from keras_gans.media import infer

        data = training_data.load(run, program.parse_size(run.image_size))
        of_the_data = {} if self._complete else training_data.builder_arguments(registry.get_entry(self.name), data, run)
        model = registry.create_model(self.name, **{**of_the_data, **self._arguments})
        if model.data_shape != data.shape:
            raise ValueError(f"{self.name} was told to make samples of shape {model.data_shape}; {data.name} has {data.shape}.")
        if model.medium.name not in (data.medium.name, infer(model.data_shape).name):
            raise ValueError(f"{self.name} makes {model.medium.name}, and {data.name} holds {data.medium.name}.")
        model.medium = data.medium
        return data, model


if __name__ == "__main__":
    program.run(main)

"""Fine-tunes a pretrained model on your own data, and keeps it in a run folder, which is also a preset.

    keras-gans finetune dcgan_digits --dataset=folder:pictures --epochs=20 --run_dir=runs/mine
    keras-gans finetune runs/flowers/best --dataset=folder:roses --freeze_discriminator=2 --augment=diff_augment
    keras-gans finetune --resume --run_dir=runs/mine

PRESET is a name from `keras-gans list`, a run folder, or an address such as hf://OWNER/NAME. The model keeps its networks and
weights, and starts from the generator's moving average if the preset has one. Optimizers start anew. Images are resized to the
size that the model makes; text is read with the model's own vocabulary. --set changes how the model trains, not its networks.
Ctrl-C, --resume, KERAS_BACKEND and the exit status are those of train. A run that has started no longer needs the preset.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from absl import flags

from keras_gans import files, presets
from keras_gans.presets import Preset, hub
from keras_gans.shapes import fits

from .common import program, text_flags, training_data, training_flags, training_run
from .common.origin import Origin
from .common.run import Run

if TYPE_CHECKING:
    from keras_gans import AdversarialModel, Data

flags.DEFINE_string(
    "dataset",
    None,
    "Training data: folder:PATH, tfds:NAME (or the name alone), tfrecord:PATH, npz:PATH, text:PATH, digits, ring or grid.",
)
flags.DEFINE_integer(
    "freeze_discriminator",
    None,
    "Number of discriminator layers that keep their weights, counted from the image; a residual block counts as one "
    "(default: 0).",
    lower_bound=0,
)

SHARED_FLAGS = (text_flags, training_flags)

# Metadata of the preset that stay true, besides its name and checksum: licences, for instance.
_KEPT = ("dataset", "dataset_licence", "fine_tuned_from")


def main(arguments: list[str]) -> int:
    """Train a pretrained model further; return the exit status."""
    return training_run.main(_Pretrained, arguments)


class _Pretrained(Origin):
    """A model with the weights of a preset."""

    verb, done, argument, where = "finetune", "fine-tuned", "PRESET", "a name from keras-gans list, or a run folder"
    own_flags = ("dataset", "freeze_discriminator")

    @classmethod
    def begin(cls, name: str, settings: dict[str, Any]) -> _Pretrained:
        preset = presets.find_preset(name)
        if not flags.FLAGS["dataset"].value:
            raise ValueError(f"--dataset is needed: what is {name} to learn from? For example --dataset=folder:PATH.")
        config = preset.matching_config()
        of_the_preset = {key: value for key in _KEPT if (value := getattr(preset.metadata, key))}
        tuned_from = {"preset": name, "sha256": files.sha256(preset.folder / presets.WEIGHTS), **of_the_preset}
        if "learning_rate" in settings and config["arguments"].get("learning_rates") is not None:
            settings.setdefault("learning_rates", None)  # one rate replaces those of each resolution
        return cls(preset, config, tuned_from, settings)

    @classmethod
    def go_on(cls, preset: Preset) -> _Pretrained:
        # Until its first checkpoint, a run contains the weights that it started with.
        return cls(preset, preset.matching_config(), preset.metadata.fine_tuned_from)

    def __init__(
        self, preset: Preset, config: dict[str, Any], tuned_from: dict[str, Any], settings: dict[str, Any] | None = None
    ):
        super().__init__(tuned_from["preset"], config["model"], tuned_from["sha256"], {"fine_tuned_from": tuned_from})
        self._preset, self._settings = preset, settings

    def folder(self) -> Path:
        name = hub.parse(self.name).name if hub.is_address(self.name) else program.served_name(self._preset)
        return Path("runs", f"{name}_finetuned")

    def check_folder(self, folder: Path) -> None:
        theirs = self._preset.folder.resolve()
        if folder.resolve() in (theirs, *theirs.parents):
            raise ValueError(f"{folder} contains {self.name}, the model to train further: give another --run_dir.")

    def load(self, run: Run) -> tuple[Data, AdversarialModel]:
        from keras_gans.adversarial import freezing

        changes = {} if self._settings is None else {"seed": run.seed, **self._settings}
        model = self._preset.load(**changes)
        if not fits(model.data_shape, model.sample_shape):
            sizes = ["x".join(map(str, shape[:2])) for shape in (model.sample_shape, model.data_shape)]
            raise ValueError(
                f"{self.name} has only grown to {sizes[0]} of {sizes[1]} so far: resume its own training until it has grown."
            )
        model.start_from_average()
        if run.freeze_discriminator:
            model.freeze_discriminator(run.freeze_discriminator)
            count = freezing.count_layers(model.whole_discriminator)
            self.notes.append(f"{run.freeze_discriminator} of the discriminator's {count} layers keep their weights")
        text_flags.check_settled(run, self.name, model.medium)
        # Where images may have any size, that of its training.
        shape = self._preset.matching_config()["arguments"].get("image_shape") if None in model.data_shape else None
        data = training_data.load(run, None if shape is None else tuple(shape), like=model.medium)
        self._check_fit(model, data)
        return data, model

    def _check_fit(self, model: AdversarialModel, data: Data) -> None:
        """Raise ValueError unless the model makes samples like those of the data."""
        if model.medium.name != data.medium.name:
            raise ValueError(f"{self.name} makes {model.medium.name}, but {data.name} contains {data.medium.name}.")
        if not fits(data.shape, model.data_shape):
            raise ValueError(
                f"{self.name} makes samples of shape {model.data_shape}, but those of {data.name} have {data.shape}."
            )
        if model.num_classes is not None and data.num_classes != model.num_classes:
            raise ValueError(
                f"{self.name} makes {model.num_classes} classes, but {data.name} has {data.num_classes or 'none'}: the numbers "
                "must be equal."
            )


if __name__ == "__main__":
    program.run(main)

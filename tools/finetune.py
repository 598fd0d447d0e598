"""Fine-tunes a pretrained model on your own data, and keeps it in a run folder, which is a preset.

    keras-gans finetune dcgan_digits --dataset=folder:pictures --epochs=20 --run_dir=runs/mine
    keras-gans finetune runs/flowers/best --dataset=folder:roses --freeze_discriminator=2 --augment=diff_augment
    keras-gans finetune --resume --run_dir=runs/mine

PRESET is a name of `keras-gans list`, a run's folder, or an address such as hf://OWNER/NAME. The model keeps its networks and
weights, and begins from the averaged generator where the preset has one; optimizers begin anew. Images are resized to what it
makes; text is read with the model's own vocabulary. --set changes how the model trains, not its networks. Stopping, --resume
and KERAS_BACKEND are as in train; once begun, a run needs the preset no longer.
"""

from pathlib import Path

from absl import flags

from keras_gans import files, presets
from keras_gans.presets import hub

from .common import program, text_flags, training_data, training_flags, training_run
from .common.origin import Origin

flags.DEFINE_string(
    "dataset", None, "folder:PATH, tfds:NAME (or the name alone), tfrecord:PATH, npz:PATH, text:PATH, digits, ring or grid."
)
flags.DEFINE_integer(
    "freeze_discriminator",
    None,
    "Number of discriminator layers that keep their weights, counted from the image; a residual block is one (default: none).",
    lower_bound=0,
)

SHARED_FLAGS = (text_flags, training_flags)

# What is said of the preset besides its name and checksum: licences, for one, still hold.
_KEPT = ("dataset", "dataset_licence", "fine_tuned_from")


def main(arguments: list[str]) -> None:
    """Trains a pretrained model further."""
    training_run.main(_Pretrained, arguments)


class _Pretrained(Origin):
    """A model whose weights are a preset's."""

    verb, done, argument, where = "finetune", "fine-tuned", "PRESET", "a name of keras-gans list, or a run's folder"
    own_flags = ("dataset", "freeze_discriminator")

    @classmethod
    def begin(cls, name, settings):
        preset = presets.find_preset(name)
        if not flags.FLAGS["dataset"].value:
            raise ValueError(f"say what {name} is to learn from: --dataset=folder:PATH, or another source.")
        config = preset.matching_config()
        of_the_preset = {key: value for key in _KEPT if (value := getattr(preset.metadata, key))}
        tuned_from = {"preset": name, "sha256": files.sha256(preset.folder / presets.WEIGHTS), **of_the_preset}
        if "learning_rate" in settings and config["arguments"].get("learning_rates") is not None:
            settings.setdefault("learning_rates", None)  # those of each resolution, in whose place it is given
        return cls(preset, config, tuned_from, settings)

    @classmethod
    def go_on(cls, preset):
        # Until its first checkpoint, a run's own weights are those that it began with.
        return cls(preset, preset.matching_config(), preset.metadata.fine_tuned_from)

    def __init__(self, preset, config, tuned_from, settings=None):
        super().__init__(tuned_from["preset"], config["model"], tuned_from["sha256"], {"fine_tuned_from": tuned_from})
        self._preset, self._settings = preset, settings

    def folder(self):
        name = hub.parse(self.name).name if hub.is_address(self.name) else program.served_name(self._preset)
        return Path("runs", f"{name}_finetuned")

    def check_folder(self, folder):
        theirs = self._preset.folder.resolve()
        if folder.resolve() in (theirs, *theirs.parents):
            raise ValueError(f"{folder} holds {self.name}, which is to be trained further: give another --run_dir.")

    def load(self, run):
        from keras_gans.adversarial import freezing

        changes = {} if self._settings is None else {"seed": run.seed, **self._settings}
        model = self._preset.load(**changes)
        if model.sample_shape != model.data_shape:
            sizes = ["x".join(map(str, shape[:2])) for shape in (model.sample_shape, model.data_shape)]
            raise ValueError(
                f"{self.name} has grown to {sizes[0]} so far, of {sizes[1]}: go on with its own training until it has grown."
            )
        model.start_from_average()
        if run.freeze_discriminator:
            model.freeze_discriminator(run.freeze_discriminator)
            count = freezing.count_layers(model.whole_discriminator)
            self.notes.append(f"{run.freeze_discriminator} of the discriminator's {count} layers keep their weights")
        text_flags.check_settled(run, self.name, model.medium)
        data = training_data.load(run, like=model.medium)
        self._check_fit(model, data)
        return data, model

    def _check_fit(self, model, data):
        """Checks that the model makes what the data hold."""
        if model.medium.name != data.medium.name:
            raise ValueError(f"{self.name} makes {model.medium.name}, and {data.name} holds {data.medium.name}.")
        if model.data_shape != data.shape:
            raise ValueError(f"{self.name} makes samples of shape {model.data_shape}; {data.name} has {data.shape}.")
        if model.num_classes is not None and data.num_classes != model.num_classes:
            raise ValueError(
                f"{self.name} makes {model.num_classes} classes, and {data.name} has "
                f"{data.num_classes or 'none'}: it needs data of as many."
            )


if __name__ == "__main__":
    program.run(main)

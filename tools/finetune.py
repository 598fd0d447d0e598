"""Goes on training a pretrained model on data of one's own, and keeps it in a run folder, which is a preset.

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

from keras_gans import files, presets, registry
from keras_gans.media.pictures import is_image_shape
from keras_gans.presets import hub

from .common import program, text_flags, training_flags, training_run

flags.DEFINE_string(
    "dataset", None, "folder:PATH, tfds:NAME (or the name alone), tfrecord:PATH, npz:PATH, text:PATH, digits, ring or grid."
)
flags.DEFINE_integer(
    "freeze_discriminator",
    None,
    "How many layers of the discriminator keep their weights, counted from the image; a residual block is one (default: none).",
    lower_bound=0,
)

SHARED_FLAGS = (text_flags, training_flags)

# What is said of the preset besides its name and checksum: licences, for one, still hold.
_KEPT = ("dataset", "dataset_licence", "fine_tuned_from")
# What a tokenizer that is there has settled.
_OF_THE_VOCABULARY = ("tokens", "vocabulary_size", "length")


def main(arguments):
    """Trains a pretrained model further."""
    training_run.main(_Pretrained, arguments)


class _Pretrained(training_run.Origin):
    """A model whose weights are a preset's."""

    verb, done, argument, where = "finetune", "fine-tuned", "PRESET", "a name of keras-gans list, or a run's folder"
    own_flags = ("dataset", "freeze_discriminator")

    @classmethod
    def begin(cls, name, settings):
        preset = presets.find_preset(name)
        if not flags.FLAGS["dataset"].value:
            raise ValueError(f"say what {name} is to learn from: --dataset=folder:PATH, or another source.")
        config = preset.matching_config()
        of_the_preset = {key: preset.facts[key] for key in _KEPT if preset.facts.get(key)}
        tuned_from = {"preset": name, "sha256": files.sha256(preset.folder / presets.WEIGHTS), **of_the_preset}
        if "learning_rate" in settings and config["arguments"].get("learning_rates") is not None:
            settings.setdefault("learning_rates", None)  # those of each resolution, in whose place it is given
        return cls(preset, config, tuned_from, settings)

    @classmethod
    def go_on(cls, preset):
        # Until its first checkpoint, a run's own weights are those that it began with.
        return cls(preset, preset.matching_config(), preset.facts["fine_tuned_from"])

    def __init__(self, preset, config, tuned_from, settings=None):
        super().__init__(tuned_from["preset"], config["model"], tuned_from["sha256"], {"fine_tuned_from": tuned_from})
        self._preset, self._settings = preset, settings
        self._makes_text = registry.get_entry(self.entry).task == "text"

    def folder(self):
        name = hub.parse(self.name).name if hub.is_address(self.name) else program.served_name(self._preset)
        return Path("runs", f"{name}_finetuned")

    def check_folder(self, folder):
        theirs = self._preset.folder.resolve()
        if folder.resolve() in (theirs, *theirs.parents):
            raise ValueError(f"{folder} holds {self.name}, which is to be trained further: give another --run_dir.")

    def load(self, training_facts):
        from keras_gans.adversarial import freezing

        source = training_facts["dataset"]
        if self._makes_text != source.startswith("text:"):
            held = "none" if self._makes_text else "text"
            raise ValueError(f"{self.name} makes {registry.get_entry(self.entry).task}, and {source} holds {held}.")
        changes = {} if self._settings is None else {"seed": training_facts["seed"], **self._settings}
        model = self._preset.load(**changes)
        if model.sample_shape != model.data_shape:
            sizes = ["x".join(map(str, shape[:2])) for shape in (model.sample_shape, model.data_shape)]
            raise ValueError(
                f"{self.name} has grown to {sizes[0]} so far, of {sizes[1]}: go on with its own training until it has grown."
            )
        model.start_from_average()
        frozen = training_facts["freeze_discriminator"]
        if frozen:
            model.freeze_discriminator(frozen)
            count = freezing.count_layers(model.whole_discriminator)
            self.notes.append(f"{frozen} of the discriminator's {count} layers keep their weights")
        data = self._data_for(model, training_facts)
        if data.shape != model.data_shape:
            raise ValueError(f"{self.name} makes samples of shape {model.data_shape}; {data.name} has {data.shape}.")
        if model.conditional and data.num_classes != model.num_classes:
            raise ValueError(
                f"{self.name} makes {model.num_classes} classes, and {data.name} has "
                f"{data.num_classes or 'none'}: it needs data of as many."
            )
        return data, model

    def _data_for(self, model, training_facts):
        if not self._makes_text:
            size = model.data_shape if is_image_shape(model.data_shape) else None
            return training_run.load(training_facts, size, text_flags.options(training_facts))
        for name in _OF_THE_VOCABULARY:
            if training_facts.get(name) is not None:
                raise ValueError(f"--{name} is settled by {self.name}, whose vocabulary and length stay: leave it out.")
        text = text_flags.options({**training_facts, "length": model.data_shape[0]}, model.tokenizer)
        return training_run.load(training_facts, text=text)


if __name__ == "__main__":
    program.run(main)

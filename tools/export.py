"""Exports a preset or a training run to a file that runs without Keras.

    keras-gans export runs/dcgan --format=saved_model --output=exports      writes exports/dcgan/1/
    keras-gans export runs/dcgan --format=tflite --output=dcgan.tflite      for phones

Both take float32 `latents` and return `images`, float32 in [0, 1]. SavedModels have a signature `generate`, too, from seeds to
pictures or text; so have TFLite files of models that write (to tokens, with the vocabulary in the file).

Beside the SavedModels lies what TensorFlow Serving is started with: `docker compose up` in exports/ serves all models there. A
new version is served as soon as it is whole. With --version_label=canary it is served beside the one that is `stable`.

 The export is then run in a process that does not
import keras_gans, and the largest difference from the Keras model is printed; above 1e-4 nothing is kept.
"""

from absl import flags

from keras_gans import files, presets
from keras_gans_tools import program

_FORMAT = flags.DEFINE_enum("format", None, ["saved_model", "tflite"], "The kind of file.")
_OUTPUT = flags.DEFINE_string("output", None, "saved_model: the folder that holds a server's models; tflite: a file.")
_NAME = flags.DEFINE_string("name", None, "saved_model: what the server calls the model; by default as the preset or run.")
_BATCH = flags.DEFINE_string("batch", "1", "tflite: a fixed batch size, which GPU delegates need, or 'dynamic'.")
_VERSION = flags.DEFINE_integer("version", None, "saved_model: the version; the next free one if not given.", lower_bound=1)
_LABEL = flags.DEFINE_string("version_label", "stable", "saved_model: what the version is to be called.")
_KEEP = flags.DEFINE_integer("keep", None, "saved_model: keep so many versions, and those with labels.", lower_bound=1)
_OVERWRITE = flags.DEFINE_boolean("overwrite", False, "tflite: replace an existing file.")


def main(arguments):
    """Exports and says what was found."""
    preset = presets.find_preset(program.one_argument(arguments, "preset or run folder"))
    for flag in (_FORMAT, _OUTPUT):
        if flag.value is None:
            raise ValueError(f"--{flag.name} is needed.")
    if _BATCH.value != "dynamic" and not (_BATCH.value.isdigit() and int(_BATCH.value)):
        raise ValueError(f"--batch must be a positive integer or 'dynamic'; received '{_BATCH.value}'.")
    batch = None if _BATCH.value == "dynamic" else int(_BATCH.value)
    if _FORMAT.value == "tflite":
        files.refuse_existing(_OUTPUT.value, _OVERWRITE.value)
    program.import_keras()
    model = preset.load()
    from keras_gans import export

    names = preset.facts.get("classes") or []
    if _FORMAT.value == "saved_model":
        name = _NAME.value or program.served_name(preset)
        found = export.publish(model, _OUTPUT.value, name, _VERSION.value, names, _LABEL.value, _KEEP.value)
        program.report_export(*found)
    else:
        program.report_export(*export.tflite(model, _OUTPUT.value, batch, _OVERWRITE.value, names))


if __name__ == "__main__":
    program.run(main)

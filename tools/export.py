"""Exports a preset or a training run to a file that runs without Keras.

    keras-gans export runs/dcgan --format=saved_model --output=exports/dcgan      writes exports/dcgan/1/
    keras-gans export runs/dcgan --format=tflite --output=dcgan.tflite            for phones

Both take float32 `latents` and return `images`, float32 in [0, 1]. Those of models that write have a signature `generate`, too,
from seeds to text (TFLite: to tokens, with the vocabulary in the file). The export is then run in a process that does not
import keras_gans, and the largest difference from the Keras model is printed; above 1e-4 nothing is kept.
"""

from absl import flags

from keras_gans import files, presets
from keras_gans_tools import program

_FORMAT = flags.DEFINE_enum("format", None, ["saved_model", "tflite"], "The kind of file.")
_OUTPUT = flags.DEFINE_string("output", None, "saved_model: a folder, in which the next version is made; tflite: a file.")
_BATCH = flags.DEFINE_string("batch", "1", "tflite: a fixed batch size, which GPU delegates need, or 'dynamic'.")
_VERSION = flags.DEFINE_integer("version", None, "saved_model: the version; the next free one if not given.", lower_bound=1)
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

    if _FORMAT.value == "saved_model":
        program.report_export(*export.saved_model(model, _OUTPUT.value, _VERSION.value))
    else:
        program.report_export(*export.tflite(model, _OUTPUT.value, batch, _OVERWRITE.value))


if __name__ == "__main__":
    program.run(main)

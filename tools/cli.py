"""keras-gans: generative adversarial networks for Keras 3.

    keras-gans list [--json]                              models and presets
    keras-gans train MODEL --dataset=SOURCE --run_dir=DIR train a model
    keras-gans finetune PRESET|DIR --dataset=SOURCE       train a pretrained model further, on data of your own
    keras-gans data convert --dataset=SOURCE --output=DIR write a data set to TFRecord files
    keras-gans generate PRESET|DIR --output=grid.png      draw samples
    keras-gans evaluate PRESET|DIR --dataset=SOURCE       measure samples: FID and more, with a report
    keras-gans compare A B ...                            the same of several models, side by side
    keras-gans export PRESET|DIR --format=... --output=.. export to SavedModel or TFLite
    keras-gans serve DIR                                  serve exported models by TensorFlow Serving's REST and gRPC APIs
    keras-gans pretrain RECIPE                            make a preset from its recipe, from training to its card
    keras-gans card DIR                                   write a preset's model card
    keras-gans push PRESET|DIR hf://OWNER/NAME            upload a preset to the Hugging Face Hub
    keras-gans benchmark training                         measure the speed of training on this machine

A preset's name may be an address, too: hf://OWNER/NAME or https://HOST/FOLDER.

keras-gans VERB --help tells more. The same programs run from a checkout as `python -m tools.VERB`.
"""

import importlib
import sys

from keras_gans import __version__
from keras_gans.errors import no_such

from .common import program

_VERBS = (
    "benchmark",
    "card",
    "compare",
    "data",
    "evaluate",
    "export",
    "finetune",
    "generate",
    "list",
    "pretrain",
    "push",
    "serve",
    "train",
)


def main():
    """Runs the program that the first argument names."""
    verb = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if verb in ("--help", "-h", "-help", "help"):
        print(__doc__.strip())
        sys.exit(0)
    if verb == "--version":
        print(f"keras-gans {__version__}")
        sys.exit(0)
    if verb not in _VERBS:
        print(f"keras-gans: {no_such('verb', verb, list(_VERBS))}", file=sys.stderr)
        sys.exit(2)
    module = importlib.import_module(f".{verb}", __package__)
    program.run(module.main, sys.argv[1:])


if __name__ == "__main__":
    main()

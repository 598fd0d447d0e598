"""keras-gans: generative adversarial networks for Keras 3.

    keras-gans list [MODEL|PRESET]                        models and presets; the arguments of a model
    keras-gans train MODEL --dataset=SOURCE --run_dir=DIR train a model
    keras-gans finetune PRESET|DIR --dataset=SOURCE       train a pretrained model further on your own data
    keras-gans data convert --dataset=SOURCE --output=DIR convert a data set to TFRecord files
    keras-gans generate PRESET|DIR --output=grid.png      generate samples
    keras-gans interpolate PRESET|DIR --output=way.webp   the way from one sample to another
    keras-gans apply PRESET|DIR PICTURES --output=OUT     send picture files through a model from images to images
    keras-gans upscale PRESET|DIR PICTURES --output=OUT   enlarge pictures
    keras-gans inpaint PRESET|DIR PICTURES --mask=MASK .. fill in parts of pictures
    keras-gans translate PRESET|DIR PICTURES --output=OUT translate pictures into pictures of the same size
    keras-gans edit PRESET|DIR --output=edits.png         directions in latent space; latents of a photograph
    keras-gans speak PRESET|DIR "4 0 7" --output=n.wav    say words
    keras-gans vocode PRESET|DIR in.wav --output=out.wav  send a recording through a vocoder
    keras-gans chat PRESET|DIR                            talk with a text model that answers
    keras-gans evaluate PRESET|DIR --dataset=SOURCE       measure samples: FID and more, with a report
    keras-gans compare A B ...                            measure several models side by side
    keras-gans audit PRESET|DIR                           whether a model gives away its training data
    keras-gans verify FILE...                             whether files are what they declare to be
    keras-gans credentials init|renew DIR                 a key and certificates to sign files with
    keras-gans export PRESET|DIR --format=... --output=.. export to SavedModel, TFLite or ONNX
    keras-gans serve DIR                                  serve exported models with TensorFlow Serving's REST and gRPC APIs
    keras-gans study create|serve|report|simulate         ask people whether samples look real
    keras-gans pretrain RECIPE                            make a preset from its recipe, from training to its model card
    keras-gans lab [DIR|RECORDING]                        watch GANs learn, in the browser
    keras-gans card DIR                                   write the model card of a preset
    keras-gans push PRESET|DIR hf://OWNER/NAME            upload a preset to the Hugging Face Hub
    keras-gans benchmark training                         measure the speed of training on this machine

PRESET may also be an address: hf://OWNER/NAME or https://HOST/FOLDER.

keras-gans help VERB explains a verb and its flags; keras-gans version prints the version. The same programs run as
`python -m keras_gans VERB`, and from a checkout as `python -m tools.VERB`.
"""

import importlib
import sys
from typing import NoReturn

from keras_gans import __version__
from keras_gans.errors import no_such

from .common import program

_VERBS = (
    "apply",
    "audit",
    "benchmark",
    "card",
    "chat",
    "compare",
    "credentials",
    "data",
    "edit",
    "evaluate",
    "export",
    "finetune",
    "generate",
    "inpaint",
    "interpolate",
    "lab",
    "list",
    "pretrain",
    "push",
    "serve",
    "speak",
    "study",
    "train",
    "translate",
    "upscale",
    "verify",
    "vocode",
)


def main() -> NoReturn:
    """Run the program that the first argument names."""
    arguments = sys.argv[1:] or ["--help"]
    if arguments[0] == "help" and len(arguments) > 1:
        arguments = [*arguments[1:], "--help"]
    verb = arguments[0]
    if verb in ("--help", "-h", "-help", "help"):
        program.print_page((__doc__ or "").strip())
        sys.exit(0)
    if verb in ("--version", "version"):
        print(f"keras-gans {__version__}")
        sys.exit(0)
    if verb not in _VERBS:
        print(f"keras-gans: {no_such('verb', verb, list(_VERBS))}", file=sys.stderr)
        sys.exit(2)
    module = importlib.import_module(f".{verb}", __package__)
    program.run(module.main, arguments)


if __name__ == "__main__":
    main()

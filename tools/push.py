"""Uploads a preset or a training run to the Hugging Face Hub, with a model card that says how to load it from there.

keras-gans push runs/digits/best hf://me/digits
keras-gans push runs/digits/best hf://me/digits@v2     to a branch

It needs the extra `hub` (pip install 'keras-gans[hub]') and a token with write access (HF_TOKEN, or `hf auth login`). The
repository, a public one, is created if it does not exist. A README.md that you have edited is uploaded as it is.
"""

from keras_gans import presets

from .common import program


def main(arguments: list[str]) -> None:
    """Upload and say how to load what was uploaded."""
    if len(arguments) != 2:
        raise ValueError(f"Give a preset or run folder and an address, hf://owner/name; received {len(arguments)} arguments.")
    address = presets.push_preset(*arguments)
    print(f'Uploaded {arguments[0]}. Load it with keras_gans.load_pretrained("{address}").')


if __name__ == "__main__":
    program.run(main)

"""Talks with a text model that answers, in the terminal.

    keras-gans chat dialogue
    keras-gans chat runs/replies --temperature=1 --seed=3
    keras-gans chat dialogue < questions.txt

Each line is a turn, which the model answers. It sees the end of the conversation: as many tokens as it was trained with. Words
that it does not know are named. The same seed and the same turns give the same conversation. Commands:

    /again              another answer to the last line
    /seed 7             go on from this seed
    /temperature 0.5    below 1 for likelier words, above 1 for rarer ones
    /forget             begin a new conversation
    /quit               leave, as the end of the input does
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from absl import flags

from keras_gans import presets

from .common import program, watermark_flags, watermark_strength
from .common.conversation import Conversation

if TYPE_CHECKING:
    from keras_gans.gans.sequence import SequenceGAN

_SEED = flags.DEFINE_integer("seed", 0, "Seed of the first answer; each further answer has the next one.", lower_bound=0)
_TEMPERATURE = flags.DEFINE_float("temperature", 0.7, "Below 1 for likelier words, above 1 for rarer ones.")
_LABEL = flags.DEFINE_string("label", None, "Class of the answers, by number or name, for models that have classes.")

SHARED_FLAGS = (watermark_flags, watermark_strength)


def main(arguments: list[str]) -> None:
    """Load the model and answer until the input ends."""
    preset = presets.find_preset(program.one_argument(arguments, "preset or run folder"))
    if "context" not in preset.metadata.conditions:
        raise ValueError(f"{preset.name} does not answer: it takes no context. See keras-gans list for models of text that do.")
    label = program.find_label(preset, _LABEL.value)
    program.import_keras()
    watermark = watermark_flags.watermark()
    model: Any = preset.load()
    if model.tokenizer is None:
        raise ValueError(f"{preset.name} has no tokenizer to turn text into tokens.")
    conversation = Conversation(model, _SEED.value, _TEMPERATURE.value, label, watermark)
    for line in _lines(model):
        answer = conversation.take(line)
        if answer is None:
            return
        print(answer, flush=True)


def _lines(model: SequenceGAN) -> Iterator[str]:
    """Yield what is typed, with a prompt; or the lines of another input, and repeat them, so that the output can be read."""
    typed = sys.stdin.isatty()
    if typed:
        with contextlib.suppress(ImportError):  # lines can then be edited and repeated by the arrow keys
            import readline  # noqa: F401
        print(f"The model sees the last {model.generator.context_length} tokens of the conversation. /quit leaves.")
    while True:
        try:
            line = input("you:   " if typed else "").strip()
        except EOFError:
            return
        if not typed and line:
            print(f"you:   {line}")
        if line:
            yield line


if __name__ == "__main__":
    program.run(main)

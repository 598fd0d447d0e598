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

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from absl import flags

from keras_gans import presets
from keras_gans.errors import no_such

from .common import program

if TYPE_CHECKING:
    from keras_gans.gans.sequence import SequenceGAN

_SEED = flags.DEFINE_integer("seed", 0, "Seed of the first answer; each further answer has the next one.", lower_bound=0)
_TEMPERATURE = flags.DEFINE_float("temperature", 0.7, "Below 1 for likelier words, above 1 for rarer ones.")
_LABEL = flags.DEFINE_string("label", None, "Class of the answers, by number or name, for models that have classes.")

_COMMANDS = ("/again", "/forget", "/quit", "/seed", "/temperature")


def main(arguments: list[str]) -> None:
    """Load the model and answer until the input ends."""
    preset = presets.find_preset(program.one_argument(arguments, "preset or run folder"))
    if "context" not in preset.metadata.conditions:
        raise ValueError(f"{preset.name} does not answer: it takes no context. See keras-gans list for models of text that do.")
    label = program.find_label(preset, _LABEL.value)
    program.import_keras()
    model: Any = preset.load()
    if model.tokenizer is None:
        raise ValueError(f"{preset.name} has no tokenizer to turn text into tokens.")
    conversation = Conversation(model, _SEED.value, _TEMPERATURE.value, label)
    for line in _lines(model):
        answer = conversation.take(line)
        if answer is None:
            return
        print(answer, flush=True)


def _lines(model: SequenceGAN) -> Iterator[str]:
    """Yield what is typed, with a prompt; or the lines of another input, and repeat them, so that the output can be read."""
    typed = sys.stdin.isatty()
    if typed:
        import contextlib

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


class Conversation:
    """A conversation with a model.

    Args:
        model: A `SequenceGAN` that takes a context, with a tokenizer.
        seed: Seed of the first answer.
        temperature: Sampling temperature.
        label: The class of answers; None for a model without classes.

    Attributes:
        turns: What was said so far.
    """

    def __init__(self, model: SequenceGAN, seed: int, temperature: float, label: int | None = None):
        self._model, self._seed, self._temperature, self._label = model, seed, temperature, label
        self.turns: list[str] = []

    def take(self, line: str) -> str | None:
        """Return what to print after a line was typed; None to leave."""
        if not line.startswith("/"):
            self.turns.append(line)
            return self._answer()
        command, _, value = line.partition(" ")
        if command == "/quit":
            return None
        try:
            return self._obey(command, value.strip())
        except ValueError as error:
            return f"({error})"

    def _obey(self, command: str, value: str) -> str:
        if command == "/forget":
            self.turns = []
            return "(a new conversation)"
        if command == "/again":
            if len(self.turns) < 2:
                raise ValueError("there is no answer yet")
            self.turns.pop()
            return self._answer()
        if command == "/seed":
            if not value.isdecimal():
                raise ValueError(f"a seed is an integer from 0, as in /seed 7; received '{value}'")
            self._seed = int(value)
            return f"(seed {self._seed})"
        if command == "/temperature":
            try:
                temperature = float(value)
            except ValueError:
                temperature = 0.0
            if not 0 < temperature < float("inf"):
                raise ValueError(f"a temperature is a number above 0, as in /temperature 0.5; received '{value}'")
            self._temperature = temperature
            return f"(temperature {temperature:g})"
        raise ValueError(no_such("command", command, list(_COMMANDS)).rstrip("."))

    def _answer(self) -> str:
        tokenizer = self._model.tokenizer
        assert tokenizer is not None
        answer = self._model.write(seeds=[self._seed], context=[self.turns], temperature=self._temperature, labels=self._label)[
            0
        ]
        self._seed += 1
        unknown = tokenizer.unknown(tokenizer.adapt(self.turns[-1]))
        self.turns.append(answer)
        note = f"\n       (unknown to the model: {', '.join(unknown)})" if unknown else ""
        return f"model: {answer or '(nothing)'}{note}"


if __name__ == "__main__":
    program.run(main)

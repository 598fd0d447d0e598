"""A conversation with a text model, and the commands that steer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_gans.errors import no_such

if TYPE_CHECKING:
    from keras_gans import Watermark
    from keras_gans.gans.sequence import SequenceGAN

_COMMANDS = ("/again", "/forget", "/quit", "/seed", "/temperature")


class Conversation:
    """A conversation with a model.

    Args:
        model: A `SequenceGAN` that takes a context, with a tokenizer.
        seed: Seed of the first answer.
        temperature: Sampling temperature.
        label: The class of answers; None for a model without classes.
        watermark: Marks the answers; None for none.

    Attributes:
        turns: What was said so far.
    """

    def __init__(
        self,
        model: SequenceGAN,
        seed: int,
        temperature: float,
        label: int | None = None,
        watermark: Watermark | None = None,
    ):
        self._model, self._seed, self._temperature, self._label = model, seed, temperature, label
        self._watermark = watermark
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
        (answer,) = self._model.write(
            seeds=[self._seed],
            context=[self.turns],
            temperature=self._temperature,
            labels=self._label,
            watermark=self._watermark,
        )
        self._seed += 1
        unknown = tokenizer.unknown(tokenizer.adapt(self.turns[-1]))
        self.turns.append(answer)
        note = f"\n       (unknown to the model: {', '.join(unknown)})" if unknown else ""
        return f"model: {answer or '(nothing)'}{note}"

"""The base class of conditions, their registry, and the names that networks, data and exports share."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from keras_gans.named import Named

# Kinds of conditions by name. Other packages add theirs through entry points of this group.
CONDITIONS: Named[type[Condition]] = Named("condition", "keras_gans.conditions")

# The name of the condition that `num_classes` and `labels` are shorthands for.
LABELS = "labels"
# The label of a sample whose class is unknown.
UNLABELLED = -1
# The name of the condition of semi-supervised models: samples whose labels are known.
LABELLED = "labelled"
# The name of the condition of models that map images to images.
IMAGES = "images"
# The name of the condition that says where images are to be filled in.
MASKS = "masks"
# The name of the condition of models that continue clips: the frames before.
FRAMES = "frames"
# The name of the condition of vocoders: mel spectrograms.
MELS = "mels"
# The name of the condition of text that answers or continues other text.
CONTEXT = "context"


class Condition:
    """Base class of conditions. Subclasses are registered with `CONDITIONS.register(name)`.

    Attributes:
        kind: The class's name in the registry and in configs.
    """

    kind: ClassVar[str] = ""

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, in types that JSON can hold."""
        raise NotImplementedError

    def check(self, values: Any) -> np.ndarray:
        """Return values as an array that networks take.

        Args:
            values: Array with one value for each sample.

        Raises:
            ValueError: If they are not values of this condition.
        """
        raise NotImplementedError

    def check_for(self, n: int, values: Any) -> np.ndarray:
        """Return the values of `n` samples, as `check` does, given one for each or one for all."""
        values = self.check(values)
        if len(values) == 1 and n != 1:
            values = np.repeat(values, n, axis=0)
        if len(values) != n:
            raise ValueError(f"{n} samples need as many {self.words}, or one for all; received {len(values)}.")
        return values

    def to_network(self, values: Any) -> Any:
        """Return a batch of values as networks take them. Runs in a step's graph."""
        raise NotImplementedError

    def examples(self, n: int) -> np.ndarray:
        """Return example values for `n` samples: every class in turn, or test images."""
        raise NotImplementedError

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        """Return the shape of one value, with None for a size that is free, and the dtype, as networks take them."""
        raise NotImplementedError

    def tiles(self, values: np.ndarray) -> np.ndarray | None:
        """Return a uint8 image of each value, as `check` returns them; None if they cannot be drawn."""
        return None

    @property
    def words(self) -> str:
        """What values are called in messages."""
        raise NotImplementedError

    # Whether the sizes that are free stay free in TFLite files, too: a network may need them fixed.
    free_in_files: ClassVar[bool] = False

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.get_config() == other.get_config()

    def __hash__(self) -> int:
        return hash((type(self), str(self.get_config())))

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"

"""Directions in latent space along which samples change in one way, found without labels and without training."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

import keras
import numpy as np

from keras_gans._typing import Array, PathLike
from keras_gans.errors import check_count, no_such
from keras_gans.files import replacing

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

METHODS = ("sefa", "ganspace")
# Latents at which the first layer is looked at, and by how much they are moved for that.
_PLACES, _STEP = 8, 0.1


@dataclasses.dataclass(frozen=True)
class Directions:
    """Directions in latent space, the one that changes most first.

    Attributes:
        vectors: float32 `(count, latent_dim)`, of length 1.
        shares: float64 `(count,)`: shares of all change that they account for; their sum is at most 1.
        method: How they were found: `"sefa"` or `"ganspace"`.
    """

    vectors: Array
    shares: Array
    method: str

    def move(self, latents: Array, direction: int, amounts: Sequence[float]) -> Array:
        """Return each latent moved along one direction by each of several amounts.

        Args:
            latents: float32 `(n, latent_dim)`.
            direction: Number of the direction.
            amounts: Distances, of either sign. Latents are about the square root of their number of elements away from 0.

        Returns:
            float32 `(n, len(amounts), latent_dim)`.
        """
        steps = np.asarray(amounts, "float32")[:, None] * self.vectors[direction]
        return np.asarray(latents, "float32")[:, None] + steps

    def draw(
        self, model: AdversarialModel, seed: int = 0, amounts: Sequence[float] = (-4, -2, 0, 2, 4), **sampling: Any
    ) -> Array:
        """Draw one sample moved along each direction: a row for each, as uint8 of shape `(height, width, channels)`.

        Args:
            model: The model.
            seed: Seed of the sample.
            amounts: Distances, from left to right.
            **sampling: `conditions` and `batch_size`, as in `generate_from`.
        """
        latents = model.latents(1, seed)
        moved = np.concatenate([self.move(latents, number, amounts)[0] for number in range(len(self.vectors))])
        return np.asarray(model.medium.picture(model.generate_from(moved, **sampling), len(amounts)))

    def save(self, path: PathLike) -> None:
        """Write the directions to an `.npz` file."""
        with replacing(path) as temporary:
            temporary.write_bytes(self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return the content of the file that `save` writes."""
        file = io.BytesIO()
        np.savez(file, vectors=self.vectors, shares=self.shares, method=np.array(self.method))
        return file.getvalue()

    @classmethod
    def load(cls, path: PathLike | IO[bytes]) -> Directions:
        """Read directions that `save` has written, from a file or its path."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(arrays["vectors"], arrays["shares"], str(arrays["method"]))


def find_directions(
    model: AdversarialModel,
    method: str = "sefa",
    count: int = 8,
    *,
    layer: str | None = None,
    samples: int = 1000,
    label: int | None = None,
    seed: int = 0,
) -> Directions:
    """Find directions in a generator's latent space.

    `sefa` takes those that move the output of the first layer with weights most: the eigenvectors of its weights, if it is
    linear. `ganspace` takes the principal components of a layer's output for random latents, and then the directions in latent
    space that move along them.

    Args:
        model: A model whose latents are vectors.
        method: `"sefa"` or `"ganspace"`.
        count: Number of directions.
        layer: Name of the layer of the generator. None (default) is the first with weights for `sefa`, and for `ganspace` the
            layer in the middle.
        samples: Number of latents of `ganspace`.
        label: For a model that is told classes: the class whose samples are looked at. Default 0.
        seed: Seed of the latents.

    Raises:
        ValueError: If the model has no latent vectors, or there is no such method or layer.

    Reference: Shen and Zhou 2021, "Closed-Form Factorization of Latent Semantics in GANs", equation 5; Härkönen et al. 2020,
    "GANSpace: Discovering Interpretable GAN Controls", section 2.

    Example:

        directions = keras_gans.editing.find_directions(model, count=6)
        picture = directions.draw(model, seed=3)
    """
    if method not in METHODS:
        raise ValueError(no_such("method", method, list(METHODS)))
    dimension = latent_dim(model)
    count = min(check_count("count", count), dimension)
    model.sync_state()
    network = model.sampling_network()
    if layer is not None and layer not in [each.name for each in network.layers]:
        raise ValueError(no_such("layer", layer, [each.name for each in network.layers]))
    given = _conditions(model, label)
    if method == "sefa":
        features = _features(model, network, layer or _first_layer(network))
        spread = _mean_change(features, model.latents(_PLACES, seed), given)
        values, vectors = np.linalg.eigh(spread)
        values, vectors = values[::-1], vectors.T[::-1]
    else:
        features = _features(model, network, layer or _middle_layer(network))
        latents = model.latents(check_count("samples", samples, dimension + 1), seed)
        values, vectors = _components(features(latents, given), latents, count)
    shares = values[:count] / values.sum()
    found = vectors[:count] / np.linalg.norm(vectors[:count], axis=1, keepdims=True)
    # The sign of an eigenvector is arbitrary: the largest element is positive.
    found *= np.sign(found[np.arange(len(found)), np.abs(found).argmax(axis=1)])[:, None]
    return Directions(found.astype("float32"), shares, method)


def latent_dim(model: AdversarialModel) -> int:
    """Return the length of a model's latent vectors.

    Raises:
        ValueError: If it has none.
    """
    shape = model.latent_shape
    if shape is None or len(shape) != 1 or not getattr(model.generator, "inputs", None):
        raise ValueError(f"Editing needs latent vectors, which this {type(model).__name__} does not have.")
    return shape[0]


def _conditions(model: AdversarialModel, label: int | None) -> dict[str, Array]:
    """Return one value of each condition by name: the class of a label, examples of others."""
    given = model.example_conditions(1)
    if label is not None:
        given["labels"] = model.conditions["labels"].check([label])
    return given


def _features(model: AdversarialModel, network: keras.Model, layer: str) -> Any:
    """Return a function from latents and one value of each condition to the flat outputs of a layer, float64."""
    part = keras.Model(network.inputs, network.get_layer(layer).output)

    def features(latents: Array, given: dict[str, Array]) -> Array:
        inputs = {"latents": latents} | {name: np.repeat(value, len(latents), axis=0) for name, value in given.items()}
        outputs = part.predict(model.arrange_inputs(inputs), batch_size=64, verbose=0)
        return np.asarray(outputs, "float64").reshape(len(latents), -1)

    return features


def _first_layer(network: keras.Model) -> str:
    """Return the name of the first layer with weights that depends on the latents."""
    for layer in _after_latents(network):
        if layer.weights:
            return str(layer.name)
    raise ValueError("The generator has no layer with weights.")


def _middle_layer(network: keras.Model) -> str:
    layers = _after_latents(network)
    return str(layers[len(layers) // 2].name)


def _after_latents(network: keras.Model) -> list[keras.Layer]:
    """Return the layers that depend on the latents, in the order of computation."""
    [latents] = [each for each in network.inputs if each.name == "latents"] or network.inputs[:1]
    depending, found = {id(latents)}, []
    for layer in network.layers:
        for node in layer._inbound_nodes:
            if any(id(tensor) in depending for tensor in node.input_tensors):
                depending |= {id(tensor) for tensor in node.outputs}
                found.append(layer)
    return found


def _mean_change(features: Any, latents: Array, given: dict[str, Array]) -> Array:
    """Return the mean of J J^T over some latents, where J are the derivatives of features by each element of the latents."""
    dimension = latents.shape[1]
    steps = np.float32(_STEP) * np.eye(dimension, dtype="float32")
    total = np.zeros((dimension, dimension))
    for latent in latents:
        change = (features(latent + steps, given) - features(latent - steps, given)) / (2 * _STEP)
        total += change @ change.T
    return total / len(latents)


def _components(features: Array, latents: Array, count: int) -> tuple[Array, Array]:
    """Return the variances of principal components, of all that there are, and the latent directions of the first ones."""
    centred = features - features.mean(axis=0)
    # The eigenvectors of the smaller one of two matrices: of products of samples, or of features.
    if len(centred) < centred.shape[1]:
        values, vectors = np.linalg.eigh(centred @ centred.T)
        coordinates = vectors[:, ::-1][:, :count]
    else:
        values, vectors = np.linalg.eigh(centred.T @ centred)
        coordinates = centred @ vectors[:, ::-1][:, :count]
    # The direction is what explains the latents best by the coordinates of all samples along a component.
    return np.maximum(values[::-1], 0.0), coordinates.T @ (latents - latents.mean(axis=0))

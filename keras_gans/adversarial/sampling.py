"""Drawing samples from an adversarial model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from numpy.typing import ArrayLike

from keras_gans._typing import Array, Conditions, Shape, Tensor
from keras_gans.adversarial.inputs import name_conditions
from keras_gans.adversarial.networks import LATENTS, arrange, call_network
from keras_gans.adversarial.parts import Part
from keras_gans.conditions import LABELS
from keras_gans.errors import check_count, check_truncation
from keras_gans.media import Medium, infer
from keras_gans.seeds import normal, uniform

if TYPE_CHECKING:
    from PIL import Image

    from keras_gans.editing import Projection


class Sampling(Part):
    """The part of `AdversarialModel` that uses its generator."""

    # The distribution of latents: "normal" (standard) or "uniform" (in [0, 1)).
    latent_noise = "normal"

    @property
    def latent_shape(self) -> tuple[int, ...] | None:
        """The shape of one latent vector, without the batch; None if conditions are the generator's only inputs."""
        if self._generator_inputs is None:
            return getattr(self.generator, "latent_shape", None)
        if LATENTS not in self._generator_inputs:
            return None
        return tuple(self.generator.inputs[self._generator_inputs.index(LATENTS)].shape[1:])

    @property
    def sample_shape(self) -> Shape:
        """The shape of one sample that the model generates now, without the batch; None for a size that is free."""
        if not getattr(self.generator, "outputs", None):
            return tuple(self.generator.sample_shape)
        return tuple(self.generator.outputs[0].shape[1:])

    @property
    def data_shape(self) -> Shape:
        """The shape of one real sample, without the batch: that of generated ones, unless the model is still growing."""
        return self.sample_shape

    @property
    def medium(self) -> Medium:
        """What a sample is; inferred from its shape unless it was given."""
        return infer(self.data_shape) if self._medium is None else self._medium

    @medium.setter
    def medium(self, medium: Medium) -> None:
        self._medium = medium

    def at_data_size(self, samples: Array) -> Array:
        """Return samples in the size of real ones, to compare them: enlarged if the model is still growing."""
        return samples

    def sampling_network(self, use_ema: bool = True) -> keras.Model:
        """Return the network that generates: the averaged generator if there is one and `use_ema` holds."""
        return self.ema_generator if use_ema and self.ema_generator is not None else self.generator

    def newest_sampling_network(self, use_ema: bool = True) -> keras.Model:
        """Return the network that `generate` uses: that of `sampling_network`, also while a step is compiled."""
        return self.sampling_network(use_ema)

    @property
    def drawable(self) -> bool:
        """Whether samples can be drawn as an image."""
        return self.medium.drawable

    def sample_from(self, network: keras.Model, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return the samples that a `sampling_network` generates from named inputs, such as those of `inputs_for`."""
        return call_network(network, self._generator_inputs, inputs)

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        """Map the generator's inputs to samples; with the averaged generator, except in training mode."""
        return self.sampling_network(use_ema=not training)(inputs, training=training)

    def generate(
        self,
        n: int | None = None,
        seed: int | None = None,
        labels: ArrayLike | None = None,
        batch_size: int = 64,
        use_ema: bool = True,
        seeds: Sequence[int] | Array | None = None,
        truncation: float = 1.0,
        conditions: Conditions | None = None,
    ) -> Array:
        """Draw samples: `n` of them, or one for each of `seeds`.

        Latents come from NumPy's generator: the same seed gives the same latents on every backend and machine, and a smaller
        draw is the beginning of a larger one. Drawing does not change training, and may be done in another thread.

        A sample of `seeds` depends only on its own seed and conditions, not on the other samples. The signature `generate` of
        exported models gives the same sample for that seed.

        Args:
            n: Number of samples, at least 1. If None, one for each value of the conditions.
            seed: Integer seed of the latents; None draws new ones each time.
            labels: Class labels: one for each sample, or one for all. `class_labels(n)` returns every class in turn.
            batch_size: Number of samples computed at a time. It limits memory and does not change the samples.
            use_ema: Whether to sample from the averaged generator if there is one.
            seeds: Integers from 0 to 2^63 - 1, in place of `n` and `seed`.
            truncation: Factor of the latents, from 0 to 1. Values below 1 give better samples with less variety (Karras et al.
                2019, "A Style-Based Generator Architecture", appendix B, here applied to latents). A generator that normalizes
                its latents, such as that of `pggan`, gives the same samples for all values but 0.
            conditions: Values of the conditions by name: one for each sample, or one for all. Needed for every condition of the
                model.

        Returns:
            NumPy float32 array of shape `(n, *sample_shape)` in [-1, 1].

        Raises:
            ValueError: If a value is out of range; if a condition is missing, unknown, or has too many or too few values.
        """
        batches = self.generate_batches(
            n, seed, labels, batch_size, use_ema, seeds=seeds, truncation=truncation, conditions=conditions
        )
        return np.concatenate(list(batches))

    def generate_batches(
        self,
        n: int | None = None,
        seed: int | None = None,
        labels: ArrayLike | None = None,
        batch_size: int = 64,
        use_ema: bool = True,
        seeds: Sequence[int] | Array | None = None,
        truncation: float = 1.0,
        conditions: Conditions | None = None,
    ) -> Iterator[Array]:
        """Return an iterator over the samples of `generate`, `batch_size` at a time, for more samples than fit in memory.

        Each batch is computed with the weights of that moment.
        """
        check_truncation(truncation)
        batch_size = check_count("batch_size", batch_size, 1)
        inputs = self.inputs_for(n, seed, seeds, labels, conditions)
        if LATENTS in inputs:
            inputs[LATENTS] = inputs[LATENTS] * np.float32(truncation)
        return self._generate_from(inputs, batch_size, use_ema)

    def generate_from(
        self, latents: ArrayLike, conditions: Conditions | None = None, batch_size: int = 64, use_ema: bool = True
    ) -> Array:
        """Map given latents to samples.

        Args:
            latents: Float array of shape `(n, *latent_shape)`.
            conditions: Values of the conditions by name: one for each sample, or one for all.
            batch_size: Number of samples computed at a time.
            use_ema: Whether to use the averaged generator if there is one.

        Returns:
            NumPy float32 array of shape `(n, *sample_shape)`.

        Raises:
            ValueError: If a condition is missing, unknown, or has too many or too few values.
        """
        latents = np.asarray(latents, "float32")
        inputs = {LATENTS: latents} | self._checked_conditions(len(latents), dict(conditions or {}))
        return np.concatenate(list(self._generate_from(inputs, check_count("batch_size", batch_size, 1), use_ema)))

    def _generate_from(self, inputs: Mapping[str, Array], batch_size: int, use_ema: bool) -> Iterator[Array]:
        self.sync_state()
        with self.newest_weights():  # they say how far a model has grown
            network = self.newest_sampling_network(use_ema)
        return (batch.astype("float32", copy=False) for batch in self._run_in_batches(network, inputs, batch_size))

    def apply(self, conditions: Any, batch_size: int = 16, use_ema: bool = True, **sampling: Any) -> Array:
        """Map conditions to samples, such as images to images.

        Args:
            conditions: Values by name; or, for a model with one condition, its values: images `(n, height, width, channels)`,
                uint8 or floats in [-1, 1].
            batch_size: Number of samples computed at a time.
            use_ema: Whether to use the averaged generator if there is one.
            **sampling: For a generator with latents: `seed`, `seeds` and `truncation`, as in `generate`.

        Returns:
            NumPy float32 array of shape `(n, *sample_shape)` in [-1, 1].

        Raises:
            ValueError: If the model has no conditions; or as in `generate`.
        """
        if not self.conditions:
            raise ValueError(f"This {type(self).__name__} has no conditions to be applied to: call generate(n).")
        conditions = name_conditions(conditions, self.conditions)
        if self.latent_shape is not None and sampling.get("seeds") is None:
            sampling["n"] = max(len(self.conditions[name].check(values)) for name, values in conditions.items())
        return self.generate(batch_size=batch_size, use_ema=use_ema, conditions=conditions, **sampling)

    def _run_in_batches(self, network: keras.Model, inputs: Mapping[str, Array], batch_size: int) -> Iterator[Array]:
        """Return an iterator over a network's outputs for named arrays, some rows at a time."""
        count = len(next(iter(inputs.values())))
        parts = (slice(start, start + batch_size) for start in range(0, count, batch_size))
        batches = ({name: value[part] for name, value in inputs.items()} for part in parts)
        return (self.run_network(network, self.arrange_inputs(batch)) for batch in batches)

    def arrange_inputs(self, inputs: Mapping[str, Array]) -> Any:
        """Return named inputs in the form in which the sampling network is called."""
        return arrange(self._generator_inputs, inputs)

    def draw(
        self,
        n: int = 64,
        seed: int | None = 0,
        labels: ArrayLike | None = None,
        at_data_size: bool = False,
        **sampling: Any,
    ) -> Array:
        """Draw a grid of samples as one image. A conditional model's grid has a row for each class, with the same latents.

        Where a row would hold more than 16 samples, a class has several.

        Args:
            n: Approximate number of samples. For a conditional model, at least one of each class and at most 20 classes.
            seed: Seed of the latents.
            labels: Classes to draw instead, as in `generate`.
            at_data_size: Whether to enlarge the samples of a model that is still growing to its final size.
            **sampling: `truncation` and `batch_size`, as in `generate`; or `seeds`, in place of `n` and `seed` (for a
                conditional model, each seed is drawn in every class).

        Returns:
            uint8 array of shape `(height, width, channels)`.

        Raises:
            ValueError: If samples of this kind cannot be drawn.
        """
        return self.medium.draw(self, n, seed, labels, at_data_size, **sampling)

    def show(self, n: int = 16, **sampling: Any) -> Image.Image:
        """Draw samples as a Pillow image, which notebooks display below the cell.

        Args:
            n: Approximate number of samples.
            **sampling: Further arguments of `draw`, such as `seed` or `labels`.

        Raises:
            ValueError: If samples of this kind cannot be drawn.
        """
        return self.medium.show(self, n, **sampling)

    def interpolate(self, seeds: Sequence[int] | Array, steps: int = 24, **sampling: Any) -> Array:
        """Generate samples on the way from the sample of each seed to that of the next: see `keras_gans.editing.interpolate`.

        Args:
            seeds: At least two integers from 0 to 2^63 - 1.
            steps: Number of samples from each seed to the next one.
            **sampling: `labels`, `conditions`, `truncation` and `batch_size`, one for all samples.

        Returns:
            NumPy float32 array of shape `((len(seeds) - 1) * steps + 1, *sample_shape)` in [-1, 1].

        Raises:
            ValueError: See `keras_gans.editing.interpolate`.
        """
        from keras_gans.editing import interpolate

        return interpolate(self, seeds, steps, **sampling)

    def project(self, images: Any, **options: Any) -> Projection:
        """Find latents whose samples are as near as possible to given images: see `keras_gans.editing.project`.

        Args:
            images: uint8, or floats in [-1, 1], of shape `(n, *sample_shape)`; or one image.
            **options: Further arguments of `keras_gans.editing.project`, such as `labels` and `steps`.

        Returns:
            `latents`, the `images` made of them, and their `psnr`.
        """
        from keras_gans.editing import project

        return project(self, images, **options)

    def class_labels(self, n: int) -> Array | None:
        """Return labels for `n` samples, every class in turn: int32 of shape `(n,)`; None for a model without classes."""
        return self.conditions[LABELS].examples(n) if LABELS in self.conditions else None

    def example_conditions(self, n: int) -> dict[str, Array]:
        """Return example values of every condition for `n` samples, by name: every class in turn, or test images."""
        return {name: condition.examples(n) for name, condition in self.conditions.items()}

    def conditions_for(self, n: int, labels: ArrayLike | None = None, conditions: Conditions | None = None) -> dict[str, Any]:
        """Return a value of every condition for `n` samples, by name: those that are given, and examples of the others."""
        given = {**(conditions or {}), **({} if labels is None else {LABELS: labels})}
        return {**self.example_conditions(n), **given}

    def inputs_for(
        self,
        n: int | None = None,
        seed: int | None = None,
        seeds: Sequence[int] | Array | None = None,
        labels: ArrayLike | None = None,
        conditions: Conditions | None = None,
    ) -> dict[str, Array]:
        """Return the generator's inputs by name: arrays with a row for each sample. See `generate`."""
        given = dict(conditions or {})
        if labels is not None:
            given[LABELS] = labels
        if n is None and seeds is None and self.latent_shape is None and given:
            n = max(np.shape(value)[0] if np.ndim(value) else 1 for value in given.values())
        latents = self._latents(n, seed, seeds)
        if latents is not None:
            return {LATENTS: latents} | self._checked_conditions(len(latents), given)
        return self._checked_conditions(check_count("n", n), given)

    def _checked_conditions(self, n: int, given: Mapping[str, Any]) -> dict[str, Array]:
        unknown = [name for name in given if name not in self.conditions]
        if unknown and not self.conditions:
            raise ValueError(f"This {type(self).__name__} is not conditional: it generates without {', '.join(unknown)}.")
        if unknown:
            raise ValueError(f"This model's conditions are {', '.join(self.conditions)}; received {', '.join(unknown)}.")
        for name in self.conditions:
            if name in given and given[name] is not None:
                continue
            if name == LABELS:
                raise ValueError(
                    f"This model is conditional: say which of its {self.num_classes} classes to generate (labels=3, one label "
                    "for each sample, or labels=model.class_labels(n) for every class in turn)."
                )
            raise ValueError(f"This model is conditional: give the {name} to generate from (conditions={{'{name}': ...}}).")
        return {name: condition.check_for(n, given[name]) for name, condition in self.conditions.items()}

    def latents(self, n: int, seed: int | None = None) -> Array:
        """Draw latents as `generate` does: float32 of shape `(n, *latent_shape)`.

        Raises:
            ValueError: If the generator has no latents.
        """
        shape = self._shape_of_latents()
        # Without a seed, NumPy's global state decides, which keras.utils.set_random_seed sets.
        rng = np.random.default_rng(np.random.randint(2**31) if seed is None else seed)
        draw: Callable[..., Array] = getattr(rng, {"normal": "standard_normal", "uniform": "random"}[self.latent_noise])
        return draw((n, *shape), dtype="float32")

    def seeded_latents(self, seeds: Sequence[int] | Array) -> Array:
        """Return latents of the same distribution, each one from its own seed: see `keras_gans.seeds`."""
        return {"normal": normal, "uniform": uniform}[self.latent_noise](seeds, self._shape_of_latents())

    def _shape_of_latents(self) -> tuple[int, ...]:
        if self.latent_shape is None:
            raise ValueError("This generator has no latents: its conditions alone determine the samples.")
        if None in self.latent_shape:
            raise ValueError(
                f"The latents of this generator have the shape {self.latent_shape}, with free sizes: draw latents of the size "
                "that you want, and pass them to predict."
            )
        return self.latent_shape

    def _latents(self, n: int | None, seed: int | None, seeds: Sequence[int] | Array | None) -> Array | None:
        """Return the latents of `n` samples, or of `seeds`; None for a generator without latents."""
        if seeds is None:
            if n is None:
                raise ValueError("Say how many samples to draw (n), or give a seed for each sample (seeds).")
            n = check_count("n", n, 1)
            return None if self.latent_shape is None else self.latents(n, seed)
        if n is not None or seed is not None:
            raise ValueError("Seeds for each sample (seeds) replace n and seed: leave out n and seed.")
        if self.latent_shape is None:
            raise ValueError("This model has no latents: leave out seeds.")
        return self.seeded_latents(seeds)

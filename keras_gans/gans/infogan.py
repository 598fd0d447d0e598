"""InfoGAN: a GAN whose samples keep what a code says, so that codes come to mean something without labels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Array, Conditions, Tensor
from keras_gans.adversarial.networks import as_functional, call_network, read_judgement
from keras_gans.adversarial.noise import Noise
from keras_gans.conditions import Classes, Codes, Condition
from keras_gans.errors import check_count, check_weight
from keras_gans.gans.classifying import ClassifyingModel
from keras_gans.losses.base import mean_over_scores
from keras_gans.media import Medium

# The conditions, and the discriminator's outputs about them.
CATEGORY, CODES = "category", "codes"
_LOGITS, _MEANS, _LOG_STDS = "category_logits", "code_means", "code_log_stds"
# Standard deviations of codes, as the discriminator guesses them, are not below this number. More certainty would let the
# generator hide codes in details too small to be seen.
_LEAST_STD = 0.5
_cross_entropy = keras.losses.sparse_categorical_crossentropy


@keras.saving.register_keras_serializable(package="keras_gans")
class InfoGAN(ClassifyingModel):
    """InfoGAN: the generator is told random codes, which the discriminator has to find in its samples.

    Codes are a category, as likely as any other, and numbers, uniform in [-1, 1]. They are drawn in the step; the data have
    neither labels nor codes. Both networks maximise a lower bound of the mutual information between codes and samples, in
    addition to the loss of a GAN. On handwritten digits, categories become digits, and numbers slant or width.

    The logs hold `information`, the lower bound of the mutual information of all codes in nats, beside those of
    `AdversarialModel`. Its maximum for the category is the logarithm of the number of categories.

    Args:
        generator: A built Keras model that maps latents, float32 of shape `(batch, ...)`, and an input for each condition, to
            samples: float32 in [-1, 1].
        discriminator: A built Keras model that maps samples to a dict of `scores`, `(batch, 1)`; for a category,
            `category_logits`, `(batch, count)`; for codes, `code_means` and `code_log_stds`, each `(batch, count)`.
        seed: Integer seed for the training noise. None (default) picks a random one.
        category_weight: Weight of the information of the category in both losses. Default 1.
        code_weight: Weight of the information of the codes in both losses. Default 0.1.
        name: Name of the model.
        conditions: `{"category": Classes(...), "codes": Codes(...)}`, or one of them.
        medium: What a sample is: see `AdversarialModel`.

    Raises:
        ValueError: If there are other conditions or none, or the discriminator has other outputs.

    Example:

        model = keras_gans.create_model("infogan")
        model.fit(images, batch_size=64, epochs=10)
        images = model.generate(8, seed=0, conditions={"category": 3, "codes": np.linspace([-1, 0], [1, 0], 8)})

    Reference: Chen et al. 2016, "InfoGAN: Interpretable Representation Learning by Information Maximizing Generative
    Adversarial Nets", equations 5 and 6, appendix C.
    """

    more_metrics = ("information",)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        seed: int | None = None,
        category_weight: float = 1.0,
        code_weight: float = 0.1,
        name: str | None = None,
        *,
        conditions: Mapping[str, Condition] | None = None,
        medium: Medium | None = None,
    ) -> None:
        self.category_weight = check_weight("category_weight", category_weight)
        self.code_weight = check_weight("code_weight", code_weight)
        # How many categories and codes there are; 0 for none.
        self._categories, self._codes = _counts(conditions or {})
        super().__init__(generator, discriminator, seed, name=name, conditions=conditions, medium=medium)

    @classmethod
    def _check_networks(
        cls, generator: keras.Model, discriminator: keras.Model, conditions: Mapping[str, Condition]
    ) -> tuple[Any, Any]:
        kinds = {CATEGORY: Classes, CODES: Codes}
        if not conditions or any(not isinstance(condition, kinds.get(name, ())) for name, condition in conditions.items()):
            raise ValueError(
                f"The conditions of an InfoGAN are {{'{CATEGORY}': Classes(...), '{CODES}': Codes(...)}}, or one of them; "
                f"received {dict(conditions)!r}."
            )
        names = super()._check_networks(generator, discriminator, conditions)
        categories, codes = _counts(conditions)
        counts = {_LOGITS: categories, _MEANS: codes, _LOG_STDS: codes}
        wanted = {name: (count,) for name, count in counts.items() if count}
        outputs = getattr(as_functional(discriminator), "output", None)
        found = (
            {key: tuple(each.shape[1:]) for key, each in outputs.items() if key in wanted} if isinstance(outputs, dict) else {}
        )
        if found != wanted:
            raise ValueError(
                f"The discriminator of this InfoGAN returns a dict of 'scores' and {wanted}, each without the batch; of these, "
                f"this one returns {found}."
            )
        return names

    @property
    def data_conditions(self) -> dict[str, Condition]:
        """What training data contain besides samples: nothing, as codes are drawn."""
        return {}

    @property
    def own_metrics(self) -> tuple[str, ...]:
        """How well categories agree with classes: see `AdversarialModel.own_metrics`."""
        return ("category_accuracy",) if self._categories else ()

    def class_logits_of(self, discriminator: keras.Model) -> Tensor:
        """Return the logits of categories among a discriminator's outputs."""
        if not self._categories:
            raise ValueError("This InfoGAN has no category: it does not classify.")
        return discriminator.output[_LOGITS]

    # The step.

    def draw_codes(self, count: Tensor, seed: keras.random.SeedGenerator) -> Conditions:
        """Return random codes for `count` samples, by name, drawn from a seed generator."""
        found: dict[str, Tensor] = {}
        noise = Noise(seed)
        if self._categories:
            share = noise.uniform((count,))
            found[CATEGORY] = ops.minimum(ops.cast(share * float(self._categories), "int32"), self._categories - 1)
        if self._codes:
            found[CODES] = 2.0 * noise.uniform((count, self._codes)) - 1.0
        return found

    def update_players(self, real: Tensor, conditions: Conditions) -> None:
        """Draw codes, and take a step: see `AdversarialModel.update_players`."""
        super().update_players(real, self.draw_codes(ops.shape(real)[0], self.noise_seed))

    def measure_players(self, real: Tensor, conditions: Conditions) -> None:
        """Draw codes, and measure the losses: see `AdversarialModel.measure_players`."""
        super().measure_players(real, self.draw_codes(ops.shape(real)[0], self.evaluation_seed))

    def information(self, outputs: Mapping[str, Tensor], conditions: Conditions) -> tuple[Tensor, Tensor]:
        """Return lower bounds of the mutual information between samples and their category, and their codes, in nats.

        Args:
            outputs: The discriminator's outputs for generated samples.
            conditions: The codes of these samples, by name.
        """
        of_category: Any = 0.0
        of_codes: Any = 0.0
        if self._categories:
            entropy = math.log(self._categories)
            logits = ops.cast(outputs[_LOGITS], "float32")
            of_category = entropy - ops.mean(_cross_entropy(conditions[CATEGORY], logits, from_logits=True))
        if self._codes:
            entropy = self._codes * math.log(2.0)
            means, log_stds = ops.cast(outputs[_MEANS], "float32"), ops.cast(outputs[_LOG_STDS], "float32")
            log_stds = ops.maximum(log_stds, math.log(_LEAST_STD))
            squares = ops.square((conditions[CODES] - means) * ops.exp(-log_stds))
            log_densities = -0.5 * (squares + math.log(2.0 * math.pi)) - log_stds
            of_codes = entropy + ops.mean(ops.sum(log_densities, axis=-1))
        return of_category, of_codes

    def _judge_all(self, samples: Tensor, training: bool) -> Any:
        return call_network(self.discriminator, self._discriminator_inputs, {"samples": samples}, training)

    def _weighted(self, information: tuple[Tensor, Tensor]) -> Tensor:
        return self.category_weight * information[0] + self.code_weight * information[1]

    def discriminator_loss(
        self, real: Tensor, generated: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> tuple[Tensor, Any, Any]:
        """Return the loss without the information of generated samples: see `AdversarialModel.discriminator_loss`."""
        real_scores, outputs = self.score(real, None, training), self._judge_all(generated, training)
        generated_scores = read_judgement(outputs).scores
        loss = mean_over_scores(self.adversarial_loss.discriminator_loss, real_scores, generated_scores)
        information = self.information(outputs, conditions or {})
        self.means.update_state(information=ops.stop_gradient(sum(information)))
        return loss - self._weighted(information), real_scores, generated_scores

    def generator_loss(
        self, generated: Tensor, real: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> Tensor:
        """Return the loss without the information of the samples: see `AdversarialModel.generator_loss`."""
        outputs = self._judge_all(generated, training)
        real_scores = self.score(real, None, training) if self.adversarial_loss.needs_real else None
        loss = mean_over_scores(self.adversarial_loss.generator_loss, read_judgement(outputs).scores, real_scores)
        return loss - self._weighted(self.information(outputs, conditions or {}))

    # Drawing.

    def draw(self, n: int = 64, seed: int | None = 0, labels: Any = None, at_data_size: bool = False, **sampling: Any) -> Array:
        """Draw a grid with a row for each category, all rows with the same latents and codes: see `AdversarialModel.draw`.

        With `conditions` or `seeds`, samples are drawn one after the other.
        """
        if not self._categories or labels is not None or {"conditions", "seeds"} & set(sampling):
            return super().draw(n, seed, labels, at_data_size, **sampling)
        columns = -(-n // self._categories)
        codes = {CODES: self.conditions[CODES].examples(columns)} if self._codes else {}
        return self._grid(self.latents(columns, seed), codes, **sampling)

    def draw_code(self, code: int = 0, columns: int = 9, seed: int | None = 0, reach: float = 1.0) -> Array:
        """Draw what a code does: a row for each category, in which it grows from left to right; the other codes are 0.

        Args:
            code: Which code, counted from 0.
            columns: Number of samples in a row.
            seed: Seed of the latents, which all samples share.
            reach: The code goes from `-reach` to `reach`; at most 1.

        Returns:
            uint8 array of shape `(height, width, channels)`.

        Raises:
            ValueError: If there is no such code, or samples of this kind cannot be drawn.
        """
        code, columns = check_count("code", code, least=0), check_count("columns", columns)
        if code >= self._codes:
            raise ValueError(f"code must be one of the {self._codes} codes of this model, counted from 0; received {code}.")
        codes = np.zeros((columns, self._codes), "float32")
        codes[:, code] = np.linspace(-reach, reach, columns)
        return self._grid(np.repeat(self.latents(1, seed), columns, axis=0), {CODES: codes})

    def _grid(self, latents: Array, codes: Conditions, truncation: float = 1.0, **sampling: Any) -> Array:
        """Draw a row of samples with given latents and codes for each category."""
        told, columns = dict(codes), len(latents)
        if self._categories:
            rows = self._categories
            told = {name: np.concatenate([values] * rows) for name, values in told.items()}
            told[CATEGORY] = np.repeat(np.arange(rows, dtype="int32"), columns)
            latents = np.concatenate([latents] * rows)
        samples = self.generate_from(latents * np.float32(truncation), told, **sampling)
        picture = self.medium.picture(samples, columns)
        if picture is None:
            raise ValueError(f"{self.medium.many.capitalize()} of shape {self.sample_shape} cannot be drawn.")
        return picture

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {**super().get_config(), "category_weight": self.category_weight, "code_weight": self.code_weight}


def _counts(conditions: Mapping[str, Any]) -> tuple[int, int]:
    """Return the numbers of categories and of codes among conditions; 0 for none."""
    categories, codes = (getattr(conditions.get(name), "count", 0) for name in (CATEGORY, CODES))
    return categories, codes

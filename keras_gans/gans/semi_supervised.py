"""The semi-supervised GAN: a classifier that learns from few labels, and from samples without labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gans._typing import Conditions, Tensor
from keras_gans.adversarial.expected import to_array
from keras_gans.adversarial.networks import as_functional, call_network
from keras_gans.conditions import LABELLED, LABELS, UNLABELLED, Classes, Condition
from keras_gans.data import Data
from keras_gans.data.labelled import split_labelled
from keras_gans.data.source import as_source
from keras_gans.errors import check_count, check_weight
from keras_gans.gans.classifying import ClassifyingModel
from keras_gans.losses.base import mean_feature_distance, mean_over_scores
from keras_gans.media import Medium

_CLASS_LOGITS = "class_logits"
_cross_entropy = keras.losses.sparse_categorical_crossentropy


@keras.saving.register_keras_serializable(package="keras_gans")
class SemiSupervisedGAN(ClassifyingModel):
    """The semi-supervised GAN: the discriminator is a classifier, for which generated samples are one class more.

    It learns the classes of the samples that have labels, and to tell all samples from generated ones. The generator learns to
    match the mean features of real samples. What is wanted of such a model is its `classifier`; its samples are a means.

    Unknown labels are -1: `fit(samples, labels)` learns from the labelled samples and, without their labels, from all. A step
    takes one batch of each. The model is not told classes: `generate(n)` takes no labels.

    The logs hold `accuracy`, the share of labelled samples that the classifier gets right, beside those of `AdversarialModel`.

    Args:
        generator: A built Keras model that maps latents, float32 of shape `(batch, ...)`, to samples: float32 in [-1, 1].
        discriminator: A built Keras model that maps samples to a dict of `class_logits`, `(batch, num_classes)`, `scores`,
            `(batch, 1)`, which are `keras.ops.logsumexp(class_logits, axis=-1, keepdims=True)`, and `features`, a list of inner
            tensors.
        seed: Integer seed for the training noise. None (default) picks a random one.
        num_classes: Number of classes, without that of generated samples.
        class_weight: Weight of the class cross-entropy in the discriminator's loss. Default 1.
        name: Name of the model.
        conditions: Has to be empty: the networks are told nothing.
        medium: What a sample is: see `AdversarialModel`.

    Raises:
        ValueError: If `num_classes` is missing, there are conditions, or the discriminator has other outputs.

    Example:

        model = keras_gans.create_model("sgan")
        model.fit(images, labels, batch_size=64, epochs=20)   # labels: 0 to 9, -1 where unknown
        probabilities = model.classify(new_images)            # (n, 10)

    Reference: Salimans et al. 2016, "Improved Techniques for Training GANs", sections 3.1 and 5.
    """

    more_metrics = ("accuracy",)
    held_out_split = "test"

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        seed: int | None = None,
        num_classes: int | None = None,
        class_weight: float = 1.0,
        name: str | None = None,
        *,
        conditions: Mapping[str, Condition] | None = None,
        medium: Medium | None = None,
    ) -> None:
        if num_classes is None or conditions:
            what = f"the conditions {', '.join(conditions)}" if conditions else "no num_classes"
            raise ValueError(f"A SemiSupervisedGAN needs num_classes, and its networks are told nothing; received {what}.")
        self._classes = Classes(num_classes)
        self.class_weight = check_weight("class_weight", class_weight)
        _check_outputs(discriminator, self._classes.count)
        super().__init__(generator, discriminator, seed, name=name, medium=medium)

    def compile(self, *args: Any, feature_matching: float = 1.0, adversarial_weight: float = 0.0, **kwargs: Any) -> None:
        """Configure the model for training. Every argument has a default.

        Args:
            *args: As `AdversarialModel.compile`.
            feature_matching: Weight, in the generator's loss, of the squared distance between the mean features of real and of
                generated samples.
            adversarial_weight: Weight, in the generator's loss, of that of other GANs. Default 0, as in the paper.
            **kwargs: As `AdversarialModel.compile`.

        Raises:
            ValueError: If a value is out of range or unknown, or both weights are 0.
        """
        self.adversarial_weight = check_weight("adversarial_weight", adversarial_weight)
        super().compile(*args, feature_matching=feature_matching, **kwargs)
        if not (self.feature_matching or self.adversarial_weight):
            raise ValueError("The generator learns from nothing: give feature_matching or adversarial_weight a value above 0.")
        self._compile_arguments = {**self._compile_arguments, "adversarial_weight": self.adversarial_weight}

    @property
    def default_metrics(self) -> tuple[str, ...]:
        """No metrics: the log `accuracy` of held-out samples tells how the classifier learns."""
        return ()

    @property
    def own_metrics(self) -> tuple[str, ...]:
        """The accuracy of the classifier: see `AdversarialModel.own_metrics`."""
        return ("accuracy",)

    def class_logits_of(self, discriminator: keras.Model) -> Tensor:
        """Return the class logits among a discriminator's outputs."""
        return discriminator.output[_CLASS_LOGITS]

    # The data: all samples, and beside them those with labels.

    @property
    def data_conditions(self) -> dict[str, Condition]:
        """What training data contain: labelled samples, in an order of their own, and their labels."""
        return {LABELLED: _Samples(self.medium), LABELS: self._classes}

    def arrange_data(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Put labelled samples beside all samples: see `AdversarialModel.arrange_data`."""
        if isinstance(x, Data):
            learned = split_labelled(x)
            if LABELS in learned.conditions:
                known = as_source(learned.conditions[LABELS])
                self._classes.check(known[np.arange(len(known))])
            return learned, y
        if isinstance(x, Mapping):
            x, named = self._expected.split(x)
            y = named if y is None else y
        if isinstance(y, Mapping) and set(y) == {LABELS}:
            y = y[LABELS]
        samples = to_array(x)
        if not isinstance(samples, np.ndarray) or y is None or isinstance(y, Mapping):
            return x, y
        self._expected.check_shape(samples)
        labels = np.asarray(to_array(y))
        if len(labels) != len(samples):
            raise ValueError(
                f"There are {len(samples)} samples, but {len(labels)} labels: pass {UNLABELLED} for those that are unknown."
            )
        labels = labels[:, 0] if labels.shape[1:] == (1,) else labels
        if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
            self._classes.check(labels)  # says how to convert them
        return self.arrange_data(Data("samples", samples, labels.astype("int32"), medium=self.medium), None)

    # The losses.

    def class_logits(self, samples: Tensor, training: bool = False) -> Tensor:
        """Return the class logits of a batch of samples in float32."""
        outputs = call_network(self.discriminator, self._discriminator_inputs, {"samples": samples}, training)
        return ops.cast(outputs[_CLASS_LOGITS], "float32")

    def discriminator_loss(
        self, real: Tensor, generated: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> tuple[Tensor, Any, Any]:
        """Return the loss with the class cross-entropy of labelled samples: see `AdversarialModel.discriminator_loss`."""
        assert conditions is not None, "labels are a condition of the data"
        loss, real_scores, generated_scores = super().discriminator_loss(real, generated, None, training)
        labels, logits = conditions[LABELS], self.class_logits(conditions[LABELLED], training)
        right = ops.cast(ops.equal(ops.argmax(logits, axis=-1), ops.cast(labels, "int32")), "float32")
        self.means.update_state(accuracy=ops.stop_gradient(ops.mean(right)))
        loss += self.class_weight * ops.mean(_cross_entropy(labels, logits, from_logits=True))
        return loss, real_scores, generated_scores

    def generator_loss(
        self, generated: Tensor, real: Tensor, conditions: Conditions | None = None, training: bool = True
    ) -> Tensor:
        """Return the distance of mean features and the adversarial loss: see `AdversarialModel.generator_loss`."""
        made, compared = self.judge(generated, None, training), self.judge(real, None, training)
        loss: Any = 0.0
        if self.feature_matching:
            loss += self.feature_matching * mean_feature_distance(compared.features, made.features)
        if self.adversarial_weight:
            scores = compared.scores if self.adversarial_loss.needs_real else None
            loss += self.adversarial_weight * mean_over_scores(self.adversarial_loss.generator_loss, made.scores, scores)
        return loss

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        return {**super().get_config(), "num_classes": self._classes.count, "class_weight": self.class_weight}


class _Samples(Condition):
    """Samples of a medium.

    Args:
        medium: The medium.
    """

    words = "samples"

    def __init__(self, medium: Medium):
        self._medium = medium

    def get_config(self) -> dict[str, Any]:
        return self._medium.get_config()

    def check(self, values: Any) -> np.ndarray:
        samples = np.asarray(values)
        if samples.shape[1:] != self._medium.sample_shape:
            raise ValueError(
                f"Labelled samples have the shape {self._medium.sample_shape}, without the batch; received {samples.shape[1:]}."
            )
        self._medium.check(samples)
        return self._medium.to_float(samples)

    def to_network(self, values: Any) -> Any:
        return self._medium.to_network(values)

    def examples(self, n: int) -> np.ndarray:
        return np.random.default_rng(0).uniform(-1.0, 1.0, (n, *self._medium.sample_shape)).astype("float32")

    def spec(self) -> tuple[tuple[int | None, ...], str]:
        return tuple(self._medium.sample_shape), "float32"


def _check_outputs(discriminator: Any, count: int) -> None:
    """Raise ValueError unless a built discriminator returns class logits, scores and features."""
    outputs = getattr(as_functional(discriminator), "output", None) if getattr(discriminator, "built", False) else None
    if not isinstance(outputs, dict) or set(outputs) != {_CLASS_LOGITS, "scores", "features"}:
        found = f"a dict of {', '.join(map(repr, sorted(outputs)))}" if isinstance(outputs, dict) else "something else"
        raise ValueError(
            "The discriminator of a SemiSupervisedGAN is a functional Keras model that returns a dict of 'class_logits', "
            f"'scores' and 'features'; this one returns {found}."
        )
    shape = tuple(outputs[_CLASS_LOGITS].shape[1:])
    if shape != (check_count("num_classes", count),):
        raise ValueError(f"The class logits of {count} classes have the shape ({count},); those of this discriminator {shape}.")

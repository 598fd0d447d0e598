"""The adversarial model: two networks, one step, under Keras' own `fit`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras

from keras_gans._typing import Shape
from keras_gans.adversarial.compilation import Compilation
from keras_gans.adversarial.fitting import Fit
from keras_gans.adversarial.freezing import freeze_lower
from keras_gans.adversarial.loops import Loops
from keras_gans.adversarial.networks import SAMPLES, as_functional, check_networks, check_samples, check_scores
from keras_gans.adversarial.preset_methods import PresetMethods
from keras_gans.adversarial.sampling import Sampling
from keras_gans.adversarial.saving import Saving
from keras_gans.adversarial.step import AdversarialStep
from keras_gans.backend import StepTrainer
from keras_gans.conditions import LABELS, Classes, Condition, make_conditions
from keras_gans.media import Medium

if TYPE_CHECKING:
    from keras_gans.data import Data


class AdversarialModel(Fit, Compilation, Loops, Sampling, Saving, AdversarialStep, PresetMethods, StepTrainer, keras.Model):
    """Trains a generator against a discriminator with `compile`, `fit`, `evaluate` and every Keras callback.

    One training step is one update of the discriminator on one batch of real samples, followed, every `critic_steps` steps,
    by one update of the generator: on the same generated samples if `critic_steps` is 1, else on new ones. Real and generated
    samples pass through the discriminator separately, so that batch normalization does not mix their statistics.

    The logs of a step are `d_loss` (the discriminator's loss without penalties), `g_loss` (the generator's), `d_real` and
    `d_fake` (the shares of real and generated samples with scores above and below 0), `penalty` (the sum of penalties, if there
    are any), `d_grad` and `g_grad` (the norms of both gradients), and `loss`, the sum of both losses, which does not say how
    good the samples are.

    A conditional model has further inputs: a class, an image, or several by name. Each network is called with the conditions
    that it has inputs for, found by the inputs' names. Generated samples have the conditions of the batch of real ones.

    The discriminator returns one score for each sample, a map of scores (such as PatchGAN's), or a list of these (of several
    scales, for instance); losses are means over the scores of each, then over the list. It may also return a dict of `scores`
    and `features`, a list of inner tensors, for feature matching.

    Subclasses define an algorithm: `discriminator_loss`, `generator_loss` and the other hooks of `AdversarialStep`, and the
    default optimizers, loss and penalties.

    Args:
        generator: A built Keras model from latents, shape `(batch, ...)`, to samples: float32 in [-1, 1], channels last; with
            an input for each condition. If all its inputs are conditions, it maps them to samples without latents.
        discriminator: A built Keras model from samples to logits; conditions may be further inputs.
        seed: Integer seed of all noise drawn in training; None for a random one.
        num_classes: Number of classes: a shorthand for `conditions={"labels": Classes(num_classes)}`.
        conditions: The model's conditions: name -> `keras_gans.conditions.Condition`.
        medium: What a sample is, a `keras_gans.media.Medium`. If None, it is inferred from the shape of samples.

    Raises:
        ValueError: If a network is not built, the networks do not fit each other, or their inputs do not fit the conditions.

    Example:

        model = keras_gans.GAN(generator, discriminator)
        model.compile(loss="hinge", ema=0.999)
        model.fit(images, batch_size=64, epochs=5)   # float32 in [-1, 1], or uint8
        samples = model.generate(16, seed=0)
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        seed: int | None = None,
        num_classes: int | None = None,
        name: str | None = None,
        *,
        conditions: Mapping[str, Condition] | None = None,
        medium: Medium | None = None,
    ):
        super().__init__(name=name)
        seed = None if seed is None else int(seed)
        self.conditions = make_conditions(num_classes, conditions)
        self._generator_inputs, self._discriminator_inputs = self._check_networks(generator, discriminator, self.conditions)
        self.generator = generator if self._generator_inputs is None else as_functional(generator)
        self.discriminator = discriminator if self._discriminator_inputs is None else as_functional(discriminator)
        if type(self).generate_samples is AdversarialStep.generate_samples:
            check_samples(self.generator)
        if type(self).judge is AdversarialStep.judge and type(self).score is AdversarialStep.score:
            check_scores(self.discriminator)
        self._medium: Medium | None = medium
        self.ema_generator = None
        self.ledger = None
        self.seed = seed
        self.noise_seed = keras.random.SeedGenerator(seed)
        self.evaluation_seed = keras.random.SeedGenerator(seed)
        # While `fit` runs: its batches if their order is known, and by how much their epochs' numbers lie above Keras'.
        self.data = None
        self.data_epoch_offset = 0
        self._epochs = None
        self._compiled_networks: dict[keras.Model, Any] = {}
        # Set by `create_model`: the registered name and the arguments it was built with, for presets.
        self.entry: dict[str, Any] | None = None
        self.built = True

    _check_networks = staticmethod(check_networks)

    def __repr__(self) -> str:
        entry = f" '{self.entry['model']}'" if self.entry else ""
        networks = (self.generator, self.discriminator)
        parameters = sum(math.prod(variable.shape) for network in networks for variable in network.weights)
        return f"<{type(self).__name__}{entry}: {self.latent_shape} -> {self.sample_shape}, {parameters:,} parameters>"

    @property
    def conditional(self) -> bool:
        """Whether the model has conditions, and learns from samples with values of them."""
        return bool(self.conditions)

    @property
    def num_classes(self) -> int | None:
        """Number of classes; None for a model without classes."""
        classes = self.conditions.get(LABELS)
        return classes.count if isinstance(classes, Classes) else None

    @property
    def data_conditions(self) -> dict[str, Condition]:
        """The conditions that training data contain, by name: all, unless the model finds some of them in the samples."""
        return self.conditions

    @property
    def judged_conditions(self) -> tuple[str, ...]:
        """The names of the conditions that the discriminator takes."""
        names = self._discriminator_inputs
        return tuple(name for name in self.conditions if names is None or name in names)

    @property
    def judged_shape(self) -> Shape:
        """The shape of one sample that the discriminator takes, without the batch; None for a size that is free."""
        names = self._discriminator_inputs
        if names is None:
            return self.sample_shape
        return tuple(self.discriminator.inputs[names.index(SAMPLES)].shape[1:])

    @property
    def default_metrics(self) -> tuple[str, ...]:
        """Names of the metrics that samples are measured by while training, unless others are asked for.

        The first one decides which model is kept as the best.
        """
        return ("fid",)

    @property
    def own_metrics(self) -> tuple[str, ...]:
        """Names of metrics of the model itself, not of its samples, that `keras-gans evaluate` measures by default, too."""
        return ()

    # The split that `keras-gans train` measures losses on, if there is such a split, where a source has no other for it.
    held_out_split: str | None = None

    # What the values of conditions that are classes are called, by the condition's name, if the model was told.
    names: Mapping[str, Sequence[str]] = {}

    # Conditions and targets to draw with, of a model that maps images to images.
    examples: Any = None

    def complete(self, data: Data) -> None:
        """Add to a data set the conditions that this model finds in the samples, to measure it by: see `data_conditions`."""

    def take_examples(self, data: Data) -> None:
        """Keep a few samples of a data set to draw with, if this model maps images to images."""

    @property
    def trained_against(self) -> tuple[str, ...]:
        """Names of the feature extractors that the model learned to satisfy, by which it must not be measured.

        They are those of frozen networks among its layers. A subclass whose loss uses one adds its name.
        """
        names = (getattr(layer, "evaluation_extractor", None) for layer in self._flatten_layers())
        return tuple(sorted({name for name in names if name is not None}))

    # Training a trained model further, on other data.

    @property
    def whole_discriminator(self) -> keras.Model:
        """The discriminator of samples of `data_shape`: all of it, unless it has parts for smaller ones."""
        return self.discriminator

    def start_from_average(self) -> None:
        """Copy the weights of the averaged generator to the generator, to train on from the better samples.

        A model that is compiled with `ema` starts a new average from there. A model without an average does not change.
        """
        self.sync_state()
        if self.ema_generator is not None:
            self.generator.set_weights(self.ema_generator.get_weights())
        if self.ema_decay is None:
            self.ema_generator = None
        else:
            self._set_average(self.ema_decay)

    def freeze_discriminator(self, count: int) -> None:
        """Freeze the lower layers of the discriminator (FreezeD); compile the model again if it is compiled.

        Optimizers lose their state. A preset does not store what is frozen: once loaded, all layers are trained.

        Args:
            count: Number of layers, counted from the samples, as `keras_gans.adversarial.freezing.freeze_lower` counts them; 0
                unfreezes all.

        Raises:
            ValueError: If the discriminator has fewer layers, or its layers have no order.

        Reference: Mo et al. 2020, "Freeze the Discriminator: a Simple Baseline for Fine-Tuning GANs".
        """
        freeze_lower(self.whole_discriminator, count)
        if self.compiled:
            self.compile_with()

"""The progressive GAN, which starts at a low resolution and grows to the last one while it trains."""

import itertools
import math
import warnings
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_gans._typing import Array, Conditions, Tensor
from keras_gans.adversarial.ema import update_average
from keras_gans.adversarial.networks import LATENTS, read_judgement
from keras_gans.adversarial.optimizer import reset
from keras_gans.backend import replica
from keras_gans.conditions import Condition
from keras_gans.data.ordered_batches import OrderedBatches
from keras_gans.gans.growth import Growth, GrowthSchedule
from keras_gans.gans.stages import StagedModel
from keras_gans.layers import Fade, MinibatchStdDev
from keras_gans.losses import Wasserstein
from keras_gans.penalties import Drift, GradientPenalty


@keras.saving.register_keras_serializable(package="keras_gans")
class ProgressiveGAN(StagedModel):
    """The progressively growing GAN.

    Training starts at the lowest resolution. When the schedule says so, the next resolution is faded in, in the generator, in
    the discriminator and in the real images, and both optimizers are reset. All of this happens in one call of `fit`, on images
    of the last resolution, which are reduced as needed. A training step computes only what its resolution needs.

    `generate`, `sample_shape`, presets and exports have the resolution that has been reached; `data_shape` is that of the last
    one. Logs count updates of the discriminator.

    Args:
        generator: A built Keras model that maps latents, float32 of shape `(batch, n)`, to a list of images, one for each
            resolution, about in [-1, 1]. Each has twice the height and width of the one before. Except for the first, each is
            the output of a `keras_gans.layers.Fade` between the enlarged image before it and the new one.
        discriminator: A built Keras model that maps a list of images, one for each resolution, to as many scores of shape
            `(batch, 1)`. Each score depends only on the image at its position and, except for the first, goes through one
            `Fade`.
        seed: Integer seed for the training noise. None (default) picks a random one.
        schedule: A `GrowthSchedule`. None (default) is that of the paper's code.
        name: Name of the model.

    Raises:
        ValueError: If the networks have other inputs or outputs, or the schedule is for another number of resolutions.

    Reference: Karras et al. 2018, "Progressive Growing of GANs for Improved Quality, Stability, and Variation", section 2,
    figure 2, appendix A.
    """

    default_loss = Wasserstein
    default_penalties = (GradientPenalty, Drift)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        seed: int | None = None,
        schedule: GrowthSchedule | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(generator, discriminator, seed, name=name)
        self.schedule = GrowthSchedule() if schedule is None else schedule
        self.schedule.check(self.stages)
        with keras.name_scope("progressive"):
            # Equal on all replicas.
            self.images_shown = keras.Variable(
                0, dtype="int32", trainable=False, aggregation="only_first_replica", name="images_shown"
            )
        self._parts = _Parts(self)

    @staticmethod
    def default_optimizers() -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
        """Return Adam with beta_1 = 0 for both networks."""
        return (
            keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99, epsilon=1e-8),
            keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99, epsilon=1e-8),
        )

    @staticmethod
    def _check_networks(
        generator: keras.Model, discriminator: keras.Model, conditions: Mapping[str, Condition]
    ) -> tuple[Any, Any]:
        made = [tuple(output.shape[1:]) for output in generator.outputs]
        taken = [tuple(image.shape[1:]) for image in discriminator.inputs]
        if made != taken or len(discriminator.outputs) != len(taken):
            raise ValueError(
                f"The generator makes images of shapes {made}, but the discriminator takes {taken} and returns "
                f"{len(discriminator.outputs)} scores: it needs one input and one output for each resolution."
            )
        for small, large in itertools.pairwise(made):
            if large != (2 * small[0], 2 * small[1], small[2]):
                raise ValueError(f"Each resolution has twice the sides of the one before; {small} is followed by {large}.")
        return (LATENTS,), None

    # The current resolution.

    @property
    def stages(self) -> int:
        """Number of resolutions."""
        return len(self.generator.outputs)

    @property
    def stage(self) -> int:
        """The resolution that has been reached, counted from 0: the last one that has started to fade in."""
        self.sync_state()
        reached = [stage for stage in range(1, self.stages) if self._parts[stage].alpha > 0]
        return max(reached, default=0)

    @property
    def next_stage(self) -> int:
        """The resolution of the next training step, counted from 0."""
        return self.schedule.stage(self.find_images_shown(), self.stages)

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape of a sample at the resolution that has been reached."""
        return tuple(self.generator.outputs[self.stage].shape[1:])

    @property
    def data_shape(self) -> tuple[int, ...]:
        """The shape of a sample at the last resolution, which real images have."""
        return tuple(self.generator.outputs[-1].shape[1:])

    @property
    def whole_discriminator(self) -> keras.Model:
        """The discriminator of the last resolution."""
        return self._parts[self.stages - 1].discriminator

    def at_data_size(self, samples: Array) -> Array:
        """Enlarge samples to the last resolution."""
        factor = self.data_shape[0] // samples.shape[1]
        return samples.repeat(factor, axis=1).repeat(factor, axis=2)

    def sampling_network(self, use_ema: bool = True) -> keras.Model:
        """Return the generator of the current resolution, or its average: see `AdversarialModel.sampling_network`."""
        return self._sampling_network_of(self._current, use_ema)

    def newest_sampling_network(self, use_ema: bool = True) -> keras.Model:
        """Return the network that samples, whatever stage a step is compiled for, in this thread or another."""
        return self._sampling_network_of(self.stage, use_ema)

    def _sampling_network_of(self, stage: int, use_ema: bool) -> keras.Model:
        part = self._parts[stage]
        return part.averaged if use_ema and self.ema_generator is not None else part.generator

    def find_images_shown(self) -> int:
        """Return the number of images that the model has been trained on.

        A preset stores only the resolution that it has reached and how far it is faded in; the schedule says how many images
        that takes.
        """
        self.sync_state()
        shown, stage = int(_number(self.images_shown)), self.stage
        if not shown and stage:
            faded = self._parts[stage].alpha * self.schedule.fade(stage)
            shown = self.schedule.start(stage) + round(faded)
            self.images_shown.assign(shown)
        return shown

    def enter_stage(self, stage: int) -> None:
        """Start to train a resolution, with its learning rate and, if it is new, with optimizers that have been reset."""
        rate = self.schedule.learning_rate(stage)
        for optimizer in self.optimizer.optimizers:
            if stage > self.stage:
                reset(optimizer)
            if rate is not None:
                optimizer.learning_rate = rate
        super().enter_stage(stage)

    def stage_callbacks(self) -> list[keras.callbacks.Callback]:
        """Return the callback that makes the model grow."""
        return [Growth()]

    def check_batches(self, batches: OrderedBatches, epochs: int) -> None:
        """Check that the schedule fits the batches; warn if training ends before the last resolution is faded in.

        Raises:
            ValueError: If the batch size is not a multiple of the schedule's batch sizes.
        """
        for stage in range(self.stages):
            self._updates(batches.batch_size, stage)
        images = batches.batch_size * len(batches) * epochs
        last = self.stages - 1
        needed = self.schedule.start(last) + self.schedule.fade(last)
        if images >= needed:
            return
        missing = needed - self.find_images_shown()
        if images < missing:
            height, width, _ = self.data_shape
            warnings.warn(
                f"{epochs} {'epoch shows' if epochs == 1 else 'epochs show'} {images:,} images, but the schedule reaches "
                f"{height}x{width} after {missing:,}: train for at least {math.ceil(missing * epochs / images)} epochs, or use "
                "a shorter schedule.",
                stacklevel=3,
            )

    def _first_data_epoch(self, steps: int, batch_size: int) -> tuple[int, int]:
        return self.first_seed, self.find_images_shown() // (steps * batch_size)

    # The step.

    @property
    def _current(self) -> int:
        """The resolution of the step that is being compiled; outside of steps, the one that has been reached."""
        return self.stage if self.step_stage is None else self.step_stage

    @property
    def _part(self) -> "_Part":
        return self._parts[self._current]

    @property
    def generator_variables(self) -> list[keras.Variable]:
        """The weights that the current resolution trains in the generator."""
        return self._part.generator.trainable_variables

    @property
    def discriminator_variables(self) -> list[keras.Variable]:
        """The weights that the current resolution trains in the discriminator."""
        return self._part.discriminator.trainable_variables

    def generate_samples(self, latents: Tensor, conditions: Conditions | None = None, training: bool = False) -> Tensor:
        """Return samples of the current resolution."""
        return self._part.generator(latents, training=training)

    def judge(self, samples: Tensor, conditions: Conditions | None = None, training: bool = False) -> Any:
        """Return the scores of samples of the current resolution."""
        return read_judgement(self._part.discriminator(samples, training=training))

    def update_players(self, real: Tensor, conditions: Conditions) -> None:
        """Take one step, or the several steps into which the schedule divides the batch."""
        stage = self._current
        updates = self._updates(real.shape[0], stage)
        for images in [real] if updates == 1 else ops.split(real, updates):
            shown = ops.convert_to_tensor(self.images_shown) + ops.shape(images)[0] * replica()[1]
            self.images_shown.assign(shown)
            faded = ops.cast(shown - self.schedule.start(stage), "float32") / max(1, self.schedule.fade(stage))
            alpha = ops.clip(faded, 0.0, 1.0)
            for fade in self._part.fades:
                fade.alpha.assign(alpha)
            super().update_players(self._reduced(images, alpha), conditions)

    def measure_players(self, real: Tensor, conditions: Conditions) -> None:
        """Measure losses at the current resolution."""
        fade = self._part.generator_fade
        super().measure_players(self._reduced(real, 1.0 if fade is None else ops.convert_to_tensor(fade.alpha)), conditions)

    def _reduced(self, images: Tensor, alpha: Tensor) -> Tensor:
        """Reduce real images to the current resolution, whose details are faded in as in the networks."""
        for _ in range(self.stages - 1 - self._current):
            images = _halved(images)
        if self._current == 0:
            return images
        blocks = ops.repeat(ops.repeat(_halved(images), 2, axis=1), 2, axis=2)
        return blocks + (images - blocks) * alpha

    def update_average(self) -> None:
        """Move the averaged generator towards the generator, in the layers that the current resolution uses."""
        # New layers start with their initial weights in the average, too; the decay grows with the optimizer's steps, which
        # start from 0.
        part = self._part
        assert self.ema_decay is not None, "there is an average"
        update_average(part.averaged, part.generator, self.ema_decay, self.optimizer.generator.iterations)

    def _updates(self, batch_size: int | None, stage: int) -> int:
        """Return the number of updates that are made of a batch.

        Args:
            batch_size: None if it is not known before the step runs.
            stage: The resolution.
        """
        scheduled = self.schedule.batch_size(stage)
        if batch_size is None:
            if scheduled is None:
                return 1
            raise ValueError(
                "The schedule's batch_sizes divide batches, whose size must be known: give fit an array, or batch the data set "
                "with drop_remainder=True."
            )
        size = min(scheduled or batch_size, batch_size)
        if batch_size % size:
            raise ValueError(f"The schedule's batch_sizes must divide the batch size of fit, {batch_size}; {size} does not.")
        if size == 1 and any(isinstance(layer, MinibatchStdDev) for layer in self.discriminator.layers):
            raise ValueError(
                "The discriminator measures how the images of a batch differ (MinibatchStdDev), but a batch holds only one: "
                "use batches of at least 2."
            )
        return batch_size // size

    # Saving.

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Save the number of images shown with the model."""
        super().save_own_variables(store)
        store["images_shown"] = ops.convert_to_numpy(self.images_shown)

    def load_own_variables(self, store: dict[str, Any]) -> None:
        """Load the number of images shown with the model."""
        super().load_own_variables(store)
        self.images_shown.assign(store["images_shown"])

    def get_config(self) -> dict[str, Any]:
        """Return the model's arguments."""
        config = super().get_config()
        del config["conditions"], config["medium"]
        return {**config, "schedule": keras.saving.serialize_keras_object(self.schedule)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> "ProgressiveGAN":
        """Make a model from `get_config`."""
        schedule = keras.saving.deserialize_keras_object(config["schedule"], custom_objects=custom_objects)
        return super().from_config({**config, "schedule": schedule}, custom_objects)


class _Parts:
    """The networks of each resolution, which share their layers. Hides them from Keras, which would track them as layers."""

    def __init__(self, model: ProgressiveGAN) -> None:
        self._model = model
        self._made: dict[int, _Part] = {}

    def __getitem__(self, stage: int) -> "_Part":
        if stage not in self._made:
            self._made[stage] = _Part(self._model, stage)
        return self._made[stage]


class _Part:
    """The networks of one resolution."""

    def __init__(self, model: ProgressiveGAN, stage: int) -> None:
        self._model, self._stage = model, stage
        self.generator = self._cut(model.generator)
        whole = model.discriminator
        self.discriminator = keras.Model(whole.inputs[stage], whole.outputs[stage], name=f"discriminator_{stage}")
        self.generator_fade = _find_fade(self.generator, stage)
        self._discriminator_fade = _find_fade(self.discriminator, stage)
        self._averaged_of = self._averaged = None

    def _cut(self, generator: keras.Model) -> keras.Model:
        return keras.Model(generator.inputs, generator.outputs[self._stage], name=f"{generator.name}_{self._stage}")

    @property
    def averaged(self) -> keras.Model:
        """The averaged generator: made again after `compile` has made another average."""
        average = self._model.ema_generator
        if self._averaged_of is not average:
            self._averaged_of, self._averaged = average, self._cut(average)
        return self._averaged

    @property
    def alpha(self) -> float:
        """How far the resolution is faded in, from 0 to 1."""
        return 1.0 if self.generator_fade is None else _number(self.generator_fade.alpha)

    @property
    def fades(self) -> list[Fade]:
        """The layers that fade the resolution in."""
        average = None if self._model.ema_generator is None else _find_fade(self.averaged, self._stage)
        return [fade for fade in (self.generator_fade, self._discriminator_fade, average) if fade is not None]


def _find_fade(network: keras.Model, stage: int) -> Fade | None:
    """Return the layer that fades a resolution in; None for the first."""
    found = [layer for layer in network.layers if isinstance(layer, Fade)]
    if len(found) != (stage > 0):
        raise ValueError(
            f"Each resolution except the first is faded in by one keras_gans.layers.Fade; number {stage} of the "
            f"{network.name.rsplit('_', 1)[0]} goes through {len(found)}."
        )
    return found[0] if found else None


def _number(variable: keras.Variable) -> float:
    return float(ops.convert_to_numpy(variable))


def _halved(images: Tensor) -> Tensor:
    _, height, width, channels = images.shape
    return ops.mean(ops.reshape(images, (-1, height // 2, 2, width // 2, 2, channels)), axis=(2, 4))

"""The GAN that grows: low resolutions first, then one after another up to the last."""

import itertools
import math
import warnings

import keras
from keras import ops

from keras_gans.adversarial import AdversarialModel
from keras_gans.adversarial.ema import update_average
from keras_gans.adversarial.networks import LATENTS, read_judgement
from keras_gans.adversarial.optimizer import reset
from keras_gans.backend import replica
from keras_gans.gans.growth import Growth, GrowthSchedule
from keras_gans.layers import Fade, MinibatchStdDev
from keras_gans.losses import Wasserstein
from keras_gans.penalties import Drift, GradientPenalty


@keras.saving.register_keras_serializable(package="keras_gans")
class ProgressiveGAN(AdversarialModel):
    """The progressively growing GAN.

    Training begins at the smallest resolution. When the schedule says so, the next one is faded in, in the generator, in the
    discriminator and in the real images alike, and the optimizers begin anew. All of it happens in one call of `fit` on images
    of the last resolution, which are reduced as needed. A step computes only what the resolution of the moment needs.

    `generate`, `sample_shape`, presets and exports are those of the resolution that has been reached; `data_shape` is the last
    one's. The logs count steps of the discriminator.

    Args:
        generator: Takes latents and returns a list of images, one for each resolution: each has twice the sides of the one
            before, and but for the first is the output of a `keras_gans.layers.Fade` between the image before, enlarged, and
            the new one.
        discriminator: Takes a list of images, one for each resolution, and returns as many logits of shape `(batch, 1)`. Each
            depends on the image of the same place only, through one `Fade` but for the first.
        seed: As `AdversarialModel`'s.
        schedule: A `GrowthSchedule`; the paper's if None.

    Raises:
        ValueError: If the networks are not of this kind, or the schedule has values for another number of resolutions.

    Reference: Karras et al. 2018, "Progressive Growing of GANs for Improved Quality, Stability, and Variation", section 2,
    figure 2, appendix A.
    """

    default_loss = Wasserstein
    default_penalties = (GradientPenalty, Drift)

    def __init__(self, generator, discriminator, seed=None, schedule=None, name=None):
        super().__init__(generator, discriminator, seed, name=name)
        self.schedule = GrowthSchedule() if schedule is None else schedule
        self.schedule.check(self.stages)
        with keras.name_scope("progressive"):
            # The same on all replicas.
            self.images_shown = keras.Variable(
                0, dtype="int32", trainable=False, aggregation="only_first_replica", name="images_shown"
            )
        self._parts = _Parts(self)

    @staticmethod
    def default_optimizers():
        return tuple(keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99, epsilon=1e-8) for _ in range(2))

    @staticmethod
    def _check_networks(generator, discriminator, conditions):
        made = [tuple(output.shape[1:]) for output in generator.outputs]
        taken = [tuple(image.shape[1:]) for image in discriminator.inputs]
        if made != taken or len(discriminator.outputs) != len(taken):
            raise ValueError(
                f"The generator makes images of shapes {made}, but the discriminator takes {taken} and returns "
                f"{len(discriminator.outputs)} logits: it needs one input and one output for each resolution."
            )
        for small, large in itertools.pairwise(made):
            if large != (2 * small[0], 2 * small[1], small[2]):
                raise ValueError(f"Each resolution has twice the sides of the one before; {small} is followed by {large}.")
        return (LATENTS,), None

    # Which resolution.

    @property
    def stages(self):
        """How many resolutions there are."""
        return len(self.generator.outputs)

    @property
    def stage(self):
        """Which resolution has been reached, counted from 0: the last one that has begun to be faded in."""
        self.sync_state()
        reached = [stage for stage in range(1, self.stages) if _number(self._parts[stage].generator_fade.alpha) > 0]
        return max(reached, default=0)

    @property
    def sample_shape(self):
        return tuple(self.generator.outputs[self.stage].shape[1:])

    @property
    def data_shape(self):
        return tuple(self.generator.outputs[-1].shape[1:])

    @property
    def whole_discriminator(self):
        return self._parts[self.stages - 1].discriminator

    def at_data_size(self, samples):
        factor = self.data_shape[0] // samples.shape[1]
        return samples.repeat(factor, axis=1).repeat(factor, axis=2)

    def sampling_network(self, use_ema=True):
        return self._sampling_network_of(self.stage if self.step_stage is None else self.step_stage, use_ema)

    def newest_sampling_network(self, use_ema=True):
        # Whatever stage a step is compiled for, in this thread or another.
        return self._sampling_network_of(self.stage, use_ema)

    def _sampling_network_of(self, stage, use_ema):
        part = self._parts[stage]
        return part.averaged if use_ema and self.ema_generator is not None else part.generator

    def find_images_shown(self):
        """Returns how many images the model has been trained on.

        A preset knows the resolution it has reached and how far it is faded in; the rest is taken from the schedule.
        """
        self.sync_state()
        shown, stage = int(_number(self.images_shown)), self.stage
        if not shown and stage:
            faded = _number(self._parts[stage].generator_fade.alpha) * self.schedule.fade(stage)
            shown = self.schedule.start(stage) + round(faded)
            self.images_shown.assign(shown)
        return shown

    def enter_stage(self, stage):
        rate = self.schedule.learning_rate(stage)
        for optimizer in self.optimizer.optimizers:
            if stage > self.stage:
                reset(optimizer)
            if rate is not None:
                optimizer.learning_rate = rate
        super().enter_stage(stage)

    def stage_callbacks(self):
        return [Growth()]

    def predict(self, *args, **kwargs):
        with self.at_stage(self.stage):
            self.predict_function = None
            return super().predict(*args, **kwargs)

    def check_batches(self, batches, epochs):
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
                f"{epochs} epochs show {images:,} images, but the schedule reaches {height}x{width} after {missing:,}: train "
                f"for at least {math.ceil(missing * epochs / images)} epochs, or give a shorter schedule.",
                stacklevel=3,
            )

    def _first_data_epoch(self, steps, batch_size):
        return self.first_seed, self.find_images_shown() // (steps * batch_size)

    # The step.

    @property
    def _part(self):
        return self._parts[self.step_stage]

    @property
    def generator_variables(self):
        return self._part.generator.trainable_variables

    @property
    def discriminator_variables(self):
        return self._part.discriminator.trainable_variables

    def generate_samples(self, latents, conditions=None, training=False):
        return self._part.generator(latents, training=training)

    def judge(self, samples, conditions=None, training=False):
        return read_judgement(self._part.discriminator(samples, training=training))

    def update_players(self, real, conditions):
        stage = self.step_stage
        for images in ops.split(real, self._updates(real.shape[0], stage)):
            shown = ops.convert_to_tensor(self.images_shown) + images.shape[0] * replica()[1]
            self.images_shown.assign(shown)
            faded = ops.cast(shown - self.schedule.start(stage), "float32") / max(1, self.schedule.fade(stage))
            alpha = ops.clip(faded, 0.0, 1.0)
            for fade in self._part.fades:
                fade.alpha.assign(alpha)
            super().update_players(self._reduced(images, alpha), conditions)

    def measure_players(self, real, conditions):
        alpha = ops.convert_to_tensor(self._part.generator_fade.alpha) if self.step_stage else 1.0
        super().measure_players(self._reduced(real, alpha), conditions)

    def _reduced(self, images, alpha):
        """Reduces real images to the resolution of the moment, its details faded in as in the networks."""
        for _ in range(self.stages - 1 - self.step_stage):
            images = _halved(images)
        if self.step_stage == 0:
            return images
        blocks = ops.repeat(ops.repeat(_halved(images), 2, axis=1), 2, axis=2)
        return blocks + (images - blocks) * alpha

    def update_average(self):
        # Of what the stage uses only. Its new layers are as they were made, in the average, too, and the decay grows anew
        # with the optimizer's steps.
        part = self._part
        update_average(part.averaged, part.generator, self.ema_decay, self.optimizer.generator.iterations)

    def _updates(self, batch_size, stage):
        """Returns how many updates are made of a batch."""
        size = min(self.schedule.batch_size(stage) or batch_size, batch_size)
        if batch_size % size:
            raise ValueError(f"The schedule's batch_sizes must divide the batch size of fit, {batch_size}; {size} does not.")
        if size == 1 and any(isinstance(layer, MinibatchStdDev) for layer in self.discriminator.layers):
            raise ValueError(
                "The discriminator looks at the spread within a batch (MinibatchStdDev), and one image has none: use batches "
                "of at least 2."
            )
        return batch_size // size

    # Saving.

    def save_own_variables(self, store):
        super().save_own_variables(store)
        store["images_shown"] = ops.convert_to_numpy(self.images_shown)

    def load_own_variables(self, store):
        super().load_own_variables(store)
        self.images_shown.assign(store["images_shown"])

    def get_config(self):
        config = super().get_config()
        del config["conditions"], config["medium"]
        return {**config, "schedule": keras.saving.serialize_keras_object(self.schedule)}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        schedule = keras.saving.deserialize_keras_object(config["schedule"], custom_objects=custom_objects)
        return super().from_config({**config, "schedule": schedule}, custom_objects)


class _Parts:
    """The networks of each resolution, which share their layers. Kept from Keras, which would take them for more layers."""

    def __init__(self, model):
        self._model = model
        self._made = {}

    def __getitem__(self, stage):
        if stage not in self._made:
            self._made[stage] = _Part(self._model, stage)
        return self._made[stage]


class _Part:
    """The networks of one resolution."""

    def __init__(self, model, stage):
        self._model, self._stage = model, stage
        self.generator = self._cut(model.generator)
        entire = model.discriminator
        self.discriminator = keras.Model(entire.inputs[stage], entire.outputs[stage], name=f"discriminator_{stage}")
        self.generator_fade = _find_fade(self.generator, stage)
        self._discriminator_fade = _find_fade(self.discriminator, stage)
        self._averaged_of = None

    def _cut(self, generator):
        return keras.Model(generator.inputs, generator.outputs[self._stage], name=f"{generator.name}_{self._stage}")

    @property
    def averaged(self):
        """The averaged generator: made anew where `compile` has made another."""
        average = self._model.ema_generator
        if self._averaged_of is not average:
            self._averaged_of, self._averaged = average, self._cut(average)
        return self._averaged

    @property
    def fades(self):
        """The layers that fade the resolution in."""
        if self._stage == 0:
            return []
        average = [] if self._model.ema_generator is None else [_find_fade(self.averaged, self._stage)]
        return [self.generator_fade, self._discriminator_fade, *average]


def _find_fade(network, stage):
    found = [layer for layer in network.layers if isinstance(layer, Fade)]
    if len(found) != (stage > 0):
        raise ValueError(
            f"Each resolution but the first is faded in by one keras_gans.layers.Fade; number {stage} of the "
            f"{network.name.rsplit('_', 1)[0]} goes through {len(found)}."
        )
    return found[0] if found else None


def _number(variable):
    return float(ops.convert_to_numpy(variable))


def _halved(images):
    _, height, width, channels = images.shape
    return ops.mean(ops.reshape(images, (-1, height // 2, 2, width // 2, 2, channels)), axis=(2, 4))

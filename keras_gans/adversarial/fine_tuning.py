"""Training a trained model further, on other data."""

from keras_gans.adversarial.ema import clone_for_averaging
from keras_gans.adversarial.freezing import freeze_lower


class FineTuning:
    """The part of `AdversarialModel` that prepares a pretrained model for data of another kind.

    Example:

        model = keras_gans.load_pretrained("dcgan_digits", learning_rate=1e-4)
        model.start_from_average()
        model.freeze_discriminator(1)
        model.fit(keras_gans.load_data("folder:pictures", model.data_shape).batches(32), epochs=20)
    """

    @property
    def whole_discriminator(self):
        """The discriminator of samples of `data_shape`: all of it, unless it has parts for smaller ones."""
        return self.discriminator

    def start_from_average(self):
        """Makes the generator what its average is, which samples better, and the average what `compile` says.

        Training that goes on from there begins with the samples that `generate` draws. Where there is no average, the
        generator stays as it is.
        """
        self.sync_state()
        if self.ema_generator is not None:
            self.generator.set_weights(self.ema_generator.get_weights())
        if self.ema_decay is None:
            self.ema_generator = None
        elif self.ema_generator is None:
            self.ema_generator = clone_for_averaging(self.generator)

    def freeze_discriminator(self, count):
        """Makes the lower layers of the discriminator keep their weights, and compiles the model anew where it is compiled.

        Optimizers begin anew. What is frozen is no part of a preset: one that is loaded learns in all layers.

        Args:
            count: How many layers, counted from the samples, as `keras_gans.adversarial.freezing.freeze_lower` counts them; 0
                for none.

        Raises:
            ValueError: If there are not that many, saying how many there are, or the discriminator's layers have no order.
        """
        freeze_lower(self.whole_discriminator, count)
        if self.compiled:
            self.compile_with()

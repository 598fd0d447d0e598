"""Models whose training goes through stages, and what Keras calls on them outside of `fit`."""

from typing import Any

from keras_gans._typing import Tensor
from keras_gans.adversarial import AdversarialModel


class StagedModel(AdversarialModel):
    """Base class of adversarial models whose training goes through stages, each with a step of its own.

    `fit` follows the stages by callbacks (see `AdversarialModel`). `train_on_batch` and `test_on_batch` use the step of the
    stage that the model has reached.
    """

    _trained_stage: int | None = None

    @property
    def next_stage(self) -> int:
        """The stage of the next training step, counted from 0."""
        return self.stage

    def enter_stage(self, stage: int) -> None:
        """Compile the training step of a stage and make it the current one."""
        self._trained_stage = stage
        super().enter_stage(stage)

    def train_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        """Train on one batch, as `keras.Model.train_on_batch` does.

        Args:
            *args: As in Keras: a batch of real samples, and their labels or conditions for conditional models.
            **kwargs: As in Keras.

        Returns:
            Logs, as in Keras.
        """
        self._assert_compile_called("train_on_batch")
        stage = self.next_stage
        with self.at_stage(stage):
            if self.train_function is None or self._trained_stage != stage:
                self.enter_stage(stage)
            return super().train_on_batch(*args, **kwargs)

    def predict_on_batch(self, x: Any) -> Tensor:
        """Map a batch of latents to samples, as `keras.Model.predict_on_batch` does."""
        with self.at_stage(self.stage):
            self.predict_function = None
            return super().predict_on_batch(x)

    def predict(self, *args: Any, **kwargs: Any) -> Tensor:
        """Map latents to samples, as `keras.Model.predict` does."""
        with self.at_stage(self.stage):
            self.predict_function = None
            return super().predict(*args, **kwargs)

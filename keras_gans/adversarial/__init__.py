"""The adversarial model: two networks, one training step, under Keras' own `fit`."""

from keras_gans.adversarial import freezing
from keras_gans.adversarial.constraints import ClipWeights
from keras_gans.adversarial.critic_schedule import CriticSchedule
from keras_gans.adversarial.model import AdversarialModel
from keras_gans.adversarial.optimizer import PlayersOptimizer

__all__ = ["AdversarialModel", "ClipWeights", "CriticSchedule", "PlayersOptimizer", "freezing"]

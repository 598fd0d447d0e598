from keras_gans.adversarial import augmentation, freezing, losses, penalties
from keras_gans.adversarial.constraints import ClipWeights
from keras_gans.adversarial.critic_schedule import CriticSchedule
from keras_gans.adversarial.losses import AdversarialLoss
from keras_gans.adversarial.model import AdversarialModel
from keras_gans.adversarial.optimizer import PlayersOptimizer

__all__ = [
    "AdversarialLoss",
    "AdversarialModel",
    "ClipWeights",
    "CriticSchedule",
    "PlayersOptimizer",
    "augmentation",
    "freezing",
    "losses",
    "penalties",
]

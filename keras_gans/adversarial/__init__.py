from keras_gans.adversarial import losses
from keras_gans.adversarial.losses import AdversarialLoss
from keras_gans.adversarial.model import AdversarialModel
from keras_gans.adversarial.optimizer import PlayersOptimizer

__all__ = ["AdversarialLoss", "AdversarialModel", "PlayersOptimizer", "losses"]

"""Differentially private training: a bound on what a model tells about any one sample that it was trained on.

`compile(privacy=DPSGD(epsilon=10, delta=1e-5))` clips the gradient of each sample in the discriminator's loss, and adds noise.
The generator learns from the discriminator only, so that the bound holds for it, too.
"""

from keras_gans.privacy.accountant import divergence, epsilon, epsilon_of, noise_for, steps_within
from keras_gans.privacy.dpsgd import DPSGD
from keras_gans.privacy.leaks import epsilon_found

__all__ = ["DPSGD", "divergence", "epsilon", "epsilon_found", "epsilon_of", "noise_for", "steps_within"]

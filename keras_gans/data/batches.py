"""Batches of samples for `fit`, in an order that is a function of (seed, epoch, step)."""

import keras
import numpy as np


class Batches(keras.utils.PyDataset):
    """Shuffled batches from anything that can be indexed with an array of positions.

    Epoch e takes the samples in the order of a permutation drawn from (seed, e); the samples that do not fill a last batch
    are left out of that epoch. Works on every backend; `fit` must be told `shuffle=False`, which `AdversarialModel.fit`
    does by itself.

    Args:
        samples: Has a length, and returns an array of samples for an array of positions.
        labels: Array of as many labels, or None.
        batch_size: Samples a batch.
        seed: Integer.
        epoch: The number of the first epoch, for training that goes on.
    """

    ordered = True

    def __init__(self, samples, labels=None, batch_size=64, seed=0, epoch=0):
        # One worker: with more, Keras starts loading an epoch's batches before it calls on_epoch_begin.
        super().__init__(workers=1)
        self.samples = samples
        self.labels = labels
        self.batch_size = batch_size
        self.seed = seed
        self._next_epoch = epoch
        self._order = self._permutation(epoch)

    def _permutation(self, epoch):
        return np.random.default_rng((self.seed, epoch)).permutation(len(self.samples))

    def __len__(self):
        return len(self.samples) // self.batch_size

    def __getitem__(self, step):
        positions = self._order[step * self.batch_size : (step + 1) * self.batch_size]
        batch = self.samples[positions]
        return (batch,) if self.labels is None else (batch, self.labels[positions])

    def on_epoch_begin(self):
        # Keras calls this once before each epoch; it calls on_epoch_end more often.
        self._order = self._permutation(self._next_epoch)
        self._next_epoch += 1

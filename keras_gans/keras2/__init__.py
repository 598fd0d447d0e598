"""Networks that Keras 2 saved as `.h5` files: `model.save("generator.h5")`.

`load_generator` makes a model of such a file, which generates, is measured and is exported like any other; `load_network`
returns the network alone. Files are only read: nothing is unpickled, and no code from a file is executed.
"""

from keras_gans.keras2.generators import load_generator
from keras_gans.keras2.networks import load_network

__all__ = ["load_generator", "load_network"]

import keras
import numpy as np
from keras import ops

from keras_gans.backend import input_gradient, minimize
from keras_gans.layers import UpsampledConv2D
from tests.keras_gans.layers.checks import check_saving, converted_to_tflite

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 5, 4, 3)).astype("float32")


def both():
    """Returns the layer, and what it stands for with the same kernel."""
    layer = UpsampledConv2D(6)
    layer(X)
    conv = keras.layers.Conv2D(6, 3, padding="same", use_bias=False)
    apart = keras.Sequential([keras.Input((5, 4, 3)), keras.layers.UpSampling2D(), conv])
    conv.kernel.assign(layer.kernel)
    return layer, apart


def test_it_is_repetition_and_convolution():
    layer, apart = both()
    np.testing.assert_allclose(layer(X), apart(X), rtol=1e-4, atol=1e-5)


def test_its_gradients_are_those_of_repetition_and_convolution():
    by_images, kernels = [], []
    for network in both():
        x = ops.convert_to_tensor(X)
        by_images.append(np.array(input_gradient(lambda x, network=network: ops.sum(ops.square(network(x)), (1, 2, 3)), x)))
        (kernel,), optimizer = network.trainable_variables, keras.optimizers.SGD(0.01)
        optimizer.build([kernel])
        minimize(lambda network=network: (ops.mean(ops.square(network(X))), None), [kernel], optimizer)
        kernels.append(np.array(kernel))
    for one, other in (by_images, kernels):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


def test_it_is_saved_and_exported(tmp_path):
    model = keras.Sequential([keras.Input((5, 4, 3)), UpsampledConv2D(6, "he_normal")])
    check_saving(model, X, tmp_path)
    np.testing.assert_allclose(converted_to_tflite(model)(X[:1]), model(X[:1]), atol=1e-5)

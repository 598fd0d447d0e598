from keras_gans.gans.gan import GAN

__all__ = ["GAN"]

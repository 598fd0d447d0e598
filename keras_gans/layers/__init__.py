from keras_gans.layers.batch_normalization import BatchNormalization

__all__ = ["BatchNormalization"]

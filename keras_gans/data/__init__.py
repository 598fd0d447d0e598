from keras_gans.data.sources import Data, load_data

__all__ = ["Data", "load_data"]

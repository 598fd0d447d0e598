from keras_gans.metrics.modes import high_quality_fraction, modes_covered

__all__ = ["high_quality_fraction", "modes_covered"]

"""The models that come with keras_gans. Each sub-package registers the model of its name."""

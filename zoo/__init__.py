"""The models of keras_gans, one folder each."""

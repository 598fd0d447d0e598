"""The command-line programs of keras_gans, installed as `keras_gans_tools`."""

"""Put before site-packages on the path, this makes TensorFlow look as if it were not installed."""

raise ModuleNotFoundError("No module named 'tensorflow'", name="tensorflow")

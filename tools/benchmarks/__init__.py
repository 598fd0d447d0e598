"""What `keras-gans benchmark` runs."""

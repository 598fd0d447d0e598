"""Tokenizers: text to integers and back."""

from keras_gans.text.tokenizer import END, UNKNOWN, Tokenizer

__all__ = ["END", "UNKNOWN", "Tokenizer"]

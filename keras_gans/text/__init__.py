from keras_gans.text.tokenizer import END, UNKNOWN, Tokenizer

__all__ = ["END", "UNKNOWN", "Tokenizer"]

"""What data ask a medium."""

import numpy as np
import pytest

from keras_gans.media import Images, Medium, Points, Text


def test_only_images_are_pixels_and_only_text_has_a_tokenizer():
    media = [Medium((4,)), Points((2,)), Images((4, 4, 1)), Text((5,), tokenizer=None)]
    assert [medium.pixels for medium in media] == [False, False, True, False]
    assert [medium.tokenizer for medium in media] == [None] * 4


def test_tokens_are_checked():
    text = Text((2,))
    text.check(np.array([[0, 2**31 - 1]]))
    with pytest.raises(ValueError, match=r"must be integer tokens of shape .*; these are float32"):
        text.check(np.zeros((1, 2), "float32"))
    for tokens in (np.array([[0, -1]]), np.array([[2**31, 0]]), np.zeros((3, 0), "int64")):
        with pytest.raises(ValueError, match=r"Tokens must be integers from 0 to 2147483647|There are no tokens"):
            text.check(tokens)

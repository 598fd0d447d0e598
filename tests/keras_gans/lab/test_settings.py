"""What the page may ask for."""

import math

import pytest

from keras_gans import losses, penalties, registry
from keras_gans.lab import settings
from keras_gans.lab.settings import Setup, check_command


def test_choices_are_those_of_the_library():
    assert sorted(settings.LOSSES) == losses.names()
    assert set(settings.PENALTIES) - {"none", "r1+r2"} <= set(penalties.names())
    assert set(settings.MODELS) <= set(registry.list_models())


def test_commands_are_returned_checked():
    assert check_command({"do": "play"}) == {"do": "play"}
    assert check_command({"do": "play", "until": 30.0}) == {"do": "play", "until": 30}
    assert check_command({"do": "step"}) == {"do": "step", "network": "both"}
    assert check_command({"do": "reset", "data": "grid"}) == {"do": "reset", **Setup(data="grid").to_dict()}


POINTS = [[0, 0], [1, -1]]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (None, "JSON object"),
        ([], "JSON object"),
        ({"do": 5}, "JSON object"),
        ({"do": "ply"}, "Did you mean 'play'"),
        ({"do": "play", "path": "/etc/passwd"}, "no argument of 'play'"),
        ({"do": "play", "until": -1}, "until"),
        ({"do": "play", "until": 1.5}, "until"),
        ({"do": "speed", "steps_per_second": 0}, "0.1"),
        ({"do": "speed", "steps_per_second": math.nan}, "steps_per_second"),
        ({"do": "step", "network": "critic"}, "no network 'critic'"),
        ({"do": "change", "loss": "__class__"}, "no loss"),
        ({"do": "change", "generator_rate": "fast"}, "generator_rate"),
        ({"do": "change", "generator_rate": True}, "generator_rate"),
        ({"do": "change", "generator_rate": math.inf}, "generator_rate"),
        ({"do": "change", "critic_steps": 10**9}, "critic_steps"),
        ({"do": "change", "penalty": ["r1"]}, "no penalty"),
        ({"do": "reset", "model": "../zoo"}, "no model"),
        ({"do": "reset", "model": 3}, "no model"),
        ({"do": "reset", "data": "npz:/etc/passwd"}, "no data"),
        ({"do": "reset", "seed": 2**40}, "seed must be at most"),
        ({"do": "reset", "seed": -1}, "seed"),
        ({"do": "reset", "batch_size": 1}, "batch_size"),
        ({"do": "reset", "latent_dim": 10**6}, "latent_dim"),
        ({"do": "reset", "data": "drawn"}, "draw at least two"),
        ({"do": "reset", "data": "ring", "points": POINTS}, "go together"),
        ({"do": "reset", "data": "drawn", "points": [[0, 0]]}, "2 to 4,096"),
        ({"do": "reset", "data": "drawn", "points": [[0, 0]] * 4097}, "2 to 4,096"),
        ({"do": "reset", "data": "drawn", "points": [[0, 0], [0, 2]]}, "from -1 to 1"),
        ({"do": "reset", "data": "drawn", "points": [[0, 0], [0, math.nan]]}, "from -1 to 1"),
        ({"do": "reset", "data": "drawn", "points": ["ab", [0, 0]]}, "from -1 to 1"),
        ({"do": "reset", "data": "drawn", "points": "abc"}, "from -1 to 1"),
        ({"do": "reset", "data": "drawn", "points": 5}, "pairs of numbers"),
    ],
)
def test_anything_else_is_refused_in_one_line(command, words):
    with pytest.raises(ValueError, match=words) as refused:
        check_command(command)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 400

"""Cases of a test of which some run by default and the others with `-m slow`."""

import pytest


def slow_but(cases, *fast):
    """Returns cases for `pytest.mark.parametrize`, of which all but some are slow."""
    return [
        case if case in fast else pytest.param(*(case if isinstance(case, tuple) else [case]), marks=pytest.mark.slow)
        for case in cases
    ]

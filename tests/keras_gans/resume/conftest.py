import pytest

from tests.support import breaking_off


@pytest.fixture(autouse=True)
def _models_are_used_again():
    yield
    breaking_off.take_back()

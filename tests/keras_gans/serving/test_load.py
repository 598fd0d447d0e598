"""Many clients for a minute: see `tests.support.load`."""

import pytest

from tests.support import load


@pytest.mark.slow
def test_two_hundred_clients_and_a_new_version():
    """Every answer is right, together they are quicker than one after the other, and memory stays.

    (last run: 0.1.0, 2026-11-26)
    """
    result, failures = load.run(60.0, 200)
    assert failures == []
    assert result["together"]["requests"] > 1000
    assert result["versions"] == [1, 2]
    assert result["versions_after"] == [2]
    together, alone = (result[key]["requests_per_second"] for key in ("together", "one_at_a_time"))
    assert together > 2 * alone
    memory = result["memory_mb"]
    # After the second version is there, too.
    settled = memory[2 * len(memory) // 3 :]
    assert max(settled) - min(settled) < 50

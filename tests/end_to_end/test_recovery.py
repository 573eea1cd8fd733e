"""What `mynah bench recovery` measures, once: a real ring's firmware, a radio that fades."""

from mynah.bench.recovery import PROMISED_MS, RecoveryResult, measure
from mynah.view import View

QUICK = "emulator:recovery?interval=7.5&supervision=100"


async def test_a_ring_that_faded_is_back_in_time_and_told_in_figures():
    result = await measure(QUICK, {"fade": 1}, View())

    (fade,) = result.as_json()["faults"].values()
    assert 0 < fade["p50_ms"] == fade["max_ms"] < PROMISED_MS
    assert result.as_promised


def test_a_fault_that_takes_too_long_is_not_as_promised():
    took_ms = {"quick": [100.0] * 20, "slow": [100.0] * 18 + [6000.0] * 2}

    assert not RecoveryResult(took_ms, QUICK).as_promised
    assert RecoveryResult({"quick": took_ms["quick"]}, QUICK).as_promised

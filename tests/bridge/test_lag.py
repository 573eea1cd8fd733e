import asyncio
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.lag import EVERY_MS, KEPT, Lag, watched
from tests.bridge.virtual_time import in_virtual_time

BLOCKED_S = 0.3

lates = st.lists(st.floats(0.0, 5000.0), min_size=1, max_size=200)


def told(all_ms):
    lag = Lag()
    for number, late_ms in enumerate(all_ms):
        lag.woke(number * EVERY_MS, number * EVERY_MS + late_ms)
    return lag


@given(lates, st.integers(0, 200))
def test_the_worst_since_a_moment_is_the_worst_of_the_looks_since_then(all_ms, first):
    lag, at_ms = Lag(), 0.0
    looks = []
    for late_ms in all_ms:
        due_ms = at_ms + EVERY_MS
        at_ms = due_ms + late_ms
        looks.append((at_ms, lag.woke(due_ms, at_ms)))
    since_ms = looks[min(first, len(looks) - 1)][0]

    assert lag.worst_since_ms(since_ms) == max(late for at, late in looks if at >= since_ms)
    assert lag.worst_since_ms(at_ms + 1) == 0.0
    assert lag.worst_ms == max(late for _, late in looks)


def test_percentiles_are_right_to_a_step_of_the_scale():
    lag = told([0.4] * 90 + [12.0] * 6 + [260.0] * 4)

    assert lag.percentile_ms(50) == 1
    assert 12 <= lag.percentile_ms(95) <= 15
    assert lag.percentile_ms(99) == lag.worst_ms == pytest.approx(260)


@pytest.mark.parametrize("late_ms", [lambda n: 0.0, lambda n: n % 7, lambda n: 20_000 - n / 5])
def test_a_day_of_looks_takes_no_more_memory_than_an_hour(late_ms):
    lag = told(late_ms(number) for number in range(100_000))

    assert len(lag._falling) <= KEPT
    assert sys.getsizeof(lag._falling) < 100_000


@in_virtual_time
async def test_a_loop_that_nothing_blocks_is_never_late():
    async with watched() as lag:
        await asyncio.sleep(3600)

    assert lag.looks == pytest.approx(3600_000 / EVERY_MS, rel=0.01)
    assert lag.worst_ms < 0.1


@in_virtual_time
async def test_a_step_that_blocks_is_found_with_its_size(caplog):
    caplog.set_level(logging.INFO)
    loop = asyncio.get_running_loop()
    async with watched() as lag:
        await asyncio.sleep(1)
        began_ms = loop.time() * 1000
        loop._jumping.now_s += BLOCKED_S
        await asyncio.sleep(1)
        after_ms = loop.time() * 1000 - 500

        assert BLOCKED_S * 1000 - EVERY_MS <= lag.worst_since_ms(began_ms) <= BLOCKED_S * 1000 + 1
        assert lag.worst_since_ms(after_ms) < 0.1
    assert len(caplog.records) == 1
    assert "stood still for" in caplog.text

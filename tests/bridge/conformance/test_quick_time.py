"""The clock by which the suite is run: it skips what nobody waits for, and no work."""

import asyncio
import time

import pytest

from tests.bridge.conformance.quick_time import at_once

LONG_S = 1000.0


def test_when_nobody_has_anything_to_say_it_is_already_later():
    async def wait():
        begun_s = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(LONG_S):
                await asyncio.Event().wait()
        assert asyncio.get_running_loop().time() - begun_s >= LONG_S

    at_once(wait())


def test_what_a_thread_does_is_waited_for():
    async def work():
        async with asyncio.timeout(LONG_S):
            await asyncio.to_thread(time.sleep, 0.1)

    at_once(work())


def test_a_task_that_is_left_behind_is_told_of():
    async def leave():
        leave.task = asyncio.create_task(asyncio.Event().wait(), name="left behind")

    with pytest.raises(AssertionError, match="left behind"):
        at_once(leave())

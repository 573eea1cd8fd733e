import asyncio

import pytest

from mynah.emulator import interpreter
from mynah.emulator.ring import EmulatedRing
from mynah.errors import EmulatorError


async def test_a_ring_that_can_not_start_leaves_nothing_behind(monkeypatch):
    def nowhere():
        raise EmulatorError("no micropython here")

    monkeypatch.setattr(interpreter, "find_micropython", nowhere)
    ring = EmulatedRing()
    assert ring._folder.exists()

    with pytest.raises(EmulatorError, match="no micropython here"):
        await ring.__aenter__()

    assert not ring._folder.exists()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_answer_is_never_that_to_another_line():
    async with EmulatedRing() as ring:
        answers = [await ring.ask(line) for line in ("mynah id", "mynah key 00", "mynah id")]

    assert answers[0] == answers[2]
    assert answers[1] == "mynah error: a key has 64 hexadecimal digits"

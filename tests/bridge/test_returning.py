"""A conversation that outlives its connections: how often it is looked for, and when it is over."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import DeviceError, LinkError
from mynah.link.memory import MemoryLink
from mynah.link.place import Place
from mynah.returning import Returning
from mynah.view import View
from tests.bridge.scene import HOLD_MS, KEY, stages
from tests.bridge.virtual_time import in_virtual_time

AWAY_S = 5.0


class Fickle(MemoryLink):
    """A link whose ring is out of reach until a time."""

    absent_until_s = 0.0

    async def open(self):
        if now_s() < self.absent_until_s:
            await asyncio.sleep(0.5)
            raise LinkError("your ring is not in range after 0.5 s")
        return await super().open()

    def go(self, for_s):
        self.absent_until_s = now_s() + for_s
        self.cut()


def now_s():
    return asyncio.get_running_loop().time()


async def stays():
    await asyncio.Event().wait()


@asynccontextmanager
async def returning(*texts, link=None, patient=False):
    link = link or Fickle(SimulatedRing(KEY), KEY, delay_ms=20)
    turns = asyncio.Queue()
    place = Place("here", link, lambda _glimpse: "", stays)
    kept = Returning(place, stages(*texts), turns.put_nowait, View(), AWAY_S)
    running = asyncio.create_task(kept.run(patient=patient))
    try:
        yield kept, link, turns, running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@in_virtual_time
async def test_a_lost_conversation_is_there_again_and_the_next_turn_works():
    async with returning("heard") as (kept, link, turns, _):
        await kept.ready.wait()
        link.go(2)
        await asyncio.sleep(0.1)
        assert not kept.ready.is_set()

        await kept.ready.wait()
        link._peer.press(now_s() * 1000)
        link.pump()
        await asyncio.sleep(HOLD_MS / 1000)
        link._peer.release(now_s() * 1000)
        link.pump()

        assert (await turns.get()).heard == "heard"
        assert kept.losses == 1


@in_virtual_time
async def test_a_ring_that_stays_away_is_raised_as_what_it_was_lost_by_and_in_time():
    async with returning() as (kept, link, _, running):
        await kept.ready.wait()
        began_s = now_s()
        link.go(60)

        with pytest.raises(LinkError, match="out of reach"):
            await running
        assert now_s() - began_s == pytest.approx(AWAY_S, abs=0.6)


@in_virtual_time
@pytest.mark.parametrize(("patient", "wait_s"), [(False, 0.5), (True, AWAY_S)])
async def test_a_ring_that_was_never_there_is_looked_for_only_by_who_is_patient(patient, wait_s):
    link = Fickle(SimulatedRing(KEY), KEY)
    link.absent_until_s = 60
    async with returning(link=link, patient=patient) as (_, _, _, running):
        with pytest.raises(LinkError, match="not in range"):
            await running
        assert now_s() == pytest.approx(wait_s, abs=0.6)


@in_virtual_time
async def test_what_needs_a_person_is_raised_at_once():
    link = Fickle(SimulatedRing(bytes(32)), KEY)
    async with returning(link=link, patient=True) as (_, _, _, running):
        with pytest.raises(DeviceError, match="pair it"):
            await running
        assert now_s() < 1

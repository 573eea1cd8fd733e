"""A live conversation goes on whatever happens to the ring, until the person ends it."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import EmulatorError, LinkError, ModelError
from mynah.link.client import monotonic_ms
from mynah.link.memory import MemoryLink
from mynah.link.place import Place
from mynah.live import STARTS, WAITS_S, Live
from mynah.view import View
from mynah_device import talk
from tests.bridge.scene import HOLD_MS, KEY, stages
from tests.bridge.virtual_time import in_virtual_time

TAP_MS = 100
SOON_MS = 10_000  # with the next turn; by itself the ring would wait for 60 s


class Watcher(View):
    def __init__(self):
        self.turns = []
        self.troubles = []
        self.states = []
        self.rings = []

    def turn(self, record, companion):
        self.turns.append(record)

    def trouble(self, text):
        self.troubles.append(text)

    def show(self, glimpse, ring, hint):
        self.rings.append(ring)
        if glimpse is not None:
            self.states.append(glimpse.state)


class Room:
    """A ring, to be found again and again."""

    def __init__(self, *words, errors=()):
        self.watcher = Watcher()
        self.live = Live(stages(*words), "parrot", self.watcher, self.open)
        self.ring = SimulatedRing(KEY, clock_ms=12345)
        self.errors = list(errors)
        self.opened = 0
        self.gone = asyncio.get_running_loop().create_future()

    @asynccontextmanager
    async def open(self):
        self.opened += 1
        if self.errors:
            raise self.errors.pop(0)
        self.gone = asyncio.get_running_loop().create_future()
        self.link = MemoryLink(self.ring, KEY, delay_ms=20.0)
        yield Place("a ring", self.link, lambda glimpse: "talk", lambda: self.gone)

    async def hold(self, ms):
        await self.until(lambda: self.watcher.states)
        self.ring.press(monotonic_ms())
        self.link.pump()
        await asyncio.sleep(ms / 1000)
        self.ring.release(monotonic_ms())
        self.link.pump()

    async def say(self):
        """Hold the button for a while, and have the reply."""
        turns = len(self.watcher.turns)
        await self.hold(HOLD_MS)
        await self.until(lambda: len(self.watcher.turns) > turns)
        return self.watcher.turns[-1]

    async def until(self, condition):
        while not condition():  # noqa: ASYNC110 - virtual time: it costs nothing to look again
            await asyncio.sleep(0.01)


@asynccontextmanager
async def room(*words, **arguments):
    place = Room(*words, **arguments)
    running = asyncio.create_task(place.live.run(), name="run")
    try:
        yield place
        place.live.end()
        await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@in_virtual_time
async def test_a_turn_is_told_and_all_of_it_was_seen():
    async with room("good morning") as place:
        record = await place.say()

    assert (record.turn, record.heard, record.error) == (1, "good morning", None)
    assert list(dict.fromkeys(place.watcher.states)) == [
        "listening",
        "hearing",
        "speaking",  # the answer was ready: nothing is to be seen of "committed"
    ]
    assert place.live.summary == f"1 turn, answered within {record.v2v_ms:.0f} ms"


@in_virtual_time
async def test_a_ring_that_went_is_looked_for_again_and_the_turns_are_counted_on():
    async with room("one", "two") as place:
        await place.say()
        began_ms = monotonic_ms()
        place.watcher.states.clear()
        place.link.cut("the ring went out of reach")
        await place.until(lambda: place.opened == 2)
        waited_ms = monotonic_ms() - began_ms
        record = await place.say()

    assert place.watcher.troubles == ["the ring went out of reach; trying again in 1 s"]
    assert "the ring is out of reach" in place.watcher.rings
    assert waited_ms == pytest.approx(1000 * WAITS_S[0], abs=100)
    assert (record.turn, record.heard) == (2, "two")


@in_virtual_time
async def test_a_microphone_that_a_tap_left_open_is_closed_when_the_ring_is_back():
    async with room("heard") as place:
        await place.hold(TAP_MS)
        await asyncio.sleep(0.5)
        assert place.ring.core.talk.state == talk.OPEN
        place.link.cut()
        await place.until(lambda: place.opened == 2)
        place.watcher.states.clear()
        await place.until(lambda: place.watcher.states)
        began_ms = monotonic_ms()
        await place.until(lambda: place.ring.core.talk.state == talk.QUIET)
        record = await place.say()

    assert monotonic_ms() - began_ms < SOON_MS
    assert record.heard == "heard"


@in_virtual_time
async def test_a_ring_that_stays_away_is_looked_for_ever_more_seldom():
    async with room(errors=[LinkError("not in range")] * 8) as place:
        await place.until(lambda: place.watcher.states)
        waited_s = monotonic_ms() / 1000

    assert waited_s == pytest.approx(sum(WAITS_S) + 2 * WAITS_S[-1], abs=1)


@in_virtual_time
async def test_what_no_trying_mends_ends_it_at_once():
    place = Room(errors=[LinkError("no key", retryable=False)])

    with pytest.raises(LinkError, match="no key"):
        await place.live.run()

    assert place.opened == 1


@in_virtual_time
async def test_an_emulated_ring_that_never_starts_ends_it():
    place = Room(errors=[EmulatorError("no interpreter")] * STARTS)

    with pytest.raises(EmulatorError, match="no interpreter"):
        await place.live.run()

    assert place.opened == STARTS


@in_virtual_time
async def test_an_emulated_ring_that_dies_now_and_then_does_not():
    async with room("on and on") as place:
        for number in range(STARTS + 1):
            place.watcher.states.clear()
            await place.until(lambda: place.watcher.states)
            place.gone.set_exception(EmulatorError(f"death {number}"))
            await place.until(lambda: place.gone.done() is False)
        record = await place.say()

    assert record.heard == "on and on"


class Unloadable:
    async def start(self):
        raise ModelError("tiny.en is not here: run `mynah models get tiny.en`")

    async def stop(self):
        pass


@in_virtual_time
async def test_a_model_that_is_missing_ends_it_with_the_next_step():
    place = Room()
    place.live._stages.transcriber = Unloadable()

    with pytest.raises(ModelError, match="mynah models get"):
        await place.live.run()

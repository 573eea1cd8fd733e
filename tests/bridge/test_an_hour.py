"""An hour of turns in virtual time, of every kind: nothing grows that is not emptied again."""

import asyncio
import gc
import random
import sys
import warnings
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest

from mynah.app import Conversation
from mynah.audio import SPEECH_HZ
from mynah.emulator.simulated_ring import DEVICE_ID, SimulatedRing
from mynah.emulator.simulation import Simulation
from mynah.errors import CompanionError, LinkError, WorkerError
from mynah.inbox.fake_disk import FakeDisk
from mynah.inbox.inboxes import Inboxes
from mynah.inbox.journal import DONE as ANSWERED
from mynah.inbox.journal import OUTCOMES_KEPT, line
from mynah.inbox.key import Key
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.memory import MemoryLink
from mynah.reporting import KEPT
from mynah.speech.asr import Transcript
from mynah.turn.machine import NO_END
from mynah_device.journal import MOST_LINES
from mynah_wire.downlink import Kept
from mynah_wire.uplink import DONE, FLUSHED, Cursor
from tests.bridge.scene import DELAY_MS, HOLD_MS, KEY, SPEECH_MS, stages
from tests.bridge.sizes import sizes
from tests.bridge.virtual_time import in_virtual_time

HOUR_S = 3600
BOOT_ID = 1
CONNECTION_TURNS = 25
WARM_S = 600  # by then every kind of turn was there, and every cache is filled
PAUSE_S = 12  # between two turns; much longer than anything takes to end
SETTLE_S = 100  # a timer that was cancelled stays in its loop until its time, at most 90 s, comes
HEARS_S = 0.1
TOUCH_MS = 100

GROWN_BLOCKS = 100
"""Of Python's memory, from minute 10 to the end, 250 turns and more: a leak has one a turn."""

HOLDS_MS = {"pause": SPEECH_MS + 150, "go on": SPEECH_MS + 350}
KINDS = ("hold", *HOLDS_MS, "tap", "stop", "interrupt", "think", "touch", "fail", "deaf", "broken")
"""What a turn may be. Two pause in it: at the end, or before more is said."""


ERRORS = (
    "no words were heard",
    "whisper ended",
    "the connection was cut",
    "the link was lost: the ring went out of reach",
    f"the link was lost: the ring went out of reach; {KEPT}",
    f"{NO_END}; {KEPT}",  # pressed again at once, while the ring still told what had been said
)


class Disk(FakeDisk):
    """What lies on it is not in memory; it remembers as much as it ever does."""

    def __init__(self):
        super().__init__()
        before = [Key(DEVICE_ID.hex(), 2, stream) for stream in range(OUTCOMES_KEPT)]
        self.replace("journal", b"".join(line(key, ANSWERED) for key in before))


def long_worn(ring):
    """A ring whose log is full."""
    for _ in range(MOST_LINES):
        ring.core.workshop.journal.note("before", 0)
    return ring


class Phrases:
    """A long phrase, a pause of 200 ms, a short one; then silence."""

    def __init__(self):
        self._heard_ms = 0

    def probability(self, frame):
        self._heard_ms += len(frame) // 16
        paused = SPEECH_MS < self._heard_ms <= SPEECH_MS + 200
        return float(self._heard_ms <= SPEECH_MS + 400 and not paused)


class Hearing:
    """Hears the kind of turn that it is."""

    kind = ""

    async def start(self):
        pass

    async def stop(self):
        pass

    async def transcribe(self, samples):
        await asyncio.sleep(HEARS_S)
        if self.kind == "broken":
            raise WorkerError("whisper ended")
        text = "" if self.kind == "deaf" else self.kind
        return Transcript(text, "en", 0.0, 0.0, 1.0)

    async def versions(self, samples):
        yield await self.transcribe(samples)

    async def follow(self, samples, *, captions):
        pass


class Talker:
    """Answers shortly, at length if it will be stopped, or not at all."""

    async def reply(self, said):
        if said.text == "fail":
            yield "Well, that is"
            raise CompanionError("the connection was cut")
        long = said.text in ("stop", "interrupt")
        yield "It takes three seconds to say all of this aloud. " if long else "I hear you."

    async def close(self):
        pass


@dataclass(frozen=True, slots=True)
class Measured:
    blocks: int
    tasks: int
    timers: int
    sizes: dict[str, int]


def measured(tasks, timers, *everything):
    gc.collect()
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        sys._clear_type_cache()  # up to 4096 names of attributes: before 3.12 each `case` adds
    return Measured(sys.getallocatedblocks(), tasks, timers, sizes(*everything))


class Hour:
    """One ring and one owner, over one connection after another."""

    def __init__(self):
        self.ring = long_worn(SimulatedRing(KEY, clock_ms=12345))
        self.ring.hears = np.random.default_rng(1).normal(0, 3000, 16_000).astype(np.int16)
        self.hearing = Hearing()
        self.stages = stages(transcriber=self.hearing, companion=Talker(), new_detector=Phrases)
        disk = Disk()
        self.stages.inboxes = Inboxes(lambda _: disk)
        self.turns = 0
        self.errors = Counter()
        self.guesses = Counter()
        self.warm = self.last = None
        self._chance = random.Random(1)

    async def pass_by(self):
        while monotonic_ms() < HOUR_S * 1000:
            await self._connection()

    async def _connection(self):
        self.link = MemoryLink(self.ring, KEY, delay_ms=DELAY_MS)
        async with RingClient(self.link) as self.client:
            self.conversation = Conversation(self.client, self.stages, self._on_turn)
            running = asyncio.create_task(self.conversation.run(), name="conversation")
            await self.conversation.ready.wait()
            for _ in range(CONNECTION_TURNS):
                await self._turn(self._chance.choice(KINDS))
            if self.warm is None or monotonic_ms() > HOUR_S * 1000:
                await self._turn("hold")
                await asyncio.sleep(SETTLE_S)
                self.last = self._measured()
            if self.warm is None and monotonic_ms() > WARM_S * 1000:
                self.warm = self.last
            await self._hold(self._chance.uniform(0, HOLD_MS))  # lost in mid-turn, anywhere
            await asyncio.sleep(self._chance.uniform(0, 2))
            self.link.cut()
            with pytest.raises(LinkError):
                await running

    async def _turn(self, kind):
        self.hearing.kind = kind
        if kind == "tap":
            await self._hold(TOUCH_MS)
            await asyncio.sleep(SPEECH_MS / 1000)
        else:
            await self._hold(HOLDS_MS.get(kind, HOLD_MS))
        if kind in ("stop", "interrupt"):
            await asyncio.sleep(self._chance.uniform(0.2, 2.5))
            await self._hold(TOUCH_MS if kind == "stop" else HOLD_MS)
        elif kind == "think":
            await self._hold(HOLD_MS)
        elif kind == "touch":
            await asyncio.sleep(0.5)
            await self._hold(TOUCH_MS)
        await asyncio.sleep(PAUSE_S)
        self.ring.played.clear()  # the recording

    async def _hold(self, ms):
        self.ring.press(monotonic_ms())
        self.link.pump()
        await asyncio.sleep(ms / 1000)
        self.ring.release(monotonic_ms())
        self.link.pump()

    def _on_turn(self, record):
        self.turns += 1
        self.errors[record.error] += 1
        self.guesses["hits"] += record.guesses.hits
        self.guesses["misses"] += record.guesses.misses

    def _measured(self):
        timers = sum(not timer.cancelled() for timer in asyncio.get_running_loop()._scheduled)
        everything = (self.ring, self.link, self.client, self.conversation, self.stages)
        return measured(len(asyncio.all_tasks()), timers, *everything)


@in_virtual_time
async def test_an_hour_of_conversation_leaves_nothing_behind():
    hour = Hour()
    await hour.pass_by()

    assert hour.turns > 300
    assert set(hour.errors) == {None, *ERRORS}
    assert min(hour.guesses["hits"], hour.guesses["misses"]) > 20
    assert_no_growth(hour.warm, hour.last)


def assert_no_growth(warm, last):
    assert (last.tasks, last.timers, last.sizes) == (warm.tasks, warm.timers, warm.sizes)
    assert last.blocks - warm.blocks < GROWN_BLOCKS


def test_an_hour_of_both_cores_leaves_nothing_behind():
    ring = long_worn(SimulatedRing(KEY))
    warm, turns, now_ms = None, 0, 0.0
    while now_ms < HOUR_S * 1000:
        simulation = Simulation(ring, KEY, now_ms=now_ms)
        simulation.run_for(1000)
        for _ in range(CONNECTION_TURNS):
            turns += 1
            speak_both_ways(simulation, turns, flushed=turns % 2 == 0)
        last = measured(0, 0, ring, simulation)
        warm = last if turns <= 2 * CONNECTION_TURNS else warm  # every table is filled
        simulation.cut()
        now_ms = simulation.now_ms

    assert turns > 250
    assert_no_growth(warm, last)


def speak_both_ways(simulation, reply, *, flushed):
    ring, downlink = simulation.ring, simulation.session.downlink
    ring.press(simulation.now_ms)
    simulation.run_for(HOLD_MS)
    ring.release(simulation.now_ms)
    downlink.begin(reply)
    downlink.go(reply)
    downlink.push(reply, np.full(SPEECH_HZ, 1000, np.int16))
    downlink.finish(reply)
    simulation.run_for(HOLD_MS)
    if flushed:
        downlink.flush(reply)
    simulation.session.tell(Kept(BOOT_ID, ring.core.talk.stream))
    simulation.run_for(1000 * PAUSE_S)
    assert simulation.said(Cursor)[-1].state == (FLUSHED if flushed else DONE)
    simulation.heard.clear()
    ring.played.clear()

"""A ring that comes and goes, and a bridge that does so as well, in virtual time."""

import asyncio
from contextlib import asynccontextmanager

import numpy as np
import pytest

from mynah.app import Conversation
from mynah.emulator.simulated_flash import SimulatedFlash
from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import LinkError
from mynah.inbox.fake_disk import FakeDisk
from mynah.inbox.inboxes import Inboxes
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.memory import MemoryLink
from tests.bridge.scene import KEY, NEVER_S, stages

DELAY_MS = 20.0
HOLD_MS = 600
REST_S = 15  # longer than anything takes to come a second time


class Mortal:
    """The disk, as long as its computer lives."""

    def __init__(self, home):
        self._home = home

    def __getattr__(self, name):
        return getattr(FakeDisk() if self._home.dead else self._home.disk, name)


class Home:
    """A ring that comes and goes, and a bridge that does so as well."""

    def __init__(self, *texts, disk=None, **parts):
        self.flash = SimulatedFlash()
        self.disk = disk or FakeDisk()
        self.turns = []
        self.troubles = []
        self.dead = False
        self.boot(1)
        self.begin(*texts, **parts)

    def boot(self, boot_id):
        self.ring = SimulatedRing(KEY, clock_ms=12345, boot_id=boot_id, flash=self.flash)
        noise = np.random.default_rng(1).normal(0, 3000, 16 * 300_000)
        self.ring.hears = noise.astype(np.int16)
        self.link = MemoryLink(self.ring, KEY, delay_ms=DELAY_MS)

    def begin(self, *texts, **parts):
        """The bridge starts, with what its disk has."""
        self.stages = stages(*texts, **parts)
        self.stages.inboxes = Inboxes(lambda _: Mortal(self), lambda: monotonic_ms() / 1000)

    def die(self):
        """What the bridge still does leaves no trace."""
        self.disk.kill()
        self.dead = True

    @asynccontextmanager
    async def connected(self):
        self.dead = False
        self.link = MemoryLink(self.ring, KEY, delay_ms=DELAY_MS)
        self.ring.advance(monotonic_ms())
        async with RingClient(self.link) as client:
            self.conversation = self.converse(client)
            running = asyncio.create_task(self.conversation.run(), name="conversation")
            try:
                await self.conversation.ready.wait()
                await self.until(lambda: client.session.clock.round_trip_ms is not None)
                yield running
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    def converse(self, client):
        return Conversation(client, self.stages, self._tell, None, self.troubles.append)

    def _tell(self, record):
        if not self.dead:
            self.turns.append(record)

    async def cut(self, running):
        self.link.cut("the ring went out of reach")
        with pytest.raises(LinkError):
            await running

    async def hold(self, ms=HOLD_MS):
        self.press()
        await self.live(ms)
        self.release()

    def press(self):
        self._touch(self.ring.press)

    def release(self):
        self._touch(self.ring.release)

    def _touch(self, touch):
        self.ring.advance(monotonic_ms())
        touch(monotonic_ms())
        self.link.pump()

    async def live(self, ms):
        """Out of reach nobody else lets the ring's time pass."""
        for _ in range(round(ms / 20)):
            await asyncio.sleep(0.02)
            if not self.link._connected:
                self.ring.advance(monotonic_ms())

    async def turn(self, number=1):
        await self.until(lambda: len(self.turns) >= number)
        return self.turns[number - 1]

    async def until(self, condition):
        async with asyncio.timeout(NEVER_S):
            while not condition():  # noqa: ASYNC110 - virtual time: it costs little to look again
                await asyncio.sleep(0.02)

    async def rest(self):
        """Nothing comes after it, and nothing is left of it."""
        told = list(self.turns)
        await asyncio.sleep(REST_S)
        assert self.turns == told
        assert [name for name in self.disk.names() if name != "journal"] == []

"""The ring's own speaker, over a link in memory, as the speakers' contract wants it."""

import asyncio
from array import array
from contextlib import aclosing

import numpy as np

from mynah.audio.speaker import Played
from mynah.emulator.simulated_ring import SimulatedRing
from mynah.link.client import RingClient
from mynah.link.downlink import CODEC
from mynah.link.memory import MemoryLink
from mynah.link.ring_speaker import RingSpeaker
from mynah_wire.uplink import Cursor
from tests.bridge.speaker_contract import Bench

KEY = bytes(range(32))
DELAY_MS = 20.0


class RingBench(Bench):
    """What it tells comes late, by the delay of the link."""

    def __init__(self):
        self.told = []
        self._news = asyncio.Event()
        self.ring = SimulatedRing(KEY)
        self.client = RingClient(MemoryLink(self.ring, KEY, delay_ms=DELAY_MS))
        self.speaker = RingSpeaker(self.client)
        self.heard = self.ring.sound
        self._running = None

    async def __aenter__(self):
        await self.client.__aenter__()
        self._running = asyncio.create_task(self._run(), name="ring's messages")
        while self.client.session.clock.round_trip_ms is None:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.02)
        return self

    async def __aexit__(self, *error):
        await super().__aexit__(*error)
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self.client.__aexit__()

    @property
    def queued_ms(self):
        return self.client.session.downlink.queued_ms

    def spoken(self, sound):
        """Through the codec of the link."""
        frame, state = bytearray(CODEC.frame_bytes), array("i", (0, 0))
        pcm = bytearray(sound.astype("<i2").tobytes())
        for start in range(0, len(pcm), CODEC.pcm_bytes):
            CODEC.encode_frame(pcm[start : start + CODEC.pcm_bytes], frame, 0, state)
            CODEC.decode_frame(bytes(frame), 0, pcm, start)
        return np.frombuffer(pcm, "<i2")

    async def _run(self):
        async with aclosing(self.client.messages()) as messages:
            async for message in messages:
                if isinstance(message, Cursor):
                    at_ms = self.client.session.clock.host_ms(message.device_ms)
                    self._hear(Played(message.reply, message.state, message.samples, at_ms))

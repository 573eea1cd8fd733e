"""From the outbox to the host: sealed at the moment of sending, repeated unchanged when refused.

Nothing is allocated for a frame: it is sealed and notified where it lies.
"""

import asyncio
import time

from mynah_device.outbox import AUDIO_PLAINTEXT_BYTES
from mynah_device.ring import Ring
from mynah_wire.channel import Channel
from mynah_wire.gatt import BEST_MTU, record_limit

from .links import Links


class Sender:
    """Empties the outbox while a proven host listens."""

    def __init__(self, ring: Ring, links: Links) -> None:
        self.wake = asyncio.Event()
        self._ring = ring
        self._links = links
        self._control = bytearray(record_limit(BEST_MTU))

    async def run(self) -> None:
        """Send for ever."""
        while True:
            self.wake.clear()
            while self._ring.session.proven and await self._send_next():
                pass
            await self.wake.wait()

    async def _send_next(self) -> bool:
        outbox = self._ring.outbox
        channel = self._ring.session.channel
        if channel is None:
            return False
        plaintext = outbox.control()
        if plaintext is not None:
            self._control[4 : 4 + len(plaintext)] = plaintext
            end = channel.seal(self._control, len(plaintext))
            return await self._deliver(channel, memoryview(self._control)[:end], -1)
        slot = outbox.audio()
        if slot is None:
            return False
        frame = outbox.oldest
        channel.seal(slot, AUDIO_PLAINTEXT_BYTES)
        if await self._deliver(channel, slot, frame):
            if outbox.oldest == frame:
                outbox.sent()
            return True
        if outbox.oldest == frame:
            outbox.lose_sealed()  # sealed for a connection that is gone
        return False

    async def _deliver(
        self, channel: Channel, record: "bytearray | memoryview", frame: int
    ) -> bool:
        # True when there is nothing left to do for this record: sent, or dropped meanwhile.
        ring = self._ring
        while ring.session.channel is channel:
            if frame >= 0 and ring.outbox.oldest != frame:
                return True  # its slot was taken for newer sound: never send what lies there now
            wait_ms = ring.pacer.wait_ms(time.ticks_ms())
            if wait_ms == 0:
                if self._links.notify(record):
                    ring.pacer.sent(time.ticks_ms())
                    return True
                ring.enomem += 1
                wait_ms = ring.pacer.interval_ms
            await asyncio.sleep_ms(wait_ms)
        return False

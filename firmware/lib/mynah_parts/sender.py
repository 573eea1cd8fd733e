"""From the ring's core to the host: sealed at the moment of sending, repeated unchanged if refused.

Nothing is allocated for a frame: it is copied, sealed and notified in one buffer. The plaintext
stays where it was, so a link that goes takes nothing with it.
"""

import asyncio
import time

from mynah_device.health import Heart
from mynah_device.memory import AUDIO_PLAINTEXT_BYTES
from mynah_device.ring import Ring
from mynah_wire.channel import Channel
from mynah_wire.gatt import BEST_MTU, record_limit
from mynah_wire.record import OVERHEAD_BYTES

from .links import Links

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable


def _nothing() -> None:
    """Nobody has more."""


class Sender:
    """Says all that the ring has to say while a proven host listens."""

    def __init__(self, ring: Ring, links: Links) -> None:
        self.heart = Heart()
        self._wake = asyncio.Event()
        self._ring = ring
        self.links = links
        # Called when all has been said: more may have to come from flash.
        self.on_idle: "Callable[[], None]" = _nothing
        self._refused: "tuple[Channel, bytes] | None" = None
        self._record = bytearray(record_limit(BEST_MTU))
        # Of a frame, made once: a slice is an object.
        self._frame = memoryview(self._record)[: AUDIO_PLAINTEXT_BYTES + OVERHEAD_BYTES]

    def poke(self) -> None:
        """There may be something to send."""
        self._wake.set()

    async def run(self) -> None:
        """Send for ever."""
        while True:
            self.heart.beat()
            self._wake.clear()
            await self._repeat()
            while self._ring.session.proven and await self._send_next():
                pass
            self.on_idle()
            await self._wake.wait()

    def say(self, record: bytes) -> None:
        """Say a record of the handshake now; if it is refused, again, before anything sealed."""
        channel = self._ring.session.channel
        # One place is enough: neither side says more before the other has answered.
        if channel is not None and not self.links.notify(record):
            self._ring.enomem += 1
            self._refused = (channel, record)

    async def _repeat(self) -> None:
        # Five seconds at most: then one of the two hangs up on a handshake that has not ended.
        while self._refused is not None:
            channel, record = self._refused
            self._refused = None
            await self._deliver(channel, record)

    async def _send_next(self) -> bool:
        channel = self._ring.session.channel
        record = self.seal_next()
        if channel is None or record is None:
            return False
        return await self._deliver(channel, record)

    def seal_next(self) -> "memoryview | None":
        """The next record, None if there is nothing to say. Allocates nothing for a frame."""
        channel = self._ring.session.channel
        if channel is None:
            return None
        length = self._ring.next_plaintext(self._record, time.ticks_ms())
        if length == 0:
            return None
        end = channel.seal(self._record, length)
        if length == AUDIO_PLAINTEXT_BYTES:
            return self._frame
        return memoryview(self._record)[:end]

    async def _deliver(self, channel: Channel, record: "bytes | memoryview") -> bool:
        # False if its connection went before it was taken.
        ring = self._ring
        while ring.session.channel is channel:
            self.heart.beat()
            wait_ms = ring.pacer.wait_ms(time.ticks_ms())
            if wait_ms == 0:
                if self.links.notify(record):
                    ring.pacer.sent(time.ticks_ms())
                    return True
                ring.enomem += 1
                wait_ms = ring.pacer.interval_ms
            await asyncio.sleep_ms(wait_ms)
        return False

"""A link whose other end is in this process: a simulated ring, or whoever plays one."""

import asyncio
from typing import Final, Protocol

from mynah.errors import LinkError
from mynah.link.delay_line import DelayLine
from mynah_wire.gatt import BEST_MTU

DEVICE_ID: Final = "0001020304050607"
"""Of the ring at the other end, where there is but one."""


class Peer(Protocol):
    """Who is at the other end. Times are the loop's, in milliseconds."""

    hung_up: bool
    """It wants the connection to end, and says no more."""

    def connected(self, mtu: int, now_ms: float) -> None:
        """The host is there."""

    def disconnected(self, now_ms: float) -> None:
        """The host is gone."""

    def receive(self, record: bytes, now_ms: float) -> None:
        """The host sent a record."""

    def advance(self, now_ms: float) -> list[bytes]:
        """Do all that is due; the records that it sends."""

    def deadline_ms(self) -> float | None:
        """When to `advance` at the latest."""


class MemoryLink:
    """Delay, loss and a cut, at will: change `up` and `down`, call `cut`."""

    def __init__(
        self,
        peer: Peer,
        key: bytes,
        mtu: int = BEST_MTU,
        delay_ms: float = 0.0,
        device_id: str = DEVICE_ID,
    ) -> None:
        self.device_id = device_id
        self.name = "memory:"
        self.up = DelayLine(delay_ms)
        """From the peer to the host."""
        self.down = DelayLine(delay_ms)
        self._peer = peer
        self._key = key
        self._mtu = mtu
        self._records: asyncio.Queue[bytes | LinkError] = asyncio.Queue()
        self._timer: asyncio.TimerHandle | None = None
        self._connected = False

    @property
    def key(self) -> bytes:
        return self._key

    async def open(self) -> int:
        self._records = asyncio.Queue()
        self._connected = True
        self._peer.connected(self._mtu, self._now_ms())
        self.pump()
        return self._mtu

    async def send(self, record: bytes) -> None:
        if not self._connected:
            raise LinkError("the ring is not connected")
        self.down.put(record, self._now_ms())
        self.pump()

    async def receive(self) -> bytes:
        record = await self._records.get()
        if isinstance(record, LinkError):
            self._records.put_nowait(record)  # and so for whoever asks next
            raise record
        return record

    async def close(self) -> None:
        self.cut("the link was closed")

    def cut(self, reason: str = "the ring went out of reach") -> None:
        """End the connection, from outside; what is under way is lost, what arrived is not."""
        if not self._connected:
            return
        self._connected = False
        self.up.clear()
        self.down.clear()
        self._peer.disconnected(self._now_ms())
        self._records.put_nowait(LinkError(reason))

    def pump(self) -> None:
        """Carry what is due. Call it when something happened to the peer: a press of its button."""
        if self._timer is not None:
            self._timer.cancel()
        if not self._connected:
            return
        now_ms = self._now_ms()
        for record in self.down.take(now_ms):
            self._peer.receive(record, now_ms)
        for record in self._peer.advance(now_ms):
            self.up.put(record, now_ms)
        for record in self.up.take(now_ms):
            self._records.put_nowait(record)
        if self._peer.hung_up and self.up.deadline_ms() is None:
            self.cut("the ring hung up")
        else:
            self._wait()

    def _wait(self) -> None:
        moments = [self.up.deadline_ms(), self.down.deadline_ms(), self._peer.deadline_ms()]
        due_ms = min((moment for moment in moments if moment is not None), default=None)
        if due_ms is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, due_ms - self._now_ms()) / 1000, self.pump)

    def _now_ms(self) -> float:
        # In whole microseconds: a deadline that was divided and multiplied again has still come.
        return round(asyncio.get_running_loop().time() * 1000, 3)

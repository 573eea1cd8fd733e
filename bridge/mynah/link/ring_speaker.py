"""The ring's own speaker: what a conversation plays, on its way over the link."""

from mynah.audio import Samples
from mynah.link.client import RingClient


class RingSpeaker:
    """A Speaker for one connection; the ring's cursors come as messages of its own."""

    def __init__(self, ring: RingClient) -> None:
        self._ring = ring

    @property
    def stops_itself(self) -> bool:
        return True

    @property
    def delay_ms(self) -> float:
        """Half of the link's least round trip."""
        return (self._ring.session.clock.round_trip_ms or 0.0) / 2

    def begin(self, reply: int) -> None:
        self._ring.session.downlink.begin(reply)
        self._ring.wake()

    def push(self, reply: int, samples: Samples) -> None:
        self._ring.session.downlink.push(reply, samples)
        self._ring.wake()

    def go(self, reply: int) -> None:
        self._ring.session.downlink.go(reply)
        self._ring.wake()

    def finish(self, reply: int) -> None:
        self._ring.session.downlink.finish(reply)
        self._ring.wake()

    def duck(self, reply: int) -> None:
        self._ring.session.downlink.duck(reply)
        self._ring.wake()

    def pause(self, reply: int) -> None:
        self._ring.session.downlink.pause(reply)
        self._ring.wake()

    def resume(self, reply: int) -> None:
        self._ring.session.downlink.resume(reply)
        self._ring.wake()

    def drop(self, reply: int) -> None:
        self._ring.session.downlink.drop(reply)
        self._ring.wake()

    def flush(self, reply: int) -> None:
        self._ring.session.downlink.flush(reply)
        self._ring.wake()

    async def drained(self, queued_ms: int) -> None:
        await self._ring.drained(queued_ms)

    async def close(self) -> None:
        """The ring's buffer is the ring's business."""

"""What every transport offers: records out, records in, and an honest end."""

from typing import Protocol


class Link(Protocol):
    """One way to reach one ring. `open` may be called again after `close` or a LinkError."""

    name: str
    """What a person calls it, as in `ble:NAME`."""

    async def open(self) -> int:
        """Connect; return the ATT MTU that records are sized from."""

    @property
    def key(self) -> bytes:
        """The key of the ring that was found; valid once `open` returned."""

    @property
    def device_id(self) -> str:
        """Whose key that is, in 16 hexadecimal digits: the ring may say of itself nothing else."""

    async def send(self, record: bytes) -> None:
        """Hand one record over; waits while the transport is full. LinkError if it is gone."""

    async def receive(self) -> bytes:
        """The next record. LinkError when the link is gone, after all that came before."""

    async def close(self) -> None:
        """Hang up; may be called twice."""

"""A link in the steps that a supervisor takes: be heard, connect, agree; and what to forget."""

from typing import Protocol, runtime_checkable

from mynah.link.base import Link


@runtime_checkable
class Steps(Protocol):
    """A link whose `open` is done step by step; `close` undoes any of them."""

    async def find(self) -> None:
        """Wait until the ring is heard, however long that takes. LinkError if nobody can listen."""

    async def connect(self, *, cached: bool) -> None:
        """Connect to what was found; with `cached` as false believe nothing remembered of it."""

    async def agree(self) -> int:
        """Listen to the ring; the MTU."""

    async def forget(self) -> None:
        """Clear what this computer remembers of the ring, and connections that nobody holds."""


class Whole:
    """Steps of a link that knows only `open`: a cable, or one in memory."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._mtu = 0

    async def find(self) -> None:
        """Whether it is there is found out by opening it."""

    async def connect(self, *, cached: bool) -> None:
        del cached
        self._mtu = await self._link.open()

    async def agree(self) -> int:
        return self._mtu

    async def forget(self) -> None:
        """It remembers nothing."""


def steps_of(link: Link) -> Steps:
    """Its own, if it has them."""
    return link if isinstance(link, Steps) else Whole(link)


class Opened:
    """A link that is open already, as one that `open` opens: for a conversation."""

    def __init__(self, link: Link, mtu: int) -> None:
        self.name = link.name
        self._link = link
        self._mtu = mtu

    @property
    def key(self) -> bytes:
        return self._link.key

    @property
    def device_id(self) -> str:
        return self._link.device_id

    async def open(self) -> int:
        return self._mtu

    async def send(self, record: bytes) -> None:
        await self._link.send(record)

    async def receive(self) -> bytes:
        return await self._link.receive()

    async def close(self) -> None:
        await self._link.close()

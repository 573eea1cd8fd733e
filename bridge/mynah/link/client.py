"""The ring, as the bridge sees it: one connection's session, joined to a link and a clock."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Self

from mynah.errors import LinkError
from mynah.link.base import Link
from mynah.link.rest import Rest, build_of
from mynah.link.session import HostSession
from mynah_wire.message import Message
from mynah_wire.uplink import Ready


def monotonic_ms() -> float:
    """The loop's clock, in the unit of every deadline here."""
    return asyncio.get_running_loop().time() * 1000


class RingClient:
    """Use it as `async with RingClient(link) as ring`; one connection, used once."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._session: HostSession | None = None
        self._rest = Rest("", 0.0)
        self._wake = asyncio.Event()
        self._sent = asyncio.Event()

    @property
    def session(self) -> HostSession:
        """The protocol's state; valid once open."""
        if self._session is None:
            raise LinkError("the ring is not connected")
        return self._session

    def wake(self) -> None:
        """Something was put into the session's downlink."""
        self._wake.set()

    async def drained(self, queued_ms: int) -> None:
        """Wait until no more than this of reply audio waits for the ring."""
        while self.session.downlink.queued_ms > queued_ms:
            self._sent.clear()
            await self._sent.wait()

    async def __aenter__(self) -> Self:
        mtu = await self._link.open()
        self._session = HostSession(
            self._link.key, mtu, monotonic_ms(), device_id=self._link.device_id
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._link.close()

    def tell(self, message: Message) -> None:
        """Send a command as soon as the radio takes it."""
        self.session.tell(message)
        self._wake.set()

    async def messages(self) -> AsyncGenerator[Message, None]:
        """Everything the ring says, until the link is gone (LinkError, DeviceError).

        Close the generator if you leave it before its end: it has a task of its own.
        """
        sender = asyncio.create_task(self._send(), name="link sender")
        try:
            while True:
                record = await self._receive(sender)
                if record is not None:
                    for message in self.session.receive(record, monotonic_ms()):
                        self._heed(message)
                        yield message
                self.session.tick(monotonic_ms())
                self._wake.set()
        except LinkError as error:
            if self._rest.begun(monotonic_ms()):
                raise LinkError("the ring went to sleep") from error
            raise
        finally:
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError, LinkError):
                await sender

    def _heed(self, message: Message) -> None:
        if isinstance(message, Ready):
            self._rest = Rest(build_of(message.board), monotonic_ms())
        self._rest.heed(message, monotonic_ms())

    async def _receive(self, sender: "asyncio.Task[None]") -> bytes | None:
        """The next record, or None when a deadline came first."""
        if sender.done():
            sender.result()
        wait_s = max(0.0, self.session.deadline_ms() - monotonic_ms()) / 1000
        try:
            async with asyncio.timeout(wait_s):
                return await self._link.receive()
        except TimeoutError:
            return None

    async def _send(self) -> None:
        while True:
            self._wake.clear()
            while (record := self.session.next()) is not None:
                await self._link.send(record)
                self._sent.set()
            await self._wake.wait()

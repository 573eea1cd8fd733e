"""Sends an update to a ring, and waits until it is the one that stays.

A link that is lost is opened again: the ring says how far it is, also after its power went.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from mynah.errors import BluetoothError, DeviceError, LinkError, MynahError, printable
from mynah.link.base import Link
from mynah.link.client import RingClient, monotonic_ms
from mynah.maker.bundle import Bundle
from mynah.maker.update_advice import advice
from mynah_device.updating import WINDOW_BYTES
from mynah_wire.making import (
    COMPLETE,
    CONFIRMED,
    INSTALLED,
    REFUSED,
    TAKING,
    Block,
    Install,
    Offer,
    Updating,
)
from mynah_wire.message import Message
from mynah_wire.uplink import Ready

TOKEN: Final = 0x7570

STALLED_MS: Final = 6000.0
"""A ring that hears or speaks writes no flash; a record may be lost. Then the offer is repeated."""

BUSY_S: Final = 2.0
"""Between offers to a ring that can't take one now."""

PATIENCE_S: Final = 180.0
"""For a ring that answers nothing new, lost or busy: then it is a person's turn."""

AGAIN_S: Final = 1.0
"""Between attempts to reach it."""

LOOKING: Final = "looking for the ring…"

_HEADER_BYTES: Final = 5  # of a BLOCK: its kind and its offset
_PASSING: Final = ("it hears or speaks", "the build that runs is on trial")


@dataclass(frozen=True, slots=True)
class Progress:
    """What to show now."""

    text: str
    sent: int
    size: int


@dataclass(frozen=True, slots=True)
class Updated:
    """What came of it."""

    before: int
    after: int
    board: str
    resumed: int
    """How often it went on after the link was lost."""


async def update(
    link: Link,
    bundle_for: Callable[[Ready], Awaitable[Bundle]],
    show: Callable[[Progress], None],
) -> Updated:
    """Returns when the ring has confirmed the build; MynahError with the next step otherwise.

    `bundle_for` is asked once, while nothing is connected: it may compile.
    """
    return await _Update(link, bundle_for, show).run()


class _Update:
    def __init__(
        self,
        link: Link,
        bundle_for: Callable[[Ready], Awaitable[Bundle]],
        show: Callable[[Progress], None],
    ) -> None:
        self._link = link
        self._bundle_for = bundle_for
        self._show = show
        self._bundle: Bundle | None = None
        self._first: Ready | None = None
        self._installed = False
        self._at = 0  # sent so far
        self._known = 0  # by the ring
        self._news_ms = 0.0  # when the ring said something
        self._moved_ms = 0.0  # when it said something new
        self._resumed = -1

    async def run(self) -> Updated:
        self._news_ms = self._moved_ms = monotonic_ms()
        while True:
            try:
                if await self._connection():
                    break
                if self._bundle is None and self._first is not None:
                    self._bundle = await self._bundle_for(self._first)
                    continue
            except (LinkError, DeviceError) as error:
                hopeless = isinstance(error, BluetoothError) and self._first is None
                if hopeless or (isinstance(error, LinkError) and not error.retryable):
                    raise
                self._check_patience(error)
            await asyncio.sleep(AGAIN_S)
        first, bundle = self._known_ring()
        return Updated(first.build, bundle.build, _text(first.board), max(0, self._resumed))

    async def _connection(self) -> bool:
        """One, from its greeting to its end; True if all is done."""
        async with RingClient(self._link) as client, aclosing(client.messages()) as messages:
            ready = await self._greeted(messages)
            if self._first is None:
                self._first = ready
                return False  # compiling takes some seconds: the ring is free meanwhile
            self._check_build(ready)
            self._resumed += not self._installed
            talk = asyncio.create_task(self._converse(client, messages), name="update")
            watch = asyncio.create_task(self._repeat(client), name="update watch")
            try:
                done, _ = await asyncio.wait({talk, watch}, return_when=asyncio.FIRST_COMPLETED)
                return done.pop().result()
            finally:
                talk.cancel()
                watch.cancel()
                await asyncio.gather(talk, watch, return_exceptions=True)

    async def _greeted(self, messages: AsyncGenerator[Message, None]) -> Ready:
        async for message in messages:
            if isinstance(message, Ready):
                return message
        raise LinkError("the ring said nothing")

    async def _converse(self, client: RingClient, messages: AsyncGenerator[Message, None]) -> bool:
        self._offer(client)
        async for message in messages:
            if isinstance(message, Updating):
                self._news_ms = monotonic_ms()
                if await self._obey(message, client):
                    return True
        return False

    async def _obey(self, said: Updating, client: RingClient) -> bool:
        _, bundle = self._known_ring()
        detail = _text(said.detail)
        if said.state == REFUSED:
            await self._refused(detail, client)
        elif said.state == TAKING:
            self._send(client, said.offset, again=bool(detail) or said.offset < self._known)
        elif said.state == COMPLETE and not self._installed:
            self._tell("the ring checks it", len(bundle.data))
            client.tell(Install(TOKEN))
        elif said.state == INSTALLED:
            self._installed, self._moved_ms = True, monotonic_ms()
            self._tell("the ring starts it, on trial", len(bundle.data))
        elif said.state == CONFIRMED:
            self._tell("confirmed", len(bundle.data))
            return True
        return False

    async def _refused(self, detail: str, client: RingClient) -> None:
        if not detail.startswith(_PASSING):
            raise UpdateRefusedError(detail)
        self._tell(detail, self._known)
        await asyncio.sleep(BUSY_S)
        self._offer(client)

    def _send(self, client: RingClient, offset: int, *, again: bool) -> None:
        _, bundle = self._known_ring()
        if offset > self._known:
            self._moved_ms = monotonic_ms()
        self._known = offset
        self._at = offset if again else max(self._at, offset)
        step = client.session.channel.room - _HEADER_BYTES
        # What is sent again comes behind what still waits: no more than a queue of commands holds.
        window = WINDOW_BYTES // 2 if again else WINDOW_BYTES
        end = min(offset + window, len(bundle.data))
        while self._at < end:
            piece = bundle.data[self._at : min(self._at + step, end)]
            client.tell(Block(self._at, piece))
            self._at += len(piece)
        self._tell("sending", offset)

    def _offer(self, client: RingClient) -> None:
        _, bundle = self._known_ring()
        self._at = 0
        client.tell(Offer(TOKEN, bundle.build, len(bundle.data), bundle.sha256))

    async def _repeat(self, client: RingClient) -> bool:
        """Offer again what nothing is heard of: the ring says where it is."""
        while True:
            await asyncio.sleep(STALLED_MS / 1000)
            if monotonic_ms() - self._news_ms >= STALLED_MS:
                self._check_patience(DeviceError("the ring does not go on"))
                self._offer(client)

    def _check_build(self, ready: Ready) -> None:
        first, bundle = self._known_ring()
        if self._installed and ready.build == first.build != bundle.build:
            fell_back = f"build {bundle.build} did not stay, {first.build} runs again"
            raise UpdateRefusedError(fell_back)

    def _check_patience(self, error: MynahError) -> None:
        if isinstance(error, UpdateRefusedError):
            raise error
        if monotonic_ms() - self._moved_ms >= PATIENCE_S * 1000:
            raise DeviceError(f"{error}; run it again: it goes on where it stopped") from error
        text = "waiting for the ring" if self._installed else f"{LOOKING} ({error})"
        self._tell(text, self._known)

    def _known_ring(self) -> tuple[Ready, Bundle]:
        if self._first is None or self._bundle is None:
            raise LinkError("the ring was not reached")
        return self._first, self._bundle

    def _tell(self, text: str, sent: int) -> None:
        size = 0 if self._bundle is None else len(self._bundle.data)
        self._show(Progress(printable(text), sent, size))


class UpdateRefusedError(DeviceError):
    """The ring said why; the message says what to do."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(self.told())

    def told(self, *, has_cable: bool = True) -> str:
        """To a person."""
        step = advice(self.detail, has_cable=has_cable)
        return f"the ring refused the update: {self.detail}; {step}"


def _text(data: bytes) -> str:
    return printable(data.decode(errors="replace"))

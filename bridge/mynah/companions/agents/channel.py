"""Turns over a channel that stays open both ways: one answer at a time, and what comes unasked."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Final, Protocol

from mynah.companions.reaching.objects import is_known
from mynah.companions.reaching.openai_http import TooMuchError
from mynah.companions.reaching.steps import BrokenError

END: Final = ("end", "error")
"""After an object with one of these nothing more comes of an answer."""


class Transport(Protocol):
    """Carries objects."""

    @property
    def alive(self) -> bool:
        """As far as is known."""

    def begin(self) -> None:
        """Another answer: it may be as long as any."""

    async def send(self, fields: Mapping[str, Any]) -> None:
        """BrokenError if the other side is gone."""

    async def receive(self) -> dict[str, Any]:
        """The next object, empty if it was none; BrokenError, TooMuchError."""

    def cut(self) -> None:
        """End it, whatever the other side does."""

    async def close(self) -> None:
        """Once it has ended. May be called twice."""


class Stream:
    """One answer, or something said unasked."""

    def __init__(self, number: int | None) -> None:
        self.number = number
        """Of the turn; None if nobody asked."""
        self.over = False
        # Bounded by the transport: it carries only so many bytes for one answer.
        self._objects: asyncio.Queue[dict[str, Any] | Exception] = asyncio.Queue()

    def put(self, found: dict[str, Any] | Exception) -> None:
        self._objects.put_nowait(found)
        self.over = self.over or isinstance(found, Exception) or _ends(found)

    async def objects(self) -> AsyncGenerator[dict[str, Any], None]:
        """Until its end, or until the connection ends."""
        while True:
            found = await self._objects.get()
            if isinstance(found, Exception):
                raise found
            yield found
            if _ends(found):
                return


class Channel:
    """One transport in use."""

    def __init__(
        self, transport: Transport, stop_s: float, unasked: Callable[[Stream], None] | None = None
    ) -> None:
        """`stop_s`: who does not end an answer so soon after it was called off is cut off.

        What comes unasked goes to `unasked`, or is dropped.
        """
        self._transport = transport
        self._stop_s = stop_s
        self._unasked = unasked
        self._number = 0
        self._stream: Stream | None = None
        self._stale: Stream | None = None  # called off, and not ended by the other side yet
        self._settled = asyncio.Event()
        self._gone = False
        self._settling: asyncio.Task[None] | None = None
        self._reader = asyncio.create_task(self._read(), name="companion channel")

    @property
    def alive(self) -> bool:
        return self._transport.alive and not self._gone

    async def turn(self, fields: Mapping[str, Any]) -> Stream:
        """Ask; BrokenError if nobody is there any more."""
        if self._stream is not None:
            await self.call_off(self._stream)
        if self._settling is not None:
            await asyncio.shield(self._settling)
        if not self.alive:
            raise BrokenError
        self._number += 1
        self._transport.begin()
        self._stream = stream = Stream(self._number)
        try:
            await self._transport.send({"op": "turn", "id": self._number, **fields})
        except BaseException:  # cancelled too: nobody knows how much of it went out
            self._cut()
            raise
        return stream

    async def tell(self, fields: Mapping[str, Any]) -> None:
        """Say something that wants no answer; BrokenError."""
        await self._transport.send(fields)

    async def call_off(self, stream: Stream) -> None:
        """Nobody listens to it any more."""
        if stream.over or stream is not self._stream:
            return
        self._stream, self._stale = None, stream
        stream.put(BrokenError())
        self._settled.clear()
        self._settling = asyncio.create_task(self._settle(), name="companion settles")
        await self._transport.send({"op": "cancel", "id": stream.number})

    async def close(self) -> None:
        """May be called twice."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        self._settled.set()
        if self._settling is not None:
            await self._settling
        await self._transport.close()

    def _cut(self) -> None:
        self._gone = True
        self._transport.cut()

    async def _settle(self) -> None:
        try:
            async with asyncio.timeout(self._stop_s):
                await self._settled.wait()
        except TimeoutError:
            self._cut()

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._transport.receive())
        except (BrokenError, TooMuchError) as error:
            self._cut()
            if self._stream is not None:
                self._stream.put(error)
            self._stream = None
            self._settled.set()

    def _take(self, fields: dict[str, Any]) -> None:
        number, ends = fields.get("id"), _ends(fields)
        stale = self._stale
        if stale is not None and number in (None, stale.number):
            if ends:
                self._stale = None
                self._settled.set()
            return
        if self._stream is None and self._unasked and number is None and is_known(fields):
            self._transport.begin()
            self._stream = Stream(None)
            self._unasked(self._stream)
        stream = self._stream
        if stream is None or number not in (None, stream.number):
            return
        stream.put(fields)
        if not is_known(fields):
            self._cut()  # what else is on its way makes no more sense
            stream.over = True
        if stream.over:
            self._stream = None


def _ends(fields: Mapping[str, Any]) -> bool:
    return any(fields.get(key) for key in END)

"""The ring under test: asked for one test after another, and listened to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar

from mynah.errors import DeviceError, LinkError, MynahError, printable
from mynah.link.base import Link
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.faults_told import line_of
from mynah.maker.selftest_report import Figure
from mynah_wire.downlink import Close, Kept
from mynah_wire.making import BUSY, MISSING, PASSED, SAFE, Fault, Filler, Found, Probe
from mynah_wire.message import Message
from mynah_wire.uplink import TAP, Counters, End, Ready, Start

GREETING_S: Final = 10.0
PROBE_S: Final = 40.0
"""A ring ends a test after 30 s."""

BUSY_S: Final = 0.5
BUSY_TIMES: Final = 12
"""A reply that still sounds is over by then; somebody who talks to it is not."""

BUSY_NOTE: Final = "the ring still hears or speaks"

LARGEST: Final = 1e15
"""No figure is larger: what is, is a word."""

_REASON: Final = "reason"
_TOKENS: Final = 1 << 16

Kind = TypeVar("Kind", bound=Message)


class BusyError(DeviceError):
    """The ring begins no test: it hears or speaks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a test on the ring found."""

    verdict: int
    values: dict[str, Figure]
    reason: str = ""

    @property
    def passed(self) -> bool:
        return self.verdict == PASSED

    @property
    def missing(self) -> bool:
        return self.verdict == MISSING

    def number(self, name: str) -> float:
        """A value; 0 if it was not told."""
        value = self.values.get(name, 0)
        return float(value) if isinstance(value, int | float) else 0.0


class Metered:
    """A link that counts the records handed over, so that who floods it can keep pace."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.name = link.name
        self.sent = 0
        self.moved = asyncio.Event()

    @property
    def key(self) -> bytes:
        return self._link.key

    @property
    def device_id(self) -> str:
        return self._link.device_id

    async def open(self) -> int:
        return await self._link.open()

    async def send(self, record: bytes) -> None:
        await self._link.send(record)
        self.sent += 1
        self.moved.set()

    async def receive(self) -> bytes:
        return await self._link.receive()

    async def close(self) -> None:
        await self._link.close()


@dataclass(slots=True)
class RingOnTest:
    """One connection to it."""

    client: RingClient
    link: Metered
    ready: Ready
    faults: list[str] = field(default_factory=list)
    safe: bool = False
    """It says that it runs without its parts."""
    fillers: list[tuple[float, int]] = field(default_factory=list)
    """When they came, and their numbers."""
    stamps: list[tuple[float, float, int]] = field(default_factory=list)
    """Of `echo`: sent, answered, and what the ring's microseconds were."""
    _listeners: list[Callable[[Message], None]] = field(default_factory=list)
    _end: "asyncio.Future[None]" = field(default_factory=asyncio.Future)
    _token: int = 0
    _patience: int = BUSY_TIMES
    """How often it is asked; whoever is busy for long stays so."""

    async def probe(self, name: str, argument: int = 0) -> Finding:
        """Have it run one of its tests; waits while it hears or speaks, then BusyError."""
        for _ in range(self._patience):
            finding = await self._probed(name, argument)
            if finding.verdict != BUSY:
                return finding
            await asyncio.sleep(BUSY_S)
        self._patience = 1
        raise BusyError(BUSY_NOTE)

    async def echo(self) -> float:
        """How long the way there and back takes, in milliseconds."""
        sent_ms = monotonic_ms()
        finding = await self._probed("echo", 0)
        answered_ms = monotonic_ms()
        if finding.verdict == BUSY:
            raise BusyError(BUSY_NOTE)
        self.stamps.append((sent_ms, answered_ms, int(finding.number("us"))))
        return answered_ms - sent_ms

    async def wait_for(
        self, kind: type[Kind], which: Callable[[Kind], bool], within_s: float
    ) -> Kind | None:
        """The first such message from now on; None if none comes. LinkError if the link goes."""
        return await self.came(self.expect(kind, which), within_s)

    def expect(self, kind: type[Kind], which: Callable[[Kind], bool]) -> "asyncio.Future[Kind]":
        """The same from now on, to be waited for later, with `came`."""
        coming: asyncio.Future[Kind] = asyncio.get_running_loop().create_future()

        def hear(message: Message) -> None:
            if isinstance(message, kind) and which(message) and not coming.done():
                coming.set_result(message)

        self._listeners.append(hear)
        coming.add_done_callback(lambda _coming: self._listeners.remove(hear))
        return coming

    async def came(self, coming: "asyncio.Future[Kind]", within_s: float) -> Kind | None:
        """What was expected; None if it does not come."""
        try:
            await asyncio.wait(
                (coming, self._end), timeout=within_s, return_when=asyncio.FIRST_COMPLETED
            )
            if not coming.done() and self._end.done():
                self._end.result()
            return coming.result() if coming.done() else None
        finally:
            coming.cancel()

    async def listen(self) -> None:
        """Take in all that it says; ends with the link."""
        try:
            async with aclosing(self.client.messages()) as messages:
                async for message in messages:
                    self._take(message)
        except MynahError as error:
            if not self._end.done():
                self._end.set_exception(error)
                self._end.exception()  # somebody may never ask

    @property
    def over(self) -> bool:
        """Whether the link is gone."""
        return self._end.done()

    async def greeted(self) -> None:
        """Return when it has said all that it greets with."""
        if await self.wait_for(Counters, lambda _counters: True, GREETING_S) is None:
            raise LinkError("the ring is there and says nothing")

    async def _probed(self, name: str, argument: int) -> Finding:
        self._token = (self._token + 1) % _TOKENS
        token = self._token
        coming = self.expect(Found, lambda found: found.token == token)
        self.client.tell(Probe(token, argument, name.encode()))
        found = await self.came(coming, PROBE_S)
        if found is None:
            raise DeviceError(f"the ring does not end its test of {name}: `mynah logs` may say why")
        return _finding(found)

    def _take(self, message: Message) -> None:
        if isinstance(message, Ready):
            self.ready = message
        elif isinstance(message, Fault):
            self.faults.append(line_of(message.fault, message.text.decode(errors="replace")))
            self.safe = self.safe or message.fault == SAFE
        elif isinstance(message, Filler):
            self.fillers.append((monotonic_ms(), message.number))
        elif isinstance(message, Start) and message.cause == TAP:
            self.client.tell(Close(message.stream))
        elif isinstance(message, End):
            # Somebody pressed the button: nothing of it is kept here, so neither by the ring.
            self.client.tell(Kept(self.ready.boot_id, message.stream))
        for listener in list(self._listeners):
            listener(message)


@asynccontextmanager
async def reached(link: Link) -> AsyncIterator[RingOnTest]:
    """The ring, greeted; LinkError or DeviceError if it can't be reached."""
    metered = Metered(link)
    async with RingClient(metered) as client:
        unknown = Ready(bytes(8), 0, 0, 0, 0, 0, 0, b"")
        ring = RingOnTest(client, metered, unknown)
        listening = asyncio.create_task(ring.listen(), name="selftest")
        try:
            await ring.greeted()
            yield ring
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def _finding(found: Found) -> Finding:
    values: dict[str, Figure] = {}
    for word in printable(found.values.decode(errors="replace")).split():
        name, _, value = word.partition("=")
        values[name] = _figure(value)
    reason = str(values.pop(_REASON, "")).replace("_", " ")
    return Finding(found.verdict, values, reason)


def _figure(text: str) -> Figure:
    for kind in (int, float):
        with suppress(ValueError):
            number = kind(text)
            if abs(number) <= LARGEST:  # neither is "nan", which a ring could say too
                return number
    return text.replace("_", " ")

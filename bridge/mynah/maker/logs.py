"""A ring's log: over the link, or over its serial console, for which no key is needed."""

import asyncio
import re
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from mynah.errors import DeviceError, LinkError, printable
from mynah.link.base import Link
from mynah.link.cable import BAUD, Cable
from mynah.link.client import RingClient
from mynah_wire.framing import Deframer
from mynah_wire.making import Log, Logs
from mynah_wire.uplink import Ready

FOLLOW_S: Final = 1.0
"""How often a log that is followed is asked for what is new."""

DEADLINE_S: Final = 10.0
"""Many boards start anew when their port is opened, and boot for 2 s."""

_TOKEN: Final = 0x106
_STEP_S: Final = 0.5
_MOST_LINES: Final = 4096  # a ring keeps some hundred; who is none may go on without end
_LINE: Final = re.compile(r"(\d{1,10}) (.*)")
_TIMED: Final = re.compile(r"(?P<s>\d{1,10}\.\d) s (?P<said>.*)")
_START: Final = "start: "
_END: Final = re.compile(r"mynah log: the next line is (\d+)")


@dataclass(frozen=True, slots=True)
class Line:
    """One of a ring's log."""

    number: int
    text: str
    lost: int = 0
    """How many before it were overwritten before anybody read them."""


class SinceStart:
    """Times as the ring's last start has them: an emulated one's clock is its computer's."""

    def __init__(self) -> None:
        self._began_s = 0.0

    def told(self, text: str) -> str:
        """A line with its time put right."""
        line = _TIMED.fullmatch(text)
        if line is None:
            return text
        at_s = float(line["s"])
        if line["said"].startswith(_START):
            self._began_s = at_s
        elif at_s < self._began_s:  # its clock began anew
            self._began_s = 0.0
        return f"{at_s - self._began_s:.1f} s {line['said']}"


async def over_the_link(link: Link, *, follow: bool = False) -> AsyncGenerator[Line, None]:
    """What the ring's log holds; with `follow` also what comes, until the link is gone."""
    expected: int | None = None
    clock = SinceStart()
    async with RingClient(link) as ring, aclosing(ring.messages()) as messages:

        def ask(first: int) -> None:
            ring.tell(Logs(_TOKEN, first))

        async for message in messages:
            if isinstance(message, Ready):
                ask(0)
            elif isinstance(message, Log) and message.token == _TOKEN:
                if message.text:
                    text = message.text.decode(errors="replace")
                    yield _line(message.number, text, expected, clock)
                    expected = message.number + 1
                elif follow:
                    loop = asyncio.get_running_loop()
                    loop.call_later(FOLLOW_S, ask, message.number)
                else:
                    return


async def over_the_console(port: str, *, follow: bool = False) -> AsyncGenerator[Line, None]:
    """The same from the serial console."""
    cable = Cable(port)
    await cable.open()  # what is wrong with a port, it says best
    await cable.close()
    import serial

    expected: int | None = None
    clock = SinceStart()
    opened = serial.Serial(port, BAUD, timeout=_STEP_S, write_timeout=_STEP_S, exclusive=True)
    with opened:
        while True:
            for number, text in await asyncio.to_thread(_ask, opened, port):
                if expected is None or number >= expected:
                    yield _line(number, text, expected, clock)
                    expected = number + 1
            if not follow:
                return
            await asyncio.sleep(FOLLOW_S)


def _line(number: int, text: str, expected: int | None, clock: SinceStart) -> Line:
    told = clock.told(printable(text))
    return Line(number, told, 0 if expected is None else max(0, number - expected))


def _ask(opened: Any, port: str) -> list[tuple[int, str]]:  # pyserial has no types
    try:
        return _asked(opened, port)
    except OSError as error:
        raise LinkError(f"the cable at {port} was pulled, or the ring hangs: {error}") from error


def _asked(opened: Any, port: str) -> list[tuple[int, str]]:
    """Type the question until it is answered: while the ring boots nobody reads it."""
    lines: deque[tuple[int, str]] = deque(maxlen=_MOST_LINES)
    deframer = Deframer()
    until = time.monotonic() + DEADLINE_S
    while time.monotonic() < until:
        opened.write(b"\nmynah log\n")
        while (data := opened.read(max(1, opened.in_waiting))) and time.monotonic() < until:
            deframer.feed(data)
            for text in deframer.take_lines():
                if _END.fullmatch(text.strip()):
                    return list(lines)
                if line := _LINE.fullmatch(text.strip()):
                    lines.append((int(line[1]), line[2]))
    raise DeviceError(
        f"nothing at {port} answers as a ring: is its firmware running? `mynah console` shows it"
    )

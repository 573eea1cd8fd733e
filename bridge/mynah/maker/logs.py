"""A ring's log: over the link, or over its serial console, for which no key is needed."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from mynah.errors import DeviceError, LinkError
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
_LINE: Final = re.compile(r"(\d+) (.*)")
_END: Final = re.compile(r"mynah log: the next line is (\d+)")


@dataclass(frozen=True, slots=True)
class Line:
    """One of a ring's log."""

    number: int
    text: str
    lost: int = 0
    """How many before it were overwritten before anybody read them."""


async def over_the_link(link: Link, *, follow: bool = False) -> AsyncGenerator[Line, None]:
    """What the ring's log holds; with `follow` also what comes, until the link is gone."""
    expected: int | None = None
    async with RingClient(link) as ring, aclosing(ring.messages()) as messages:

        def ask(first: int) -> None:
            ring.tell(Logs(_TOKEN, first))

        async for message in messages:
            if isinstance(message, Ready):
                ask(0)
            elif isinstance(message, Log) and message.token == _TOKEN:
                if message.text:
                    yield _line(message.number, message.text.decode(errors="replace"), expected)
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
    opened = serial.Serial(port, BAUD, timeout=_STEP_S, write_timeout=_STEP_S, exclusive=True)
    with opened:
        while True:
            for number, text in await asyncio.to_thread(_ask, opened, port):
                if expected is None or number >= expected:
                    yield _line(number, text, expected)
                    expected = number + 1
            if not follow:
                return
            await asyncio.sleep(FOLLOW_S)


def _line(number: int, text: str, expected: int | None) -> Line:
    return Line(number, text, 0 if expected is None else max(0, number - expected))


def _ask(opened: Any, port: str) -> list[tuple[int, str]]:  # pyserial has no types
    try:
        return _asked(opened, port)
    except OSError as error:
        raise LinkError(f"the cable at {port} was pulled, or the ring hangs: {error}") from error


def _asked(opened: Any, port: str) -> list[tuple[int, str]]:
    """Type the question until it is answered: while the ring boots nobody reads it."""
    lines: list[tuple[int, str]] = []
    deframer = Deframer()
    for _ in range(round(DEADLINE_S / _STEP_S)):
        opened.write(b"\nmynah log\n")
        while data := opened.read(max(1, opened.in_waiting)):
            deframer.feed(data)
            for text in deframer.take_lines():
                if _END.fullmatch(text.strip()):
                    return lines
                if line := _LINE.fullmatch(text.strip()):
                    lines.append((int(line[1]), line[2]))
    raise DeviceError(
        f"nothing at {port} answers as a ring: is its firmware running? `mynah console` shows it"
    )

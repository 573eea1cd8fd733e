"""A board's serial port on this terminal: what it prints, and what is typed. POSIX only."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from mynah.errors import LinkError
from mynah.link.cable import BAUD
from mynah.maker.ports import check_port

EXIT_KEYS: Final = b"\x1d\x18"
"""Ctrl-] and Ctrl-X, as mpremote has them; Ctrl-C is the board's."""

QUIET_S: Final = 1.0
"""Without a terminal: so long nothing came after the last thing that was typed."""

_AT_ONCE: Final = 4096


async def converse(port: str, source: int, sink: int) -> None:
    """Join two open files to a port until an exit key, the end of the source, or of the cable."""
    import serial

    await check_port(port)
    with serial.Serial(port, BAUD, timeout=0, exclusive=True) as opened, _at_once(source):
        await _Joined(opened, source, sink).run(port)


class _Joined:
    def __init__(self, opened: Any, source: int, sink: int) -> None:  # pyserial has no types
        self._opened = opened
        self._source = source
        self._sink = sink
        self._over = asyncio.Event()
        self._pulled = False
        self._quiet: asyncio.TimerHandle | None = None

    async def run(self, port: str) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._opened.fd, self._print)
        # A file is always ready, which a loop can't wait for: it is read at once.
        waits = _can_wait(self._source)
        if waits:
            loop.add_reader(self._source, self._type)
        else:
            self._type()
        try:
            await self._over.wait()
        finally:
            loop.remove_reader(self._opened.fd)
            if waits:
                loop.remove_reader(self._source)
        if self._pulled:
            raise LinkError(f"the cable at {port} was pulled")

    def _print(self) -> None:
        try:
            data = os.read(self._opened.fd, _AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._pulled = True
            self._over.set()
        while data:
            data = data[os.write(self._sink, data) :]
        if self._quiet is not None:
            self._end_when_quiet()

    def _type(self) -> None:
        data = os.read(self._source, _AT_ONCE)
        if any(key in data for key in EXIT_KEYS):
            self._over.set()
            return
        with suppress(OSError):  # reading finds out that the cable is gone
            self._opened.write(data)
        if not data:
            with suppress(ValueError, OSError):
                asyncio.get_running_loop().remove_reader(self._source)
            self._end_when_quiet()

    def _end_when_quiet(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
        self._quiet = asyncio.get_running_loop().call_later(QUIET_S, self._over.set)


def _can_wait(source: int) -> bool:
    import stat

    return not stat.S_ISREG(os.fstat(source).st_mode)


@contextmanager
def _at_once(source: int) -> Iterator[None]:
    """Keys as they are pressed, all of them the board's; the terminal as it was in the end."""
    import termios
    import tty

    if not os.isatty(source):
        yield
        return
    before = termios.tcgetattr(source)
    try:
        tty.setraw(source)
        yield
    finally:
        termios.tcsetattr(source, termios.TCSAFLUSH, before)

"""An emulated ring's serial console as a port of this computer: a pseudo-terminal. POSIX only."""

import asyncio
import os
import tty
from contextlib import suppress
from typing import Final, Self

from mynah.emulator.ring import EmulatedRing

_AT_ONCE: Final = 4096


class PseudoTerminal:
    """Use it as `async with PseudoTerminal(ring) as port`, then open `port.name` as any other."""

    def __init__(self, ring: EmulatedRing) -> None:
        self.name = ""
        self._ring = ring
        self._ends: list[int] = []
        ring.on_console_bytes(self._out)

    async def __aenter__(self) -> Self:
        # Our copy of the other end stays open: else its last user's leaving would end the pair.
        ours, theirs = self._ends = list(os.openpty())
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        self.name = os.ttyname(theirs)
        asyncio.get_running_loop().add_reader(ours, self._in)
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.unplug()

    def unplug(self) -> None:
        """Pull the cable; may be called twice."""
        if self._ends:
            asyncio.get_running_loop().remove_reader(self._ends[0])
        while self._ends:
            os.close(self._ends.pop())

    def _in(self) -> None:
        with suppress(BlockingIOError):
            self._ring.write_console_bytes(os.read(self._ends[0], _AT_ONCE))

    def _out(self, data: bytes) -> None:
        if self._ends:
            with suppress(BlockingIOError):  # nobody reads: what is not taken is lost, as on USB
                os.write(self._ends[0], data)

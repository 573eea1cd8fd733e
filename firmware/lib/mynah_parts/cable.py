"""The ring's end of a USB cable: framed records on the serial console, between its lines of text.

A connection begins with a host's HELLO, and ends with an empty record or with silence. What a
frame needs is allocated: a ring at a cable has the power to collect it.
"""

import asyncio
import select
import sys
import time

from micropython import const

from mynah_device import actions
from mynah_device.health import Heart
from mynah_wire.clock import elapsed_ms
from mynah_wire.framing import HANG_UP, Deframer, frame
from mynah_wire.gatt import BEST_MTU
from mynah_wire.handshake import Hello

from .events import Events

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

_ANSWER_MS = const(5000)  # a host pings every 2 s: it crashed, or the cable was pulled
_LOOK_MS = const(500)  # it gives two signs a round
_AT_ONCE = const(64)  # bytes between two looks at everything else: 6 ms of 115,200 baud


def _ignore(_line: str) -> None:
    """Nobody answers."""


class Cable:
    """One connection; what happens comes out of `events`, records go in by `notify`."""

    def __init__(self) -> None:
        self.heart = Heart()
        self.events = Events()
        self.on_line: "Callable[[str], None]" = _ignore  # gets what is typed on the console
        self._deframer = Deframer()
        self._connected = False
        self._heard_ms = 0  # when the last frame came

    def disconnect(self) -> None:
        """Hang up."""
        if self._connected:
            self.notify(HANG_UP)
            self._end()

    def notify(self, record: "bytes | bytearray | memoryview") -> bool:
        """Send a record: the port takes it, or nobody listens."""
        sys.stdout.buffer.write(frame(record))
        return True

    def poke(self) -> None:
        """It looks around by itself."""

    async def run(self) -> None:
        """Listen for ever; returns if there is no console."""
        port = sys.stdin.buffer
        reader = asyncio.StreamReader(port)
        more = select.poll()
        more.register(port, select.POLLIN)
        while True:
            self.heart.beat()
            self._end_if_silent()
            try:
                # One by one: the chip's console waits until it has all that it was asked for.
                data: bytes = await asyncio.wait_for_ms(reader.read(1), _LOOK_MS)
            except asyncio.TimeoutError:
                continue
            if not data:
                return
            while len(data) < _AT_ONCE and more.poll(0):
                data += port.read(1) or b""
            self._take(data)

    def _take(self, data: bytes) -> None:
        for record in self._deframer.feed(data):
            self._receive(record)
        for line in self._deframer.take_lines():
            self.on_line(line)

    def _receive(self, record: bytes) -> None:
        if record == HANG_UP:
            if self._connected:
                self._end()
            return
        if not self._connected:
            if record[0] != Hello.KIND:
                return  # what is left of a connection that is over
            self._connected = True
            self.events.put(actions.CONNECTED, True)
            self.events.put(actions.MTU, BEST_MTU)
        self._heard_ms = time.ticks_ms()
        self.events.put(actions.RECEIVED, record)

    def _end(self) -> None:
        self._connected = False
        self.events.put(actions.DISCONNECTED)

    def _end_if_silent(self) -> None:
        if self._connected and elapsed_ms(time.ticks_ms(), self._heard_ms) >= _ANSWER_MS:
            self.disconnect()

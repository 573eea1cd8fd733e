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
from mynah_wire.clock import elapsed_ms
from mynah_wire.framing import HANG_UP, Deframer, frame
from mynah_wire.gatt import BEST_MTU
from mynah_wire.handshake import Hello

from .events import Events

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

_ANSWER_MS = const(5000)  # a host pings every 2 s: it crashed, or the cable was pulled
_AT_ONCE = const(64)  # bytes between two looks at everything else: 6 ms of 115,200 baud


class Cable:
    """One connection; events come out of `next_event`, records go in by `notify`."""

    def __init__(self) -> None:
        self._deframer = Deframer()
        self._events = Events()
        self._connected = False
        self._linked = asyncio.Event()
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

    async def next_event(self) -> "tuple[str, object]":
        """Wait for an event: (name, value)."""
        return await self._events.next()

    async def run(self, on_line: "Callable[[str], None]") -> None:
        """Listen for ever; `on_line(text)` gets what is typed on the console."""
        await asyncio.gather(self._read(on_line), self._watch())

    async def _read(self, on_line: "Callable[[str], None]") -> None:
        port = sys.stdin.buffer
        reader = asyncio.StreamReader(port)
        more = select.poll()
        more.register(port, select.POLLIN)
        while True:
            # One by one: the chip's console waits until it has all the bytes that it was asked for.
            data = await reader.read(1)
            if not data:
                return  # there is no console
            while len(data) < _AT_ONCE and more.poll(0):
                byte = port.read(1)
                if not byte:
                    break
                data += byte
            for record in self._deframer.feed(data):
                self._receive(record)
            for line in self._deframer.take_lines():
                on_line(line)

    def _receive(self, record: bytes) -> None:
        if record == HANG_UP:
            if self._connected:
                self._end()
            return
        if not self._connected:
            if record[0] != Hello.KIND:
                return  # what is left of a connection that is over
            self._connected = True
            self._events.put(actions.CONNECTED)
            self._events.put(actions.MTU, BEST_MTU)
            self._linked.set()
        self._heard_ms = time.ticks_ms()
        self._events.put(actions.RECEIVED, record)

    def _end(self) -> None:
        self._connected = False
        self._linked.clear()
        self._events.put(actions.DISCONNECTED)

    async def _watch(self) -> None:
        while True:
            await self._linked.wait()
            silent_ms = elapsed_ms(time.ticks_ms(), self._heard_ms)
            if silent_ms >= _ANSWER_MS:
                self.disconnect()
            else:
                await asyncio.sleep_ms(_ANSWER_MS - silent_ms)

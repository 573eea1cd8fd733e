"""A touch pad that is a button: a piece of metal on a pin of an ESP32 or ESP32-S3.

Not measured on hardware.
"""

import asyncio
import time

from machine import Pin, TouchPad
from micropython import const

from mynah_device.contact import Contact
from mynah_device.health import Heart
from mynah_device.pad import Pad

from .button import tell

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from .button import Listener

_LOOK_MS = const(20)  # a tap takes 60; the chip measures by itself, so a look costs 30 µs


class TouchButton:
    """Calls `on_event(name, at_ms, value)` as a Button does."""

    def __init__(self, pin: int, on_event: "Listener") -> None:
        self.heart = Heart()
        self._on_event = on_event
        self._pad = TouchPad(Pin(pin))
        self._finger = Pad()
        self._contact = Contact(False, time.ticks_ms())

    def poke(self) -> None:
        """It looks by itself."""

    async def run(self) -> None:
        """Look for ever."""
        while True:
            self.heart.beat()
            now_ms = time.ticks_ms()
            down = self._finger.look(self._pad.read())
            tell(self._on_event, self._contact.handle(down, now_ms), now_ms)
            await asyncio.sleep_ms(_LOOK_MS)

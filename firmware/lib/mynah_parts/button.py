"""A button to ground: an edge acts at once, and bounces after it are waited out."""

import asyncio
import time

from machine import Pin
from micropython import const

from mynah_device import actions

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

_DEBOUNCE_MS = const(15)  # tactile switches bounce for 5 ms, worn ones for 10


class Button:
    """Calls `on_event(name, at_ms)` for every press and release."""

    def __init__(self, pin: int, on_event: "Callable[[str, int], None]") -> None:
        self._on_event = on_event
        self._pressed = False
        self._edge_ms = 0
        self._edge = asyncio.ThreadSafeFlag()
        self._pin = Pin(pin, Pin.IN, Pin.PULL_UP)
        self._pin.irq(self._interrupt, Pin.IRQ_FALLING | Pin.IRQ_RISING)

    def _interrupt(self, _pin: Pin) -> None:
        self._edge_ms = time.ticks_ms()
        self._edge.set()

    async def run(self) -> None:
        """Watch for ever."""
        while True:
            await self._edge.wait()
            while (self._pin.value() == 0) != self._pressed:
                self._pressed = not self._pressed
                event = actions.PRESSED if self._pressed else actions.RELEASED
                self._on_event(event, self._edge_ms)
                await asyncio.sleep_ms(_DEBOUNCE_MS)
                self._edge_ms = time.ticks_ms()

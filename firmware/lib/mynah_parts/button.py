"""A button to ground: an edge acts at once, and bounces after it are waited out."""

import asyncio
import time

from machine import Pin
from micropython import const

from mynah_device import actions
from mynah_device.contact import Contact
from mynah_device.health import Heart
from mynah_wire.making import STUCK

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from typing import Protocol

    class Listener(Protocol):
        """Takes events, as `Runner.event` does."""

        def __call__(self, name: str, at_ms: int, value: object = None) -> None:
            """Something happened."""


_DEBOUNCE_MS = const(15)  # tactile switches bounce for 5 ms, worn ones for 10


class Button:
    """Calls `on_event(name, at_ms, value)` for every press and release, and if it is stuck."""

    def __init__(self, pin: int, on_event: "Listener", woke: bool = False) -> None:
        """`woke`: its press woke the chip, so that it counts though nobody saw it go down."""
        self.heart = Heart()
        self.edges = 0  # bounces among them, as far as the interrupt saw them
        self._on_event = on_event
        self._edge_ms = time.ticks_ms()
        self._edge = asyncio.ThreadSafeFlag()
        self._pin = Pin(pin, Pin.IN, Pin.PULL_UP)
        self._contact = Contact(self._pin.value() == 0 and not woke, self._edge_ms)
        self._down = False
        self._pin.irq(self._interrupt, Pin.IRQ_FALLING | Pin.IRQ_RISING)
        if woke:
            self._edge.set()

    def _interrupt(self, _pin: Pin) -> None:
        self.edges += 1
        self._edge_ms = time.ticks_ms()
        self._edge.set()

    @property
    def stuck(self) -> bool:
        """Whether it is down, and that is no press."""
        return self._contact.stuck

    def poke(self) -> None:
        """Look whether it is pressed."""
        self._edge.set()

    async def run(self) -> None:
        """Watch for ever."""
        while True:
            self.heart.beat()
            await self._edge.wait()
            while self._look():
                await asyncio.sleep_ms(_DEBOUNCE_MS)
                self._edge_ms = time.ticks_ms()

    def _look(self) -> bool:
        """Tell what there is to tell; whether it went down or up."""
        down = self._pin.value() == 0
        changed, self._down = down != self._down, down
        # Between edges it is only asked how long it has been as it is.
        at_ms = self._edge_ms if changed else time.ticks_ms()
        tell(self._on_event, self._contact.handle(down, at_ms), at_ms)
        return changed


def tell(on_event: "Listener", events: "tuple[str, ...]", at_ms: int) -> None:
    """What a contact says, with what there is to say of it."""
    for event in events:
        value = (STUCK, "button: stuck") if event == actions.FAULT else None
        on_event(event, at_ms, value)

"""Looks at the battery's cell, and tells the ring how full it is and when it is empty."""

import asyncio
import time

from micropython import const

from mynah_device import actions
from mynah_device.charge import Charge
from mynah_device.health import Heart
from mynah_device.ring import Ring
from mynah_wire.making import LOW

from .battery import Battery

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from .button import Listener

_BEAT_MS = const(500)
_REST_BEATS = const(20)  # 10 s from look to look


class BatterySense:
    """Looks at the cell while nobody speaks, and nothing shakes: both pull it down."""

    def __init__(self, battery: Battery, ring: Ring, on_event: "Listener") -> None:
        self.heart = Heart()
        self.charge = Charge()
        self._battery = battery
        self._ring = ring
        self._on_event = on_event

    def poke(self) -> None:
        """It gives signs by itself."""

    def sleep(self) -> None:
        """The chip is about to: there is nothing to switch off."""

    async def run(self) -> None:
        """Look for ever."""
        while True:
            if self._ring.quiet and not self._ring.acting.player.amplitude:
                self._look()
            for _ in range(_REST_BEATS):
                self.heart.beat()
                await asyncio.sleep_ms(_BEAT_MS)

    def _look(self) -> None:
        charge, now_ms = self.charge, time.ticks_ms()
        was_empty = charge.empty
        if charge.look(self._battery.millivolts()):
            self._on_event(actions.BATTERY, now_ms, charge.told)
        if charge.empty and not was_empty:
            text = "battery: %d mV, it goes to sleep" % charge.millivolts
            self._on_event(actions.FAULT, now_ms, (LOW, text))

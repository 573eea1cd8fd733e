"""Looks now and then whether there is skin before the pulse sensor. Not a medical device."""

import asyncio
import time

from micropython import const

from mynah_device import actions
from mynah_device.gestures import NONE
from mynah_device.health import Heart
from mynah_device.pulse import Pulse
from mynah_device.ring import Ring
from mynah_device.worn import Worn

from .max30102 import BLOCK_SAMPLES, Max30102
from .part_error import PartError

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from .button import Listener

_BEAT_MS = const(500)
_REST_BEATS = const(60)  # 30 s: its light draws 1 mA while it looks
_SHINE_MS = const(1000)


class PulseSense:
    """Looks now and then whether there is skin before it; counts a pulse when it is asked to."""

    def __init__(self, driver: Max30102, ring: Ring, on_event: "Listener") -> None:
        self.heart = Heart()
        self.worn = Worn()
        self._driver = driver
        self._ring = ring
        self._on_event = on_event
        self._levels = [0] * BLOCK_SAMPLES
        self._counts = False  # somebody else uses it

    def poke(self) -> None:
        """It gives signs by itself."""

    def sleep(self) -> None:
        """The chip is about to; a part that does not answer can't be told."""
        try:
            self._driver.stop()
        except PartError:
            pass

    async def run(self) -> None:
        """Look for ever; PartError if it fails."""
        self._driver.check()
        while True:
            await self._look()
            for _ in range(_REST_BEATS):
                self.heart.beat()
                await asyncio.sleep_ms(_BEAT_MS)

    async def count(self, seconds: int) -> int:
        """Beats a minute, 0 if it can't tell; PartError if it fails. Not a medical device."""
        pulse = Pulse()
        self._counts = True
        try:
            self._driver.start()
            for _ in range(seconds * 1000 // _BEAT_MS):
                await asyncio.sleep_ms(_BEAT_MS)
                pulse.feed(self._levels, self._driver.read(self._levels))
            self._driver.stop()
        finally:
            self._counts = False
        return pulse.beats_a_minute

    async def _look(self) -> None:
        if self._counts or not self._ring.quiet:
            return
        self._driver.start()
        self.heart.beat()
        await asyncio.sleep_ms(_SHINE_MS)
        if self._counts:
            return
        count = self._driver.read(self._levels)
        self._driver.stop()
        if not count:
            raise self._driver.part.silent("no samples come")
        found = self.worn.look(sum(self._levels[:count]) // count)
        if found != NONE:
            self._on_event(actions.MOVED, time.ticks_ms(), found)

"""Tells the ring when a deadline has come."""

import asyncio
import time

from mynah_device import actions
from mynah_device.health import Heart
from mynah_device.ring import Ring
from mynah_wire.clock import elapsed_ms

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable


class TimeKeeper:
    """Asks the ring after everything that happened when it is next to be called."""

    def __init__(self, ring: Ring, on_event: "Callable[[str, int], None]") -> None:
        self.heart = Heart()
        self._ring = ring
        self._on_event = on_event
        self._rescheduled = asyncio.Event()

    def poke(self) -> None:
        """Something happened."""
        self._rescheduled.set()

    async def run(self) -> None:
        """Keep time for ever."""
        while True:
            self.heart.beat()
            self._rescheduled.clear()
            now_ms = time.ticks_ms()
            due_ms = self._ring.deadline_ms(now_ms)
            if due_ms is None:
                await self._rescheduled.wait()
                continue
            wait_ms = elapsed_ms(due_ms, now_ms)
            if wait_ms <= 0:
                self._on_event(actions.TICK, now_ms)
                continue
            try:
                await asyncio.wait_for_ms(self._rescheduled.wait(), wait_ms)
            except asyncio.TimeoutError:
                pass

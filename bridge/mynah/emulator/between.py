"""What of an emulated chip lasts from one run to the next, and how long it is until that begins."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from mynah.emulator.channel import Channel
from mynah.emulator.chip import _exits as exits
from mynah.emulator.chip import _topics as topics
from mynah.emulator.ending import CAUSES, TIMER_WAKE, Ending, Start
from mynah.emulator.interpreter import ChipSettings
from mynah.emulator.pins import Pins

DARK_S: Final = 0.2
"""Without power, until it boots again: a loose contact."""

_US_PER_S: Final = 1_000_000


class Between:
    """The levels of its pins, and which it holds, its RTC memory, and why it starts."""

    def __init__(self) -> None:
        self.start = Start()
        self.dark = False
        """The power is gone."""
        self.asleep = False
        self._rtc_memory = b""
        self._held = b""
        self._pins = Pins()
        self._stirred = asyncio.Event()  # a pin, or the power

    def attach(self, channel: Channel) -> None:
        """A new run's; it hears what is still to happen to its pins."""
        channel.on(topics.RTC_MEMORY, self._keep)
        channel.on(topics.HELD, self._hold)
        for body in self._pins.to_come():
            channel.send(topics.PIN, body)

    def as_it_starts(self, settings: ChipSettings) -> ChipSettings:
        """What the chip finds of the run before."""
        return replace(
            settings,
            reset_cause=self.start.reset_cause,
            wake_reason=self.start.wake_reason,
            wake_pins=self.start.wake_pins,
            rtc_memory=self._rtc_memory,
            held=self._held.decode(),
            pins=dict(self._pins.levels(_now_us())),
            pin_changes=self._pins.changes(),
        )

    def heed(self, topic: int, body: bytes) -> None:
        """The world told the chip something: asleep or off it hears of its pins."""
        if topic == topics.PIN:
            self._pins.heed(body)
            self._stirred.set()

    def cut_power(self) -> None:
        """In this moment."""
        self.dark = True
        self._stirred.set()

    async def next_start(self, ending: Ending | None, on_asleep: Callable[[], None]) -> Start:
        """Return when it starts again, as it does then."""
        if ending is not None and not self.dark:
            if ending.code != exits.ASLEEP:
                return Start(CAUSES[ending.code])
            self.asleep = True
            on_asleep()
            start = await self._sleep(ending)
            self.asleep = False
            if not self.dark:
                return start
        await asyncio.sleep(DARK_S)
        self.dark = False
        self._rtc_memory = self._held = b""
        return Start()

    async def _sleep(self, ending: Ending) -> Start:
        """What woke it; anything if the power went."""
        until_us = None if ending.sleep_ms is None else _now_us() + ending.sleep_ms * 1000
        while not self.dark:
            self._stirred.clear()
            levels = self._pins.levels(_now_us())
            for wake in ending.wakes:
                if pins := wake.holds(levels):
                    return Start.woken(wake.source, pins)
            if until_us is not None and _now_us() >= until_us:
                return Start.woken(TIMER_WAKE)
            moments = [us for us in (until_us, self._pins.next_us()) if us is not None]
            left_s = max(0, min(moments) - _now_us()) / _US_PER_S if moments else None
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), left_s)
        return Start()

    def _keep(self, body: bytes) -> None:
        self._rtc_memory = body

    def _hold(self, body: bytes) -> None:
        self._held = body


def _now_us() -> int:
    """The clock of the channel's messages."""
    return time.monotonic_ns() // 1000

"""What befalls an emulated ring: its air, its chip, its flash, its power."""

import asyncio
import json
import struct
from collections.abc import Coroutine
from dataclasses import replace
from itertools import dropwhile, islice
from typing import Any, Final

from mynah.emulator.chip import _topics as topics
from mynah.emulator.interpreter import ChipSettings
from mynah.emulator.radio import RadioSettings
from mynah.emulator.ring import EmulatedRing
from mynah.faults.injection import Injection
from mynah.faults.kinds import Unit
from mynah.faults.plan import Fault
from mynah.faults.schedule import Event, chance_of, schedule

WRITES_AHEAD: Final = 1000
"""A chip is told at each boot what will befall so many writes; it lives for fewer in any test."""

THOUSANDTHS: Final = 1000
"""How much of what was not safe yet is there after a power cut is drawn in these."""


class RingFaults:
    """Make it before the ring, `befall` it once it is switched on, `close` it in the end."""

    def __init__(self, injection: Injection) -> None:
        self._injection = injection
        self._plan = injection.plan
        self._ring: EmulatedRing | None = None
        self._silences = 0
        self._tasks: set[asyncio.Task[None]] = set()
        for name in ("clock_ppm", "flash_stall"):
            injection.can(name)
        injection.can("enomem", self._enomem)
        injection.can("i2s_overrun", self._stall)
        injection.can("interval", self._change_radio)
        injection.can("mtu", self._change_radio)
        injection.can("outage", self._silence)
        injection.can("power_cut", self._cut_power)

    def radio(self, settings: RadioSettings) -> RadioSettings:
        """The air from the beginning on."""
        for fault in self._plan.faults:
            if fault.when is None:
                settings = _changed(settings, fault)
        return settings

    def before_boot(self, settings: ChipSettings) -> ChipSettings:
        """The chip at each boot."""
        clock = self._plan.always("clock_ppm")
        if clock is not None:
            settings = replace(settings, clock_ppm=round(clock.number))
        if any(fault.name in ("flash_stall", "power_cut") for fault in self._plan.faults):
            settings = replace(settings, flash_faults=self._flash_faults())
        return settings

    def befall(self, ring: EmulatedRing) -> None:
        """It is this ring."""
        self._ring = ring
        for _ in range(ring.flash_writes):  # as it booted
            self._injection.count(Unit.WRITE)
        ring.on_flash_write = lambda: self._injection.count(Unit.WRITE)

    async def close(self) -> None:
        """Nothing more befalls it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def ring(self) -> EmulatedRing:
        if self._ring is None:
            raise RuntimeError("the plan began before there was a ring")
        return self._ring

    def _flash_faults(self) -> str:
        """What will befall the writes from this boot on, counted from it."""
        before = 0 if self._ring is None else self._ring.flash_writes
        stall = self._plan.always("flash_stall")
        events = dropwhile(lambda event: event.at <= before, schedule(self._plan, Unit.WRITE))
        writes = [
            [round(event.at) - before, *self._what(event)]
            for event in islice(events, WRITES_AHEAD)
            if event.fault.name in ("flash_stall", "power_cut")
        ]
        return json.dumps({"stall_ms": stall.number if stall else 0, "writes": writes})

    def _what(self, event: Event) -> tuple[str, float]:
        if event.fault.name == "flash_stall":
            return "stall_ms", event.fault.number
        chance = chance_of(self._plan, event.fault, f"torn at {event.at:.0f}")
        return "cut", chance.randrange(THOUSANDTHS)

    def _enomem(self, fault: Fault) -> None:
        self.ring.send(topics.ENOMEM, struct.pack("<H", round(fault.number)))

    def _stall(self, fault: Fault) -> None:
        self.ring.send(topics.STALL, struct.pack("<H", round(fault.number)))

    def _cut_power(self, fault: Fault) -> None:
        if fault.when is not None and fault.when.unit is not Unit.WRITE:  # its chip knows by itself
            self.ring.cut_power()

    def _change_radio(self, fault: Fault) -> None:
        air = self.ring.air
        self._begin(air.change(_changed(air.settings, fault)))

    def _silence(self, fault: Fault) -> None:
        self._begin(self._outage(fault.number / 1000))

    async def _outage(self, seconds: float) -> None:
        self._silences += 1
        self.ring.air.silence()
        await asyncio.sleep(seconds)
        self._silences -= 1
        if not self._silences:
            self.ring.air.restore()

    def _begin(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(what, name="fault")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _changed(settings: RadioSettings, fault: Fault) -> RadioSettings:
    if fault.name == "interval":
        return replace(settings, interval_ms=fault.number)
    if fault.name == "mtu":
        return replace(settings, mtu=round(fault.number))
    return settings

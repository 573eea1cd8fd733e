"""Runs every task of the firmware, starts anew what failed, feeds the watchdog if all is well.

A task that fails is told and started again, later each time. One that stands still is not: nothing
is known of what it holds, so the watchdog bites, and what was said lies in flash or with the host.
"""

import asyncio
import time

import machine
from micropython import const

import mynah_boot
from mynah_device.boots import CLEAN, Boots, standing_still
from mynah_device.health import BITE_MS, ROUND_MS, Health, Heart
from mynah_wire.clock import elapsed_ms
from mynah_wire.making import BROKEN

from .runner import Runner
from .store import TAKES_NOTHING

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from typing import Protocol

    class Part(Protocol):
        """What runs."""

        heart: Heart

        def poke(self) -> None:
            """Give a sign, soon."""

        async def run(self) -> None:
            """For ever; who returns is not needed any more."""


_FIRST_WAIT_MS = const(500)
_LONGEST_WAIT_MS = const(60_000)
_UPDATES_MS = const(15_000)  # between two pieces of an update: it may be what mends the ring
_RESCUE_MS = const(3000)  # of the 5 s that are left then


class Supervisor:
    """`look_after` everybody, then `run`."""

    def __init__(self, runner: Runner, boots: Boots) -> None:
        self._runner = runner
        self._boots = boots
        self._journal = runner.ring.workshop.journal
        self._health = Health()
        self._parts: "list[tuple[str, Part]]" = []
        self._met = False  # a host has proved itself since the start
        self._watchdog = machine.WDT(timeout=BITE_MS)

    def look_after(self, name: str, part: "Part") -> None:
        """One more."""
        self._parts.append((name, part))
        self._health.watch(name, part.heart)

    async def run(self) -> None:
        """For ever."""
        self._health.watch("microphone", self._runner.hearing)
        for name, part in self._parts:
            asyncio.create_task(self._keep_running(name, part))
        while True:
            if not self._health.round():
                self._watchdog.feed()
            now_ms = time.ticks_ms()
            for name in self._health.standing_still():
                self._journal.note(standing_still(name), now_ms)
                self._rescue()
            for _, part in self._parts:
                part.poke()
            if self._runner.ring.quiet:
                self._look_back(now_ms)
            await asyncio.sleep_ms(ROUND_MS)

    def _rescue(self) -> None:
        """Save what was said: what RAM holds will be gone when the watchdog bites."""
        if self._runner.flash is not None:
            self._runner.ring.said.cut()
            self._runner.flash.save_all(_RESCUE_MS)

    async def _keep_running(self, name: str, part: "Part") -> None:
        wait_ms = _FIRST_WAIT_MS
        while True:
            part.heart.expect()
            begun_ms = time.ticks_ms()
            try:
                await part.run()
            except Exception as error:  # noqa: BLE001 - the ring itself never ends
                self._runner.failed(name, error)
            else:
                return
            finally:
                part.heart.rest()
            if elapsed_ms(time.ticks_ms(), begun_ms) > _LONGEST_WAIT_MS:
                wait_ms = _FIRST_WAIT_MS
            await asyncio.sleep_ms(wait_ms)
            wait_ms = min(2 * wait_ms, _LONGEST_WAIT_MS)

    def _look_back(self, now_ms: int) -> None:
        """What this start has turned out to be; only in quiet, for NVS stalls the chip."""
        boots, ring, booted = self._boots, self._runner.ring, mynah_boot.booted
        if boots.is_well(ring.session.proven, now_ms):
            self._keep_starts(boots.kept)
            if booted is not None:
                booted.well()
        if ring.session.proven and not self._met:
            self._met = True
            if booted is not None and booted.met():
                self._journal.note("this build stays", now_ms)
                ring.on_trial = False
        updated_ms = self._runner.updated_ms
        updates = updated_ms is not None and elapsed_ms(now_ms, updated_ms) < _UPDATES_MS
        if boots.safe_is_over(now_ms) and not updates:
            self._journal.note("safe mode is over", now_ms)
            self.start_anew()

    def start_anew(self) -> None:
        """Reset, on purpose."""
        try:
            self._keep_starts(CLEAN)
        finally:
            machine.reset()

    def _keep_starts(self, starts: int) -> None:
        if not self._runner.store.keep_starts(starts):
            self._runner.fault(BROKEN, TAKES_NOTHING)

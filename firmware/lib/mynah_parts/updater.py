"""Takes updates over the link, and gives up a build on trial that meets no host in time.

What an update needs is imported with the first of them: 20 kB that a ring else has for speech.
"""

import asyncio
import gc
import time

from micropython import const

import mynah_boot
from mynah_boot.boot import FOLDERS
from mynah_device import actions
from mynah_device.health import Heart
from mynah_device.ring import Ring
from mynah_wire import making
from mynah_wire.clock import elapsed_ms

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    from mynah_wire.message import Message

    from .slot_files import Installer

TRIAL_MS = const(600_000)  # the host that updated a ring waits for it; another may come later
LOW_PERCENT = const(20)  # a battery that lasts for the writing, a restart, and the way back

FAREWELL_MS = 1000  # until what the host is to hear has gone
_PATIENCE_MS = const(100)  # until it is looked again whether the ring is quiet
_BREATH_MS = const(5)  # between two jobs with the flash, each of which stalls everything else


class Updater:
    """One update at a time."""

    def __init__(
        self,
        ring: Ring,
        build: int,
        on_event: "Callable[[str, int, object], None]",
        restart: "Callable[[], None]",
    ) -> None:
        """`restart()` resets the ring on purpose."""
        self.heart = Heart()
        self._ring = ring
        self._build = build
        self._on_event = on_event
        self._restart = restart
        self._wake = asyncio.Event()
        self._started_ms = time.ticks_ms()
        self._installer: "Installer | None" = None

    def poke(self) -> None:
        """Time has passed."""
        self._wake.set()

    def obey(self, order: "Message") -> None:
        """An Offer, a Block or an Install: UPDATED tells what came of it."""
        if self._installer is None:
            self._installer = self._new_installer()
        self._installer.take(order, self._hindrance())
        self._tell(self._installer)
        self._wake.set()

    async def run(self) -> None:
        """Work for ever."""
        while True:
            self.heart.beat()
            self._wake.clear()
            if self._installer is not None:
                await self._work(self._installer)
            self._give_up_trial()
            await self._wake.wait()

    @property
    def refused(self) -> int:
        """Offers and installations, since boot."""
        return 0 if self._installer is None else self._installer.updating.refused

    def _new_installer(self) -> "Installer":
        gc.collect()  # the import wants room, and lasting things should lie close together
        from .slot_files import Installer

        boot = mynah_boot.booted
        folders = ("", "")
        if boot is not None:
            folders = (FOLDERS[boot.running], FOLDERS[boot.spare()])
        return Installer(self._build, self._ring.identity.board.decode(), folders)

    async def _work(self, installer: "Installer") -> None:
        while installer.has_more():
            self._tell(installer)
            while not self._ring.quiet:
                self.heart.beat()
                await asyncio.sleep_ms(_PATIENCE_MS)
            if installer.restarts:
                await asyncio.sleep_ms(FAREWELL_MS)
                self._restart()
                return
            stalls = installer.do()
            self.heart.beat()
            await asyncio.sleep_ms(_BREATH_MS if stalls else 0)
        self._tell(installer)

    def _tell(self, installer: "Installer") -> None:
        news = installer.updating.news
        while news:
            said, now_ms = news.popleft(), time.ticks_ms()
            if said[1] == making.REFUSED:
                text = "update %d refused: %s" % (self.refused, said[3])
                self._ring.workshop.journal.note(text, now_ms)
            self._on_event(actions.UPDATED, now_ms, said)

    def _hindrance(self) -> str:
        boot, battery = mynah_boot.booted, self._ring.battery
        if boot is not None and boot.on_trial:
            return "the build that runs is on trial"
        if not self._ring.quiet:
            return "it hears or speaks: a moment later"
        if battery is not None and battery[1] < LOW_PERCENT and not battery[2]:
            return "its battery is at %d %%: charge it first" % battery[1]
        return ""

    def _give_up_trial(self) -> None:
        boot = mynah_boot.booted
        if boot is None or not boot.on_trial:
            return
        if elapsed_ms(time.ticks_ms(), self._started_ms) >= TRIAL_MS:
            self._restart()

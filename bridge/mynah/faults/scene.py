"""All that a plan does to a scripted conversation with an emulated ring."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from mynah.emulator.emulated import Emulated
from mynah.faults.companion import FaultyCompanion
from mynah.faults.disk import DiskFaults
from mynah.faults.injection import Injection
from mynah.faults.kinds import Unit
from mynah.faults.link import LINK_FAULTS, FaultyLink
from mynah.faults.plan import Plan
from mynah.faults.ring import RingFaults
from mynah.faults.worker import kill_workers
from mynah.inbox.disk import RealDisk
from mynah.inbox.inboxes import Inboxes
from mynah.link.keys import data_folder
from mynah.link.place import Place
from mynah.stages import Stages

INBOX_FOLDER: Final = "inbox"
"""Where it is without faults, too."""


class FaultyScene:
    """Make it before the ring is switched on: UserError names a fault that can't be had."""

    def __init__(self, plan: Plan, stages: Stages) -> None:
        self.injection = Injection(plan)
        self.fate = RingFaults(self.injection)
        self._companion = FaultyCompanion(stages.companion, self.injection)
        if plan.faults:
            stages.companion = self._companion
        disks = DiskFaults(self.injection)
        if any(plan.named("disk_full")):
            folder = data_folder() / INBOX_FOLDER
            stages.inboxes = Inboxes(lambda device: disks.over(RealDisk(folder / device)))
        kill_workers(self.injection, {"asr": stages.transcriber, "tts": stages.synthesizer})
        for name in LINK_FAULTS:
            self.injection.can(name)
        self.injection.check("in a scripted conversation")

    @asynccontextmanager
    async def befalling(self, on: Emulated) -> AsyncIterator[Place]:
        """The place to talk at; what happens is in the ring's trace, too. Time has not begun."""
        self.fate.befall(on.ring)
        place = on.place()
        link = FaultyLink(place.link, self.injection)
        self.injection.on_fault = lambda fault: on.ring.trace.host("fault", fault=str(fault))
        try:
            yield replace(place, link=link)
        finally:
            await self.fate.close()
            await link.close()

    def turn(self) -> None:
        """The wearer's next turn begins."""
        self._companion.turn()
        self.injection.count(Unit.TURN)

    def begin(self) -> "asyncio.Task[None]":
        """Time begins; the task that keeps it going, to be cancelled in the end."""
        return asyncio.create_task(self.injection.run(), name="faults")

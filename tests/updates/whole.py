"""The whole firmware, in the emulator, over its radio: power is cut while `mynah update` runs."""

import asyncio
import json
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mynah.maker.bundle import Bundle, make_for
from mynah.maker.emulated_update import updatable
from mynah.maker.update import Updated, update
from mynah.maker.update_key import UpdateKey

KEY = UpdateKey(bytes(range(32)))
LINK = "emulator:whole"
BOARD = "xiao_esp32s3"
NEW, NEWER = 1000, 1001
MOMENTS = (3, 40, 200, 500, 900)  # numbers of changes to the flash: some 1,000 an update


@dataclass
class Cuts:
    """At its first boot the power goes at this change of the flash."""

    at: int
    boots: int = 0

    def radio(self, settings):
        return settings

    def before_boot(self, settings):
        self.boots += 1
        writes = [[self.at, "cut", 500]] if self.boots == 1 and self.at else []
        return replace(settings, flash_faults=json.dumps({"stall_ms": 0, "writes": writes}))


@contextmanager
def data_folder(folder: Path):
    before = os.environ.get("MYNAH_DATA")
    os.environ["MYNAH_DATA"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("MYNAH_DATA")
        if before is not None:
            os.environ["MYNAH_DATA"] = before


async def updated(at: int, bundle: Bundle) -> tuple[Updated, Cuts]:
    async def bundle_for(_ready):
        return bundle

    cuts = Cuts(at)
    async with updatable(LINK, KEY, cuts) as on:
        return await update(on.link, bundle_for, lambda _progress: None), cuts


def run(say) -> int:
    """How many failed."""
    bundles = [make_for(LINK, BOARD, KEY, build) for build in (NEW, NEWER)]
    failures = 0
    for at in MOMENTS:
        with tempfile.TemporaryDirectory() as folder, data_folder(Path(folder)):
            try:
                first, cuts = asyncio.run(updated(at, bundles[0]))
                second, _ = asyncio.run(updated(0, bundles[1]))
            except Exception as error:  # noqa: BLE001 - counted, and told
                failures += 1
                say(f"power cut at change {at}: {error!r}")
                continue
        good = (first.after, second.before, second.after) == (NEW, NEW, NEWER) and cuts.boots > 2
        failures += not good
        say(f"power cut at change {at}: {first}, {cuts.boots} boots, then {second}")
    return failures

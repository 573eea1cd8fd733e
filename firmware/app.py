"""The application: builds the ring of its board, and runs it. `main.py` starts it."""

import asyncio
import time

import bluetooth
import machine

from mynah_device.about import BUILD
from mynah_device.boots import CLEAN, Boots, who_stood_still
from mynah_device.console import describe
from mynah_device.health import BITE_MS
from mynah_device.journal import Journal
from mynah_device.ring import Ring
from mynah_device.workshop import Workshop
from mynah_parts.building import Building, find_board, new_ring
from mynah_parts.cable import Cable
from mynah_parts.console import Console
from mynah_parts.links import Links
from mynah_parts.radio import Radio
from mynah_parts.runner import Runner
from mynah_parts.sender import Sender
from mynah_parts.store import TAKES_NOTHING, Store
from mynah_parts.supervisor import Supervisor
from mynah_parts.updater import Updater
from mynah_wire.making import BROKEN, FOREIGN, SAFE, STARVED

# The watchdog can't be stopped, but told another time: an hour, for who types on the console.
TYPING_MS = 3_600_000


def main() -> None:
    """Build the ring and run it; returns when somebody types on the console."""
    machine.WDT(timeout=BITE_MS)
    try:
        # The radio first: NimBLE needs its memory in one piece, before anything else is allocated.
        radio = Radio(bluetooth.BLE())
        asyncio.run(build(radio, Store()).run())
    except KeyboardInterrupt:
        machine.WDT(timeout=TYPING_MS)
        Store().keep_starts(CLEAN)


def build(radio: Radio, store: Store) -> Supervisor:
    """All that the board has; in safe mode what it takes to be repaired."""
    boots = Boots(machine.reset_cause(), store.starts(), time.ticks_ms())
    rtc = machine.RTC()
    # Its memory outlives a reset and deep sleep; after the power came on anything may be in it.
    journal = Journal(rtc.memory())
    culprit = who_stood_still(journal.newest)
    journal.on_note = lambda: rtc.memory(journal.pack())
    journal.note("start: %s, build %d" % (boots.cause, BUILD), time.ticks_ms())
    nvs_works = store.keep_starts(boots.kept)  # now: who knows how far it comes
    board, wrong = find_board(store.board())
    ring = new_ring(board, store, Workshop(journal), boots.safe)
    cable = Cable()
    links = Links(radio, cable)
    runner = Runner(ring, store, Sender(ring, links))
    supervisor = Supervisor(runner, boots)
    for name, part in zip(("radio", "cable"), links.listeners(runner.linked)):
        supervisor.look_after(name, part)
    supervisor.look_after("sender", runner.sender)
    supervisor.look_after("time", runner.time_keeper)
    if wrong:
        runner.fault(FOREIGN, wrong)
    if not nvs_works:
        runner.fault(BROKEN, TAKES_NOTHING)
    if boots.starved:
        runner.fault(STARVED, culprit)
    if boots.safe:
        runner.fault(SAFE, "ring: %d bad starts in a row" % boots.kept)
    else:
        Building(board, runner, supervisor).all_parts()
    runner.updater = Updater(ring, BUILD, runner.event, supervisor.start_anew)
    supervisor.look_after("updater", runner.updater)
    cable.on_line = Console(lambda: who_it_is(ring), runner.paired, journal).obey
    supervisor.look_after("console", cable)
    return supervisor


def who_it_is(ring: Ring) -> str:
    """What `mynah id` answers."""
    return describe(ring.identity.device_id, BUILD, ring.identity.board, ring.session.key)

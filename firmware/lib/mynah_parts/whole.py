"""The whole ring: all that its board has, built and run."""

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
from mynah_wire.making import BROKEN, FOREIGN, SAFE, STARVED

from .building import Building, find_board, new_ring
from .cable import Cable
from .console import Console
from .links import Links
from .radio import Radio
from .runner import Runner
from .sender import Sender
from .store import TAKES_NOTHING, Store
from .supervisor import Supervisor
from .updater import Updater

# The watchdog can't be stopped, but told another time: an hour, for who types on the console.
TYPING_MS = 3_600_000


def run(ble: bluetooth.BLE) -> None:
    """Build the ring and run it; returns when somebody types on the console."""
    machine.WDT(timeout=BITE_MS)
    try:
        asyncio.run(build(Radio(ble), Store()).run())
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

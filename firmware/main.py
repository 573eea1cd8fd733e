"""The loader: chooses which slot's application starts, and outlives one that can't.

It is small, it never changes over the link, and it needs nothing that lies in a slot.
"""

import os
import sys

import machine
from esp32 import NVS

import mynah_boot
from mynah_boot.boot import APPLICATIONS, FOLDERS, NAMESPACE, PART, Boot
from mynah_boot.record import BUILT_IN, NONE

WATCHDOG_MS = 30_000  # until an application feeds it itself: importing one takes a few seconds
TYPING_MS = 3_600_000  # it can't be stopped: so long it waits for who types
AGAIN_MS = 600_000  # until it tries again by itself, if nothing starts: time to flash it by USB
FROZEN_TOO = "mynah_parts"  # a package of the firmware; importing it does nothing
NOTHING_STARTS = (
    "mynah: no application starts. Connect the ring by USB and run `mynah flash --app`; "
    "after a reset, or ten minutes, it tries all of them again.\n"
)


def start() -> None:
    """Run an application; returns, or raises, only for the REPL."""
    boot = Boot(_nvs())
    slots = {slot for slot, folder in FOLDERS.items() if folder and _is_whole(folder)}
    bitten = machine.reset_cause() == machine.WDT_RESET
    running = boot.begin(slots | {BUILT_IN} if _is_built_in() else slots, bitten)
    if running == NONE:
        sys.stdout.write(NOTHING_STARTS)
        machine.WDT(timeout=AGAIN_MS)
        return
    mynah_boot.booted = boot
    if running != BUILT_IN:
        folder = FOLDERS[running]
        sys.path.insert(0, folder + "/lib")
        sys.path.insert(0, folder)
    if slots:
        machine.WDT(timeout=WATCHDOG_MS)
    try:
        _run()
    except KeyboardInterrupt:
        if slots:
            machine.WDT(timeout=TYPING_MS)
        raise
    except Exception as error:
        if not slots:
            raise  # there is nothing else to start
        sys.print_exception(error)
        boot.failed()
        machine.reset()


def _run() -> None:
    import app

    app.main()


def _nvs() -> "NVS | None":
    try:
        return NVS(NAMESPACE)
    except OSError:
        return None  # slot a


def _is_whole(folder: str) -> bool:
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    return PART not in names and any(name in names for name in APPLICATIONS)


def _is_built_in() -> bool:
    """Whether `import app` finds one without a slot; not by importing it, for it may hang."""
    return _is_frozen() or any(_is_whole(folder or ".") for folder in sys.path)


def _is_frozen() -> bool:
    """Whether the image has one: it can't be listed, but its manifest has all of the firmware."""
    path = sys.path[:]
    sys.path[:] = [".frozen"]
    try:
        __import__(FROZEN_TOO)
    except ImportError:
        return False
    finally:
        sys.path[:] = path
    del sys.modules[FROZEN_TOO]  # a slot brings its own
    return True


start()

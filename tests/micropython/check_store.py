"""What is kept of a ring's starts; it starts, too, with an NVS that takes nothing, or with none."""

import sys

from checks import run

FULL = (-4357, "ESP_ERR_NVS_NOT_ENOUGH_SPACE")
GONE = (-4353, "ESP_ERR_NVS_NOT_INITIALIZED")


class Nvs:
    """`esp32.NVS`, as ill as it is told."""

    ill = None

    def __init__(self, _name):
        if Nvs.ill == GONE:
            raise OSError(*GONE)

    def get_i32(self, key):
        if key not in Nvs.kept:
            raise OSError(-4354)
        return Nvs.kept[key]

    def get_blob(self, key, _buffer):
        return self.get_i32(key)

    def set_i32(self, key, value):
        if Nvs.ill:
            raise OSError(*Nvs.ill)
        Nvs.kept[key] = value

    set_blob = set_i32

    def commit(self):
        pass


class Esp32:
    """`esp32`."""

    NVS = Nvs


class Wdt:
    """`machine.WDT`."""

    def __init__(self, timeout):
        pass


class Machine:
    """`machine`."""

    WDT = Wdt
    Pin = None
    resets = 0

    @staticmethod
    def reset():
        Machine.resets += 1


class Bluetooth:
    """`bluetooth`; nothing here calls it."""

    BLE = None


Nvs.kept = {}
sys.path.append(".frozen")  # where this MicroPython keeps asyncio; MICROPYPATH replaced it
sys.modules["esp32"] = Esp32
sys.modules["machine"] = Machine
sys.modules["bluetooth"] = Bluetooth

import mynah_boot  # noqa: E402
from mynah_device.boots import CLEAN, WATCHDOG, WELL_MS, Boots  # noqa: E402
from mynah_parts.store import TAKES_NOTHING, Store  # noqa: E402
from mynah_parts.supervisor import Supervisor  # noqa: E402
from mynah_wire.making import BROKEN  # noqa: E402


class Runner:
    """What a supervisor needs of it, which is its own ring, session, workshop and journal too."""

    proven = False
    on_trial = True
    updated_ms = None

    def __init__(self):
        self.ring = self.session = self.workshop = self.journal = self
        self.store = Store()
        self.faults = []

    def fault(self, fault, text):
        self.faults.append((fault, text))

    def note(self, text, _now_ms):
        pass


class Boot:
    """What the loader decided."""

    forgiven = 0

    def well(self):
        self.forgiven += 1

    def met(self):
        return True


def check_what_is_kept_is_found_again():
    Nvs.ill, Nvs.kept = None, {}
    store = Store()
    assert store.starts() == 0
    assert store.keep_starts(2)
    assert Store().starts() == 2


def check_one_that_takes_nothing_says_so_and_is_not_asked_without_need():
    Nvs.ill, Nvs.kept = FULL, {"starts": 2}
    store = Store()
    assert store.keep_starts(2)
    assert not store.keep_starts(3)
    assert store.starts() == 2


def check_one_that_does_not_open_is_as_if_it_were_empty():
    Nvs.ill, Nvs.kept = GONE, {"starts": 2, "key": 32}
    store = Store()
    assert (store.key(), store.board(), store.starts()) == (None, "", 0)
    assert (store.settings(), store.acts()) == ({}, {})
    assert not store.keep_starts(0)
    try:
        store.keep_key(bytes(32))
    except OSError:
        return
    raise AssertionError("it says that it kept a key")


def check_a_ring_starts_anew_whatever_its_nvs_does():
    for ill in (FULL, GONE):
        Nvs.ill, Nvs.kept, Machine.resets = ill, {}, 0
        runner = Runner()
        Supervisor(runner, None).start_anew()
        assert Machine.resets == 1
        assert runner.faults == [(BROKEN, TAKES_NOTHING)]
    Nvs.ill = None
    Supervisor(Runner(), None).start_anew()
    assert Nvs.kept == {"starts": CLEAN}


def check_a_healthy_minute_is_forgiven_once_and_a_host_ends_the_trial():
    Nvs.ill, Nvs.kept = None, {}
    mynah_boot.booted = boot = Boot()
    runner = Runner()
    supervisor = Supervisor(runner, Boots(WATCHDOG, 0, 0))
    for now_ms in (0, WELL_MS - 1):
        supervisor._look_back(now_ms)
    assert boot.forgiven == 0
    for _ in range(2):
        supervisor._look_back(WELL_MS)
    assert boot.forgiven == 1
    assert runner.on_trial
    runner.proven = True
    supervisor._look_back(WELL_MS)
    assert not runner.on_trial
    mynah_boot.booted = None


run(globals())

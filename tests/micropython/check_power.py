"""Deep sleep's last moments: what wakes the chip, and what keeps it from falling asleep."""

import sys

from checks import run


class SleptError(Exception):
    """The chip is asleep, so long at most."""

    def __init__(self, ms):
        super().__init__(ms)
        self.ms = ms


class Pin:
    """The button's."""

    IN = PULL_UP = 0
    level = 1
    held = False

    def __init__(self, _number, _mode=None, _pull=None):
        self.init()

    def init(self, _mode=None, _pull=None, *, hold=False):
        Pin.held = hold

    def value(self):
        return Pin.level


class Machine:
    """`machine`."""

    DEEPSLEEP_RESET, TIMER_WAKE = 4, 1

    @staticmethod
    def deepsleep(ms=None):
        raise SleptError(ms)


class Esp32:
    """`esp32` of a chip that wakes by any of its first pins."""

    WAKEUP_ALL_LOW = 0

    @staticmethod
    def wake_on_gpio(pins, level):
        assert Pin.held
        Esp32.wakes.append((len(pins), level))


Esp32.wakes = []
Machine.Pin = Pin
sys.modules["machine"] = Machine
sys.modules["esp32"] = Esp32

from mynah_device.contact import STUCK_AT_BOOT_MS, STUCK_MS, Contact  # noqa: E402
from mynah_parts.power import Power  # noqa: E402

HOUR_MS = 3_600_000
TEN_MINUTES_MS = 600_000
BY_PRESS = [(1, 0)]


def slept(after_ms, *, stuck=False, meanwhile=lambda: None):
    """Whether all was switched off, how long it sleeps at most (0 if not at all), what wakes it."""
    off, Esp32.wakes[:] = [], []

    def before_sleep():
        off.append(True)
        meanwhile()

    try:
        Power(2, before_sleep, lambda: stuck).sleep(after_ms)
    except SleptError as asleep:
        return bool(off), asleep.ms, list(Esp32.wakes)
    return bool(off), 0, list(Esp32.wakes)


def check_it_sleeps_until_a_press_or_so_long():
    Pin.level = 1
    assert slept(None) == (True, None, BY_PRESS)
    assert slept(HOUR_MS) == (True, HOUR_MS, BY_PRESS)


def check_a_press_at_that_moment_keeps_it_awake_with_its_light_on():
    Pin.level = 0
    for after_ms in (None, HOUR_MS):
        assert slept(after_ms) == (False, 0, [])


def check_a_press_while_all_is_switched_off_wakes_it_at_once():
    Pin.level = 1
    assert slept(HOUR_MS, meanwhile=lambda: setattr(Pin, "level", 0)) == (True, HOUR_MS, BY_PRESS)


def check_with_a_button_that_is_stuck_it_looks_again_after_ten_minutes():
    Pin.level = 0
    assert slept(None, stuck=True) == (True, TEN_MINUTES_MS, [])
    assert slept(HOUR_MS, stuck=True) == (True, TEN_MINUTES_MS, [])
    assert slept(1000, stuck=True) == (True, 1000, [])


def check_a_contact_is_stuck_if_it_is_down_and_that_is_no_press():
    contact = Contact(False, 0)
    assert not contact.stuck
    contact.handle(True, 10)
    assert not contact.stuck
    contact.handle(True, 10 + STUCK_MS)
    assert contact.stuck
    contact.handle(False, 20 + STUCK_MS)
    assert not contact.stuck
    held = Contact(True, 0)
    for now_ms in (1, STUCK_AT_BOOT_MS):
        held.handle(True, now_ms)
        assert held.stuck


run(globals())

"""What may wake the chip from deep sleep: set through `esp32`, used by `machine.deepsleep`.

As in the ESP32 port at 1.28: one source of each kind, checked for the chip when it is set or when
it falls asleep. An ESP32-S3 knows ext0 and ext1, a -C6 ext1 and gpio, a -C3 gpio alone.
"""

import _chip_kind

EXT0 = 2  # ESP_SLEEP_WAKEUP_…, as `machine.wake_reason()` gives them
EXT1 = 3
TIMER = 4
GPIO = 7

_KINDS = {
    "esp32s3": {EXT0: range(22), EXT1: range(22)},  # of the pins that keep power in deep sleep
    "esp32c3": {GPIO: range(6)},
    "esp32c6": {EXT1: range(8), GPIO: range(8)},
}
_sources = {}  # source → [pins, level]


def has(source):
    """Whether this chip has it at all."""
    return source in _KINDS[_chip_kind.NAME]


def checked(source, pins):
    """Numbers of pins that can wake this chip so; ValueError for others."""
    numbers = [getattr(pin, "number", pin) for pin in pins]
    if not all(number in _KINDS[_chip_kind.NAME][source] for number in numbers):
        raise ValueError("invalid pin")
    return numbers


def choose(source, pins, level):
    """Let these pins wake it at this level, and no others by this source."""
    _sources[source] = [[getattr(pin, "number", pin) for pin in pins], 1 if level else 0]


def chosen():
    """[[source, pins, level], …] for a deep sleep that begins now; ValueError as on the chip."""
    if GPIO in _sources and _sources[GPIO][0]:
        if not has(GPIO):
            raise ValueError("DEEPSLEEP with gpio pins not supported on this chip")
        if not all(pin in _KINDS[_chip_kind.NAME][GPIO] for pin in _sources[GPIO][0]):
            raise ValueError("wake-up pin not supported")
    return [[source, pins, level] for source, (pins, level) in _sources.items() if pins]

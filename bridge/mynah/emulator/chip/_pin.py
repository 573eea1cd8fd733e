"""`machine.Pin`: levels that the world sets at a ring time, outputs that the trace tells of.

An input that nothing drives reads as its pull says. Edges are clean: no contact bounces.
A pin that is held heeds nothing that is driven until it is let go, in later runs too: `hold` is the
ESP32's pad hold. In deep sleep a chip keeps what its power reaches, the rest only if it was told to
(MicroPython 1.29, docs/esp32/quickref.rst; ESP-IDF 5.5, driver/gpio.h; not measured on hardware).
"""

import asyncio
import json
import os
import struct
import time

import _channel
import _chip_kind
import _ring
import _topics
import micropython

_HIGHEST = 48  # an ESP32-S3 has GPIO 0 to 48
_PIN_MESSAGE = "<QBB"
# What the world does to its pins does not end with a run of the ring.
_levels = {int(pin): level for pin, level in json.loads(os.getenv("MYNAH_PINS") or "{}").items()}
_soon = json.loads(os.getenv("MYNAH_PIN_CHANGES") or "[]")
_levels.update({pin: level for at_us, pin, level in _soon if at_us <= time.ticks_us()})
_driven = {}  # pin number → level that this run drives, whether the pin heeds it or not
# Pin number → level that the pin keeps, None of an input, which is still read.
_held = {int(pin): level for pin, level in json.loads(os.getenv("MYNAH_HELD") or "{}").items()}
_levels.update({pin: level for pin, level in _held.items() if level is not None})
_keeps_all = False
# A -C6 holds each pin by itself, awake or asleep, and `esp32` has no switch for it.
_POWERED_ASLEEP = {"esp32s3": range(22), "esp32c3": range(6), "esp32c6": range(31)}[_chip_kind.NAME]
_interrupts = {}  # pin number → (pin, handler, trigger)
_watchers = {}  # pin number → what is called before its level changes


class Pin:
    """One GPIO; two objects of the same number are the same pin."""

    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, id, mode=None, pull=None, *, value=None, drive=None, hold=None):
        if isinstance(id, Pin):
            id = id.number
        if not isinstance(id, int) or not 0 <= id <= _HIGHEST:
            raise ValueError("invalid pin")
        self.number = id
        self.init(mode, pull, value=value, hold=hold)

    def init(self, mode=None, pull=None, *, value=None, drive=None, hold=None):
        """Set direction and pull; a pin that something drives keeps its level."""
        if mode == Pin.IN:
            _driven.pop(self.number, None)
            _levels.setdefault(self.number, 1 if pull == Pin.PULL_UP else 0)
        if value is not None:
            self._drive(value)
        if hold is not None:
            _release(self.number)
        if hold:
            _hold(self.number)

    def value(self, value=None):
        """Read the level, or drive it."""
        if value is None:
            return _levels.get(self.number, 0)
        return self._drive(value)

    def __call__(self, value=None):
        """The same as `value`."""
        return self.value(value)

    def on(self):
        """Drive it high."""
        self._drive(1)

    def off(self):
        """Drive it low."""
        self._drive(0)

    def toggle(self):
        """Drive it the other way."""
        self._drive(not self.value())

    def irq(self, handler=None, trigger=IRQ_RISING | IRQ_FALLING, *, wake=None, hard=False):
        """Schedule `handler(pin)` at these edges; the chip's handlers are soft ones too."""
        if handler is None:
            _interrupts.pop(self.number, None)
        else:
            _interrupts[self.number] = (self, handler, trigger)

    def __repr__(self):
        return "Pin(%d)" % self.number

    def _drive(self, value):
        _driven[self.number] = 1 if value else 0
        if self.number not in _held:
            _settle(self.number)


def level(number):
    """What a part at that pin sees."""
    return _levels.get(number, 0)


def watch(number, handler):
    """Call `handler()` before the ring drives that pin to another level; None ends it."""
    _watchers[number] = handler or _nothing


def keep_asleep(enable):
    """Whether deep sleep leaves alone what is held of the pins that have no power then."""
    global _keeps_all
    _keeps_all = enable


def fall_asleep():
    """In this moment; what is still held, by number."""
    for number in list(_held):
        if not _keeps_all and number not in _POWERED_ASLEEP:
            del _held[number]
    _tell_held()
    return _held


def _hold(number):
    _held[number] = _driven.get(number)
    _tell_held()


def _release(number):
    if number in _held:
        level = _held.pop(number)
        _tell_held()
        if number in _driven:
            _settle(number)
        elif level is not None:
            _levels.pop(number, None)  # of the run before: now nobody drives it


def _tell_held():
    _channel.send(_topics.HELD, json.dumps(_held).encode())


def _settle(number):
    if _levels.get(number) != _driven[number]:
        _watchers.get(number, _nothing)()
        _levels[number] = _driven[number]
        _ring.trace("pin", pin=number, value=_driven[number])


def _nothing():
    pass


def _on_message(body):
    at_us, number, level = struct.unpack(_PIN_MESSAGE, body)
    asyncio.create_task(_change(_ring.to_ring_us(at_us), number, level))


async def _change(us, number, level):
    await _ring.sleep_until(us)
    old = _levels.get(number)
    _levels[number] = level
    _ring.trace("input", pin=number, value=level)
    if number not in _interrupts or old == level:
        return
    pin, handler, trigger = _interrupts[number]
    if trigger & (Pin.IRQ_RISING if level else Pin.IRQ_FALLING):
        micropython.schedule(handler, pin)


_channel.on(_topics.PIN, _on_message)

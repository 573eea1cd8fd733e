"""`machine.Pin`: levels that the world sets at a ring time, outputs that the trace tells of.

An input that nothing drives reads as its pull says. Edges are clean: no contact bounces.
"""

import asyncio
import json
import os
import struct
import time

import _channel
import _ring
import _topics
import micropython

_HIGHEST = 48  # an ESP32-S3 has GPIO 0 to 48
_PIN_MESSAGE = "<QBB"
# What the world does to its pins does not end with a run of the ring.
_levels = {int(pin): level for pin, level in json.loads(os.getenv("MYNAH_PINS") or "{}").items()}
_soon = json.loads(os.getenv("MYNAH_PIN_CHANGES") or "[]")
_levels.update({pin: level for at_us, pin, level in _soon if at_us <= time.ticks_us()})
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
        self.init(mode, pull, value=value)

    def init(self, mode=None, pull=None, *, value=None, drive=None, hold=None):
        """Set direction and pull; a pin that something drives keeps its level."""
        if mode == Pin.IN:
            _levels.setdefault(self.number, 1 if pull == Pin.PULL_UP else 0)
        if value is not None:
            self._drive(value)

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
        level = 1 if value else 0
        if _levels.get(self.number) != level:
            _watchers.get(self.number, _nothing)()
            _levels[self.number] = level
            _ring.trace("pin", pin=self.number, value=level)


def level(number):
    """What a part at that pin sees."""
    return _levels.get(number, 0)


def watch(number, handler):
    """Call `handler()` before the ring drives that pin to another level; None ends it."""
    _watchers[number] = handler or _nothing


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

"""The emulator's stand-ins for a chip without the emulator, in time that only a test moves.

Import it first: `machine` is then what `bridge/mynah/emulator/chip` makes of buses and pins, and
the parts on the bus are its models. `board(I2C_SDA=…)` says what is wired, `faults(…)` what is ill.
"""

import os
import struct
import sys

_HERE = __file__[: __file__.rfind("/")]
sys.path.append(".frozen")  # where this MicroPython keeps asyncio; MICROPYPATH replaced it
sys.path.append(_HERE + "/../../bridge/mynah/emulator/chip")
os.putenv("MYNAH_BATTERY_UV", "1950000")

BUS = {"I2C_SDA": 5, "I2C_SCL": 6}


class Ring:
    """`_ring`: virtual time."""

    us = 0

    @staticmethod
    def now_us():
        return Ring.us

    @staticmethod
    def trace(event, **fields):
        pass

    @staticmethod
    def to_ring_us(us):
        return us


_handlers = {}


class Channel:
    """`_channel`: what the host tells comes from the test."""

    @staticmethod
    def on(topic, handler):
        _handlers[topic] = handler


class Board:
    """`_board`."""

    constants = BUS

    @staticmethod
    def board(name):
        return Board.constants.get(name)


class Time:
    """`time` of parts and stand-ins: whoever waits moves the clock."""

    @staticmethod
    def ticks_ms():
        return Ring.us // 1000

    @staticmethod
    def sleep_us(us):
        Ring.us += us


sys.modules["_ring"] = Ring
sys.modules["_channel"] = Channel
sys.modules["_board"] = Board

import asyncio  # noqa: E402 - with the real time

sys.modules["time"] = Time

import _adc  # noqa: E402
import _i2c  # noqa: E402
import _pin  # noqa: E402
import _surroundings  # noqa: E402
import _topics  # noqa: E402
import _touch  # noqa: E402
from _surroundings import ACCELERATION, CELL, FINGER, PAD  # noqa: E402, F401


class Machine:
    """`machine`."""

    ADC = _adc.ADC
    I2C = _i2c.I2C
    SoftI2C = _i2c.SoftI2C
    Pin = _pin.Pin
    TouchPad = _touch.TouchPad


sys.modules["machine"] = Machine


def board(**constants):
    """What is wired now; a fresh bus, and the time begins anew."""
    Board.constants = dict(BUS)
    Board.constants.update(constants)
    os.putenv("MYNAH_I2C", "")
    _i2c._parts = None
    _pin._levels.clear()
    _surroundings._motion.clear()
    _surroundings._latest.clear()
    Ring.us = 0


def faults(json):
    """What MYNAH_I2C says from now on."""
    os.putenv("MYNAH_I2C", json)
    _i2c._parts = None


def model(address):
    """The model at an address."""
    return _i2c._population()[address].model


def wait_ms(ms):
    """Let time pass."""
    Ring.us += ms * 1000


def sense(kind, from_us, interval_us, body):
    """The host tells what there is to feel."""
    head = struct.pack("<BQI", kind, from_us, interval_us)
    _handlers[_topics.SENSE](head + body)


class OverError(Exception):
    """The time that a test has for its coroutine."""


def run(coroutine, ms=1_000_000):
    """Run one coroutine, whose sleeps are virtual, for so long: what it returns or raises."""
    end_us = Ring.us + ms * 1000

    async def pass_ms(ms):
        if Ring.us >= end_us:
            raise OverError
        Ring.us += ms * 1000

    asyncio.sleep_ms = pass_ms
    try:
        return asyncio.run(coroutine)
    except OverError:
        return None


def drive(pin, level):
    """The world drives a pin."""
    _pin._levels[pin] = level

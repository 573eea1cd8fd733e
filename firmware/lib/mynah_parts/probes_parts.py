"""Tests of the button, the sensors, the battery, the flash, and of the chip itself."""

import asyncio
import gc
import os
import sys
import time

import machine
from machine import Pin
from micropython import const

from mynah_device.boots import CAUSES
from mynah_device.charge import NO_CELL_MV, percent_of
from mynah_device.pad import TOUCH_PERCENT
from mynah_device.probing import words
from mynah_wire.clock import elapsed_ms

from .probes import FailedError

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    from .bus import Bus
    from .probes import Prober

_LOOK_MS = const(20)
_MOST_MS = const(15_000)
_AFTER_MS = const(300)  # bounces of the release, and what the button itself waits out
_BLOCK_BYTES = const(4096)
_BLOCKS = const(8)
_FILE = "selftest.tmp"


async def button(prober: "Prober", argument: int) -> str:
    """How it is; with `argument` milliseconds, what it does until it was pressed and let go of."""
    pin = Pin(prober.has("BUTTON_PIN"))
    if prober.board.BUTTON == "touch":
        pad = machine.TouchPad(pin)
        rest = pad.read()
        return await _pressed(lambda: pad.read() * 100 > rest * (100 + TOUCH_PERCENT), argument)
    button = prober.runner.button
    first = 0 if button is None else button.edges
    told = await _pressed(lambda: pin.value() == 0, argument)
    edges = 0 if button is None else button.edges - first
    return told + " " + words(("edges", edges))


async def _pressed(is_down: "Callable[[], bool]", within_ms: int) -> str:
    down_at_first = was_down = is_down()
    begun_ms, presses = time.ticks_ms(), 0
    while not presses and elapsed_ms(time.ticks_ms(), begun_ms) < min(within_ms, _MOST_MS):
        await asyncio.sleep_ms(_LOOK_MS)
        down = is_down()
        presses += was_down and not down
        was_down = down
    if presses:
        await asyncio.sleep_ms(_AFTER_MS)
    return words(
        ("down", int(down_at_first)), ("still_down", int(was_down)), ("presses", int(presses))
    )


async def motion(prober: "Prober", _argument: int) -> str:
    """Who answers where the accelerometer should."""
    from .senses import accelerometer

    name = prober.has("MOTION")
    driver = accelerometer(name)(prober.bus(), prober.board.MOTION_ADDRESS)
    return words(
        ("part", name), ("address", _hex(prober.board.MOTION_ADDRESS)), ("id", _id(driver))
    )


async def pulse(prober: "Prober", _argument: int) -> str:
    """Who answers where the pulse sensor should."""
    from .bus import BusPart
    from .max30102 import ADDRESS, Max30102

    class Asked(Max30102):
        """A new one would reset a sensor that is in use: it is only asked who it is."""

        def __init__(self, bus: "Bus") -> None:
            self.part = BusPart(bus, "pulse", ADDRESS)

    name = prober.has("PULSE")
    Asked(prober.bus()).check()
    return words(("part", name), ("address", _hex(ADDRESS)))


async def battery(prober: "Prober", _argument: int) -> str:
    """The cell, now."""
    from .battery import Battery

    cell = Battery(prober.has("BATTERY_PIN"), prober.board.BATTERY_DIVIDER)
    millivolts = cell.millivolts()
    if millivolts < NO_CELL_MV:
        return words(("millivolts", millivolts), ("cell", 0))
    return words(("millivolts", millivolts), ("percent", percent_of(millivolts)), ("cell", 1))


async def flash(prober: "Prober", _argument: int) -> str:
    """Write blocks, read them back; how long each takes, and how much is free."""
    if not prober.has("FLASH_BYTES"):
        from .probes import MissingError

        raise MissingError
    gc.collect()
    block = bytearray(_BLOCK_BYTES)
    write_us = longest_us = 0
    try:
        with open(_FILE, "wb") as file:  # noqa: ASYNC230 - MicroPython has no other
            for number in range(_BLOCKS):
                begun_us = time.ticks_us()
                file.write(_filled(block, number))
                file.flush()
                took_us = time.ticks_diff(time.ticks_us(), begun_us)
                write_us += took_us
                longest_us = max(longest_us, took_us)
                await asyncio.sleep_ms(_LOOK_MS)
        read_us = await _read_back(block)
    finally:
        _remove()
    return words(
        ("write_ms", write_us / 1000 / _BLOCKS),
        ("longest_write_ms", longest_us / 1000),
        ("read_ms", read_us / 1000 / _BLOCKS),
        ("block_bytes", _BLOCK_BYTES),
        ("free_bytes", _free_bytes()),
    )


async def _read_back(block: bytearray) -> int:
    back, read_us = bytearray(_BLOCK_BYTES), 0
    with open(_FILE, "rb") as file:  # noqa: ASYNC230 - MicroPython has no other
        for number in range(_BLOCKS):
            begun_us = time.ticks_us()
            file.readinto(back)
            read_us += time.ticks_diff(time.ticks_us(), begun_us)
            if back != _filled(block, number):
                raise FailedError("reason=block_%d_reads_otherwise_than_it_was_written" % number)
            await asyncio.sleep_ms(_LOOK_MS)
    return read_us


async def system(prober: "Prober", _argument: int) -> str:
    """The chip, its interpreter, its memory, and how it started."""
    gc.collect()
    cause = machine.reset_cause()
    return words(
        ("micropython", ".".join(str(part) for part in sys.implementation.version[:3])),
        ("platform", sys.platform),
        ("chip", getattr(prober.board, "CHIP", "")),
        ("mhz", machine.freq() // 1_000_000),
        ("heap_free_bytes", gc.mem_free()),
        ("heap_used_bytes", gc.mem_alloc()),
        ("reset", CAUSES.get(cause, str(cause))),
        ("bad_starts", max(0, prober.runner.store.starts())),
    )


def _id(driver: "object") -> str:
    part, register = driver.part, driver.IDENTITY  # type: ignore[attr-defined]
    return _hex(part.get(register))


def _hex(value: int) -> str:
    return "0x%02x" % value


def _filled(block: bytearray, number: int) -> bytearray:
    for place in range(0, len(block), 64):
        block[place] = place * 7 + number * 31 & 0xFF
    return block


def _free_bytes() -> int:
    block_bytes, _, _, free_blocks = os.statvfs("/")[:4]
    return block_bytes * free_blocks


def _remove() -> None:
    try:
        os.remove(_FILE)
    except OSError:
        pass  # it could not even be made

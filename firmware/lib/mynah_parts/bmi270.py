"""Bosch BMI270, at 0x68, or 0x69 with SDO high.

Registers by public drivers, the rest from memory of the datasheet; not measured on hardware.

It measures nothing until 8,192 bytes of Bosch's were loaded into it. They are under a licence of
their own and not part of this firmware: the maker puts them on the ring, as the file `bmi270.bin`.
"""

import asyncio

from micropython import const

from .counts_viper import from_little
from .motion import BLOCK_SAMPLES, SAMPLE_BYTES, Motion

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from array import array
    from typing import BinaryIO

FILE = "bmi270.bin"  # in the root of the ring's files: the array of Bosch's bmi270.c, as bytes
FILE_BYTES = 8192

_CHIP_ID = const(0x00)
_INTERNAL_STATUS = const(0x21)
_FIFO_LENGTH = const(0x24)
_FIFO_DATA = const(0x26)
_ACC_CONF = const(0x40)
_ACC_RANGE = const(0x41)
_FIFO_CONFIG_1 = const(0x49)
_INIT_CTRL = const(0x59)
_INIT_ADDR_0 = const(0x5B)
_INIT_DATA = const(0x5E)
_PWR_CONF = const(0x7C)
_PWR_CTRL = const(0x7D)
_CMD = const(0x7E)

_RESET = const(0xB6)
_FLUSH = const(0xB0)
_NO_POWER_SAVE = const(0x00)
_FIFO_WAKES = const(0x03)  # power save between samples; the FIFO is read all the same
_100_HZ = const(0x28)  # averaged by 4, which saves power, as no gyroscope asks for more
_8_G = const(0x02)
_ACCELERATION = const(0x40)  # alone, without headers
_ACCELEROMETER = const(0x04)
_INITIALISED = const(0x01)
_RESET_MS = const(2)
_INITIALISING_MS = const(20)
_PIECE_BYTES = const(64)  # 1.5 ms on the bus
_AXES = const(3)


class Bmi270(Motion):
    """Its FIFO is bytes behind one address."""

    IDENTITY = _CHIP_ID
    IDENTITIES = (0x24,)

    async def start(self) -> None:
        """Load its configuration, and set it up."""
        part = self.part
        part.set(_CMD, _RESET)
        await asyncio.sleep_ms(_RESET_MS)
        self._length = bytearray(2)
        part.set(_PWR_CONF, _NO_POWER_SAVE)
        await asyncio.sleep_ms(1)
        await self._load()
        part.set(_ACC_CONF, _100_HZ)
        part.set(_ACC_RANGE, _8_G)
        part.set(_FIFO_CONFIG_1, _ACCELERATION)
        part.set(_PWR_CTRL, _ACCELEROMETER)
        part.set(_PWR_CONF, _FIFO_WAKES)

    def stop(self) -> None:
        """Have it sleep."""
        self.part.set(_PWR_CTRL, 0)

    def read(self, milli_g: "array[int]") -> int:
        """Take what the FIFO has."""
        self.part.read(_FIFO_LENGTH, self._length)
        held_bytes = self._length[0] | (self._length[1] & 0x3F) << 8
        count = min(held_bytes // SAMPLE_BYTES, BLOCK_SAMPLES)
        if count:
            self.part.read(_FIFO_DATA, self._view[: count * SAMPLE_BYTES])
            from_little(self._raw, milli_g, count * _AXES)
        return count

    async def _load(self) -> None:
        part = self.part
        with self._file() as file:
            part.set(_INIT_CTRL, 0)
            place = bytearray(2)
            for start in range(0, FILE_BYTES, _PIECE_BYTES):
                piece = file.read(_PIECE_BYTES)
                word = start // 2
                place[0], place[1] = word & 0x0F, word >> 4
                part.write(_INIT_ADDR_0, place)
                part.write(_INIT_DATA, piece)
                await asyncio.sleep_ms(0)
            part.set(_INIT_CTRL, 1)
        await asyncio.sleep_ms(_INITIALISING_MS)
        if part.get(_INTERNAL_STATUS) & 0x0F != _INITIALISED:
            raise part.silent("%s is not its configuration" % FILE)

    def _file(self) -> "BinaryIO":
        try:
            return open(FILE, "rb")
        except OSError:
            raise self.part.silent("no file %s: see firmware/SENSES.md" % FILE) from None

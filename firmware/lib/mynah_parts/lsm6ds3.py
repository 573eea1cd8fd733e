"""ST LSM6DS3TR-C and LSM6DS3, at 0x6A, or 0x6B with SA0 high.

Registers by public drivers, the rest from memory of the datasheet; not measured on hardware.
"""

import asyncio

from micropython import const

from .counts_viper import from_little
from .motion import BLOCK_SAMPLES, SAMPLE_BYTES, Motion

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from array import array

_FIFO_CTRL3 = const(0x08)
_FIFO_CTRL5 = const(0x0A)
_WHO_AM_I = const(0x0F)
_CTRL1_XL = const(0x10)
_CTRL3_C = const(0x12)
_CTRL6_C = const(0x15)
_FIFO_STATUS1 = const(0x3A)
_FIFO_DATA_OUT_L = const(0x3E)

_RESET = const(0x01)
_WHOLE_SAMPLES = const(0x44)  # block data update, and the address counts up
_LOW_POWER = const(0x10)  # of the accelerometer: 50 µA instead of 160
_104_HZ_8_G = const(0x4C)
_EACH_SAMPLE = const(0x01)  # of the accelerometer into the FIFO, and no gyroscope
_CONTINUOUS_104_HZ = const(0x26)
_RESET_MS = const(10)
_WORD_BYTES = const(2)
_AXES = const(3)


class Lsm6ds3(Motion):
    """Its FIFO is words behind one address, x, y, z, x, …"""

    RATE_HZ = 104
    IDENTITY = _WHO_AM_I
    IDENTITIES = (0x6A, 0x69)  # TR-C, and the one before it

    async def start(self) -> None:
        """Set it up."""
        part = self.part
        part.set(_CTRL3_C, _RESET)
        await asyncio.sleep_ms(_RESET_MS)
        self._status = bytearray(4)
        part.set(_CTRL3_C, _WHOLE_SAMPLES)
        part.set(_CTRL6_C, _LOW_POWER)
        part.set(_FIFO_CTRL3, _EACH_SAMPLE)
        part.set(_CTRL1_XL, _104_HZ_8_G)
        part.set(_FIFO_CTRL5, _CONTINUOUS_104_HZ)

    def stop(self) -> None:
        """Have it sleep."""
        self.part.set(_CTRL1_XL, 0)
        self.part.set(_FIFO_CTRL5, 0)

    def read(self, milli_g: "array[int]") -> int:
        """Take what the FIFO has."""
        status = self._status
        self.part.read(_FIFO_STATUS1, status)
        words = status[0] | (status[1] & 0x07) << 8
        next_axis = status[2] % _AXES
        if next_axis:  # it overflowed in the middle of a sample
            skip = _AXES - next_axis
            self.part.read(_FIFO_DATA_OUT_L, self._view[: skip * _WORD_BYTES])
            words -= skip
        count = min(max(0, words) // _AXES, BLOCK_SAMPLES)
        if count:
            self.part.read(_FIFO_DATA_OUT_L, self._view[: count * SAMPLE_BYTES])
            from_little(self._raw, milli_g, count * _AXES)
        return count

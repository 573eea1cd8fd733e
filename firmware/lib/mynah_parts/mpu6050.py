"""InvenSense MPU6050, at 0x68, or 0x69 with AD0 high.

Registers by public drivers, the rest from memory of the datasheet; not measured on hardware.
"""

import asyncio

from micropython import const

from .counts_viper import from_big
from .motion import BLOCK_SAMPLES, SAMPLE_BYTES, Motion

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from array import array

_SMPLRT_DIV = const(0x19)
_CONFIG = const(0x1A)
_ACCEL_CONFIG = const(0x1C)
_FIFO_EN = const(0x23)
_INT_STATUS = const(0x3A)
_USER_CTRL = const(0x6A)
_PWR_MGMT_1 = const(0x6B)
_PWR_MGMT_2 = const(0x6C)
_FIFO_COUNT = const(0x72)
_FIFO_R_W = const(0x74)
_WHO_AM_I = const(0x75)

_RESET = const(0x80)
_ASLEEP = const(0x40)
_AWAKE = const(0x08)  # the internal clock, and no thermometer
_NO_GYROSCOPE = const(0x07)
_94_HZ = const(0x02)  # the filter; with any of them it samples 1,000 times a second
_A_TENTH = const(9)  # of those
_8_G = const(0x10)
_ACCELERATION = const(0x08)
_FIFO_RESET = const(0x44)
_OVERFLOW = const(0x10)
_RESET_MS = const(100)
_FIFO_BYTES = const(1024)
_AXES = const(3)


class Mpu6050(Motion):
    """Its FIFO is bytes behind one address; an overflow leaves it out of step, and is emptied."""

    IDENTITY = _WHO_AM_I
    IDENTITIES = (0x68,)

    async def start(self) -> None:
        """Set it up."""
        part = self.part
        part.set(_PWR_MGMT_1, _RESET)
        await asyncio.sleep_ms(_RESET_MS)
        self._count = bytearray(2)
        part.set(_PWR_MGMT_1, _AWAKE)
        part.set(_PWR_MGMT_2, _NO_GYROSCOPE)
        part.set(_CONFIG, _94_HZ)
        part.set(_SMPLRT_DIV, _A_TENTH)
        part.set(_ACCEL_CONFIG, _8_G)
        part.set(_FIFO_EN, _ACCELERATION)
        part.set(_USER_CTRL, _FIFO_RESET)

    def stop(self) -> None:
        """Have it sleep."""
        self.part.set(_USER_CTRL, 0)
        self.part.set(_PWR_MGMT_1, _ASLEEP)

    def read(self, milli_g: "array[int]") -> int:
        """Take what the FIFO has."""
        part = self.part
        if part.get(_INT_STATUS) & _OVERFLOW:
            part.set(_USER_CTRL, _FIFO_RESET)
            return 0
        part.read(_FIFO_COUNT, self._count)
        held_bytes = self._count[0] << 8 | self._count[1]
        if held_bytes > _FIFO_BYTES:
            raise part.garbled("%d bytes in its FIFO" % held_bytes)
        count = min(held_bytes // SAMPLE_BYTES, BLOCK_SAMPLES)
        if count:
            part.read(_FIFO_R_W, self._view[: count * SAMPLE_BYTES])
            from_big(self._raw, milli_g, count * _AXES)
        return count

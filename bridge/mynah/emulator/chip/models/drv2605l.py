"""TI DRV2605L, as far as its real-time mode goes. Registers as in its datasheet, from memory.

The trace tells how strongly it moves its motor, of 127, when that changes.
"""

import _ring

from models.part import Part

_STATUS = 0x00
_MODE = 0x01
_REAL_TIME = 0x02
_DEVICE_ID = 0xE0  # 7, a DRV2605L, in the upper three bits
_DEV_RESET = 0x80
_STANDBY = 0x40
_REAL_TIME_PLAYBACK = 5
_MODES = 7
_STRONGEST = 127  # signed: what is above brakes


class Drv2605l(Part):
    """It stands by until it is woken."""

    IDENTITY = (_STATUS, _DEVICE_ID)
    RESET = (
        (_MODE, _STANDBY),
        (0x16, 0x3E),  # rated voltage
        (0x17, 0x8C),  # overdrive clamp
        (0x1A, 0x36),  # ERM
        (0x1B, 0x93),
        (0x1C, 0xF5),  # bidirectional
        (0x1D, 0xA0),  # open loop, signed real-time values
        (0x1E, 0x20),
    )

    def reset(self):
        super().reset()
        self._moved(0)

    def write_register(self, register, value):
        if register == _STATUS:
            return  # read only
        if register == _MODE and value & _DEV_RESET:
            self.reset()
            return
        super().write_register(register, value)
        awake = self.registers[_MODE] & (_STANDBY | _MODES) == _REAL_TIME_PLAYBACK
        strength = self.registers[_REAL_TIME]
        self._moved(strength if awake and strength <= _STRONGEST else 0)

    def _moved(self, strength):
        if strength != getattr(self, "_strength", 0):
            _ring.trace("vibration", strength=strength)
        self._strength = strength


MODEL = Drv2605l

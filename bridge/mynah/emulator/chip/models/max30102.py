"""Maxim MAX30102, as far as a pulse goes.

Registers by public drivers, the rest from memory of the datasheet.

With a finger on it both colours of light come back, a percent of it beating; without one, next to
nothing does.
"""

import _surroundings
from _noise import Noise

from models.part import Part

_FIFO_WR_PTR = 0x04
_OVF_COUNTER = 0x05
_FIFO_RD_PTR = 0x06
_FIFO_DATA = 0x07
_FIFO_CONFIG = 0x08
_MODE_CONFIG = 0x09
_SPO2_CONFIG = 0x0A
_LED1_PA = 0x0C
_LED2_PA = 0x0D
_SLOTS = 0x11
_REV_ID = 0xFE
_PART_ID = 0xFF
_RESET_BIT = 0x40
_SHUTDOWN = 0x80
_HEART_RATE = 2  # the red light alone
_SPO2 = 3
_MULTI = 7  # as the slots say; of these only the first
_PLACES = 32
_RATES_HZ = (50, 100, 200, 400, 800, 1000, 1600, 3200)
_FULL = 0x3FFFF
_PER_LIGHT = 4_000  # counts that a finger sends back for a step (0.2 mA) of the light
_AMBIENT = 900
_NOISE = 65
_BEAT_SHARE = 64  # a beat changes it by one part in so many
_MINUTE_US = 60_000_000
_FALL = 64  # of 256 parts of a beat


class Max30102(Part):
    """A FIFO of 32 samples, three bytes for each light that is on."""

    IDENTITY = (_PART_ID, 0x15)
    RESET = ((_REV_ID, 0x03),)

    def reset(self):
        super().reset()
        self._fifo = []
        self._left = b""
        self._due_us = None
        self._lost = 0
        self._read = 0
        self._noise = Noise()

    def read_register(self, register):
        if register in (_FIFO_WR_PTR, _OVF_COUNTER):
            self._fill()
        if register == _FIFO_WR_PTR:
            return (self._read + len(self._fifo)) % _PLACES
        if register == _FIFO_RD_PTR:
            return self._read
        if register == _OVF_COUNTER:
            return min(self._lost, 0x1F)
        if register == _FIFO_DATA:
            return self._pop()
        return super().read_register(register)

    def write_register(self, register, value):
        if register == _MODE_CONFIG and value & _RESET_BIT:
            self.reset()
            return
        super().write_register(register, value)
        if register in (_FIFO_WR_PTR, _OVF_COUNTER, _FIFO_RD_PTR):
            self._fifo, self._left, self._lost, self._read = [], b"", 0, 0
        elif register in (_MODE_CONFIG, _SPO2_CONFIG, _FIFO_CONFIG, _SLOTS):
            self._due_us = self.now_us() if self._lights() else None

    def next_register(self, register):
        return register if register == _FIFO_DATA else super().next_register(register)

    def _lights(self):
        mode = self.registers[_MODE_CONFIG]
        if mode & _SHUTDOWN:
            return ()
        if mode & 7 == _MULTI:
            return {1: (_LED1_PA,), 2: (_LED2_PA,)}.get(self.registers[_SLOTS] & 7, ())
        return {_HEART_RATE: (_LED1_PA,), _SPO2: (_LED1_PA, _LED2_PA)}.get(mode & 7, ())

    def _interval_us(self):
        rate_hz = _RATES_HZ[self.registers[_SPO2_CONFIG] >> 2 & 7]
        averaged = 1 << min(5, self.registers[_FIFO_CONFIG] >> 5)
        return 1_000_000 * averaged // rate_hz

    def _fill(self):
        now = self.now_us()
        while self._due_us is not None and self._due_us <= now:
            self._fifo.append(b"".join(self._sample(light) for light in self._lights()))
            if len(self._fifo) >= _PLACES:  # as many as there are reads as none at all
                self._fifo.pop(0)
                self._lost += 1
                self._read = (self._read + 1) % _PLACES
            self._due_us += self._interval_us()

    def _sample(self, light):
        there, beats = _surroundings.value(_surroundings.FINGER, (0, 0))
        level = _AMBIENT
        if there:
            level = self.registers[light] * _PER_LIGHT
            level += level * _beat(self._due_us, beats) // (_BEAT_SHARE * 256)
        return min(_FULL, level + self._noise.below(_NOISE)).to_bytes(3, "big")

    def _pop(self):
        if not self._left:
            if not self._fifo:
                return 0
            self._left = self._fifo.pop(0)
            self._read = (self._read + 1) % _PLACES
        value, self._left = self._left[0], self._left[1:]
        return value


def _beat(us, beats):
    """A beat's shape, 0 to 256: blood shoots in, and the light that comes back falls."""
    if not beats:
        return 0
    phase = us * beats % _MINUTE_US * 256 // _MINUTE_US
    return 256 - phase * 4 if phase < _FALL else (phase - _FALL) * 4 // 3


MODEL = Max30102

"""InvenSense MPU6050, as far as its accelerometer and FIFO go.

Registers by public drivers, the rest from memory of the datasheet.
"""

import struct

from models.accelerometer import Accelerometer

_SMPLRT_DIV = 0x19
_CONFIG = 0x1A
_ACCEL_CONFIG = 0x1C
_FIFO_EN = 0x23
_INT_STATUS = 0x3A
_ACCEL_XOUT_H = 0x3B
_USER_CTRL = 0x6A
_PWR_MGMT_1 = 0x6B
_FIFO_COUNT_H = 0x72
_FIFO_COUNT_L = 0x73
_FIFO_R_W = 0x74
_WHO_AM_I = 0x75
_SLEEP = 0x40
_DEVICE_RESET = 0x80
_FIFO_RESET = 0x04
_FIFO_ENABLE = 0x40
_ACCELERATION = 0x08
_OVERFLOW = 0x10
_NARROWEST = 6  # of the filters; 0 and 7 are none
_COUNTS_PER_G = (16384, 8192, 4096, 2048)


class Mpu6050(Accelerometer):
    """It sleeps until it is woken; 1,024 bytes of FIFO, most significant bytes first."""

    IDENTITY = (_WHO_AM_I, 0x68)
    RESET = ((_PWR_MGMT_1, _SLEEP),)
    FIFO_SAMPLES = 170
    NOISE_MG = 6

    def reset(self):
        super().reset()
        self._left = b""

    def read_register(self, register):
        if register == _FIFO_COUNT_H:
            self.fill()
            return self._count() >> 8
        if register == _FIFO_COUNT_L:
            return self._count() & 0xFF
        if register == _FIFO_R_W:
            return self._pop()
        if register == _INT_STATUS:
            self.fill()
            was, self.overrun = self.overrun, False
            return _OVERFLOW if was else 0
        if _ACCEL_XOUT_H <= register < _ACCEL_XOUT_H + 6:
            return struct.pack(">hhh", *self.counts(self.now_us()))[register - _ACCEL_XOUT_H]
        return super().read_register(register)

    def write_register(self, register, value):
        if register == _PWR_MGMT_1 and value & _DEVICE_RESET:
            self.reset()
            return
        if register == _USER_CTRL and value & _FIFO_RESET:
            self.clear_fifo()
            self._left = b""
            value &= ~_FIFO_RESET
        super().write_register(register, value)
        self._follow()

    def next_register(self, register):
        return register if register == _FIFO_R_W else super().next_register(register)

    def _follow(self):
        self.COUNTS_PER_G = _COUNTS_PER_G[self.registers[_ACCEL_CONFIG] >> 3 & 3]
        asleep = self.registers[_PWR_MGMT_1] & _SLEEP
        stores = self.registers[_USER_CTRL] & _FIFO_ENABLE
        stores = stores and self.registers[_FIFO_EN] & _ACCELERATION and not asleep
        filtered = 1 <= self.registers[_CONFIG] & 7 <= _NARROWEST
        step_us = 1000 if filtered else 125
        self.run((1 + self.registers[_SMPLRT_DIV]) * step_us if stores else 0)

    def _count(self):
        return len(self.fifo) * 6 + len(self._left)

    def _pop(self):
        if not self._left:
            self._left = struct.pack(">hhh", *self.fifo.pop(0)) if self.fifo else b"\xff"
        value, self._left = self._left[0], self._left[1:]
        return value


MODEL = Mpu6050

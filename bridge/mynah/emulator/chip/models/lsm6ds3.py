"""ST LSM6DS3TR-C, as far as its accelerometer and FIFO go.

Registers by public drivers, the rest from memory of the datasheet.
"""

import struct

from models.accelerometer import Accelerometer

_WHO_AM_I = 0x0F
_CTRL1_XL = 0x10
_CTRL3_C = 0x12
_FIFO_CTRL3 = 0x08
_FIFO_CTRL5 = 0x0A
_OUTX_L_XL = 0x28
_FIFO_STATUS1 = 0x3A
_FIFO_STATUS2 = 0x3B
_FIFO_STATUS3 = 0x3C
_FIFO_STATUS4 = 0x3D
_FIFO_DATA_OUT_L = 0x3E
_FIFO_DATA_OUT_H = 0x3F
_SW_RESET = 0x01
_IF_INC = 0x04
_OVER_RUN = 0x40
_EMPTY = 0x10
_CONTINUOUS = 6
_RATES_US = {4: 9615, 3: 19231, 2: 38462, 1: 80000}  # ODR_XL: 104, 52, 26, 12.5 Hz
_COUNTS_PER_G = (16393, 2049, 8197, 4098)  # FS_XL: 2, 16, 4, 8 g


class Lsm6ds3(Accelerometer):
    """A FIFO of 2,048 words, read one word at a time through two registers."""

    IDENTITY = (_WHO_AM_I, 0x6A)
    RESET = ((_CTRL3_C, _IF_INC),)
    FIFO_SAMPLES = 682

    def reset(self):
        super().reset()
        self._word = b""  # what is left of the sample that is being read

    def read_register(self, register):
        if register in (_FIFO_STATUS1, _FIFO_STATUS2):
            return self._status(register)
        if register in (_FIFO_STATUS3, _FIFO_STATUS4):
            return (3 - len(self._word) // 2) % 3 if register == _FIFO_STATUS3 else 0
        if register in (_FIFO_DATA_OUT_L, _FIFO_DATA_OUT_H):
            return self._pop(register)
        if _OUTX_L_XL <= register < _OUTX_L_XL + 6:
            return struct.pack("<hhh", *self.counts(self.now_us()))[register - _OUTX_L_XL]
        return super().read_register(register)

    def write_register(self, register, value):
        if register == _CTRL3_C and value & _SW_RESET:
            self.reset()
            return
        super().write_register(register, value)
        if register in (_CTRL1_XL, _FIFO_CTRL3, _FIFO_CTRL5):
            self._follow()

    def next_register(self, register):
        # A burst goes round and round the FIFO's output; anywhere else it needs IF_INC.
        if register == _FIFO_DATA_OUT_H:
            return _FIFO_DATA_OUT_L
        return super().next_register(register) if self.registers[_CTRL3_C] & _IF_INC else register

    def _follow(self):
        control = self.registers[_CTRL1_XL]
        self.COUNTS_PER_G = _COUNTS_PER_G[control >> 2 & 3]
        stores = self.registers[_FIFO_CTRL5] & 7 == _CONTINUOUS
        stores = stores and self.registers[_FIFO_CTRL3] & 7 == 1
        if not stores:
            self.clear_fifo()
            self._word = b""
        self.run(_RATES_US.get(control >> 4, 0) if stores else 0)

    def _status(self, register):
        self.fill()
        words = len(self.fifo) * 3 + len(self._word) // 2
        if register == _FIFO_STATUS1:
            return words & 0xFF
        flags = (_OVER_RUN if self.overrun else 0) | (0 if words else _EMPTY)
        self.overrun = False
        return words >> 8 & 7 | flags

    def _pop(self, register):
        if not self._word:
            self._word = struct.pack("<hhh", *self.fifo.pop(0)) if self.fifo else b"\0\0"
        value = self._word[register - _FIFO_DATA_OUT_L]
        if register == _FIFO_DATA_OUT_H:
            self._word = self._word[2:]
        return value


MODEL = Lsm6ds3

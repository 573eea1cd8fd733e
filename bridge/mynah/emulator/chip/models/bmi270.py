"""Bosch BMI270, as far as its accelerometer and FIFO go.

Registers by public drivers, the rest from memory of the datasheet.

Like the part it does nothing until 8,192 bytes of configuration were loaded into it. Here any bytes
will do: the real ones are Bosch's.
"""

import struct

from models.accelerometer import Accelerometer

_CHIP_ID = 0x00
_ACC_X_LSB = 0x0C
_INTERNAL_STATUS = 0x21
_FIFO_LENGTH_0 = 0x24
_FIFO_LENGTH_1 = 0x25
_FIFO_DATA = 0x26
_ACC_CONF = 0x40
_ACC_RANGE = 0x41
_FIFO_CONFIG_1 = 0x49
_INIT_CTRL = 0x59
_INIT_ADDR_0 = 0x5B
_INIT_ADDR_1 = 0x5C
_INIT_DATA = 0x5E
_PWR_CONF = 0x7C
_PWR_CTRL = 0x7D
_CMD = 0x7E
_FLUSH = 0xB0
_SOFT_RESET = 0xB6
_POWER_SAVE = 0x01
_ACCELEROMETER_ON = 0x04
_FIFO_ACCELERATION = 0x40
_INITIALISED = 0x01
_FAILED = 0x02
_BLOB_BYTES = 8192
_RATES_US = {8: 10_000, 7: 20_000, 6: 40_000}
_COUNTS_PER_G = (16384, 8192, 4096, 2048)
_NOTHING = b"\x00\x80"  # what an empty FIFO reads as


class Bmi270(Accelerometer):
    """Headerless FIFO of 6,144 bytes."""

    IDENTITY = (_CHIP_ID, 0x24)
    RESET = ((_PWR_CONF, 0x03), (_ACC_CONF, 0xA8), (_ACC_RANGE, 0x02), (_FIFO_CONFIG_1, 0x10))
    FIFO_SAMPLES = 1024
    NOISE_MG = 3

    def reset(self):
        super().reset()
        self._loaded = set()  # places of the configuration, in words, that were written
        self._left = b""

    def write(self, data):
        """Configuration comes as one burst into one register, from the place that was set."""
        if len(data) > 1 and data[0] == _INIT_DATA:
            self._load(len(data) - 1)
        else:
            super().write(data)

    def read_register(self, register):
        if register == _FIFO_LENGTH_0:
            self.fill()
            return self._count() & 0xFF
        if register == _FIFO_LENGTH_1:
            return self._count() >> 8
        if register == _FIFO_DATA:
            return self._pop()
        if _ACC_X_LSB <= register < _ACC_X_LSB + 6 and self._is_on():
            return struct.pack("<hhh", *self.counts(self.now_us()))[register - _ACC_X_LSB]
        return super().read_register(register)

    def write_register(self, register, value):
        if register == _CMD:
            if value == _SOFT_RESET:
                self.reset()
            elif value == _FLUSH:
                self.clear_fifo()
                self._left = b""
            return
        super().write_register(register, value)
        if register == _INIT_CTRL and value & 1:
            whole = len(self._loaded) * 2 == _BLOB_BYTES
            self.registers[_INTERNAL_STATUS] = _INITIALISED if whole else _FAILED
        self._follow()

    def next_register(self, register):
        return register if register == _FIFO_DATA else super().next_register(register)

    def _load(self, count):
        # In power save the part does not take it, and before INIT_CTRL is 0 neither.
        if self.registers[_PWR_CONF] & _POWER_SAVE or self.registers[_INIT_CTRL] & 1:
            return
        word = self.registers[_INIT_ADDR_0] & 0x0F | self.registers[_INIT_ADDR_1] << 4
        self._loaded.update(range(word, word + count // 2))

    def _is_on(self):
        initialised = self.registers[_INTERNAL_STATUS] & 0x0F == _INITIALISED
        return initialised and self.registers[_PWR_CTRL] & _ACCELEROMETER_ON

    def _follow(self):
        self.COUNTS_PER_G = _COUNTS_PER_G[self.registers[_ACC_RANGE] & 3]
        stores = self._is_on() and self.registers[_FIFO_CONFIG_1] & 0x50 == _FIFO_ACCELERATION
        self.run(_RATES_US.get(self.registers[_ACC_CONF] & 0x0F, 0) if stores else 0)

    def _count(self):
        return len(self.fifo) * 6 + len(self._left)

    def _pop(self):
        if not self._left:
            self._left = struct.pack("<hhh", *self.fifo.pop(0)) if self.fifo else _NOTHING
        value, self._left = self._left[0], self._left[1:]
        return value


MODEL = Bmi270

"""A part on the I2C bus: a file of registers behind an address. What is special, a model overrides.

Time is ring time (`_ring.now_us()`); what a sensor feels comes from `_surroundings`.
"""

import _ring


class Part:
    """256 registers; a pointer that the first byte of a write sets, and that each byte moves on.

    A model sets IDENTITY and RESET, and overrides `read_register` and `write_register` where these
    have side effects.
    """

    IDENTITY = ()  # (register, value): what a fault "wrong id" falsifies; empty if it has none
    RESET = ()  # (register, value) pairs: what is not 0 when it is switched on

    def __init__(self):
        self.registers = bytearray(256)
        self.pointer = 0
        self.reset()

    def reset(self):
        """As it is after power-on."""
        self.registers[:] = bytes(256)
        for register, value in self.RESET:
            self.registers[register] = value
        if self.IDENTITY:
            self.registers[self.IDENTITY[0]] = self.IDENTITY[1]

    def write(self, data):
        """One write transfer: the register to begin at, then what goes there."""
        if not len(data):
            return  # an address alone, as a scan sends it
        self.pointer = data[0]
        for value in data[1:]:
            register = self.pointer
            self.pointer = self.next_register(register)
            self.write_register(register, value)

    def read(self, buffer):
        """One read transfer, from where the pointer is."""
        for place in range(len(buffer)):
            buffer[place] = self.read_register(self.pointer)
            self.pointer = self.next_register(self.pointer)

    def read_register(self, register):
        """The byte that a read gets."""
        return self.registers[register]

    def write_register(self, register, value):
        """A byte was written."""
        self.registers[register] = value

    def next_register(self, register):
        """Where the pointer goes after this one."""
        return (register + 1) & 0xFF

    def now_us(self):
        """Ring time."""
        return _ring.now_us()

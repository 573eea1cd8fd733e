"""The board's I2C bus, and one part on it: whatever goes wrong there is a PartError."""

import time

from machine import I2C, Pin
from micropython import const

from mynah_wire.making import ABSENT, FOREIGN, GARBLED, SILENT, STUCK

from .part_error import PartError

_FREQUENCY_HZ = const(400_000)
# A part whose byte was cut short, by a reset or a glitch, holds the data line until it has sent it.
_PULSES = const(9)
_PULSE_US = const(5)


class Bus:
    """One for all parts of a board."""

    def __init__(self, sda: int, scl: int) -> None:
        self._sda = sda
        self._scl = scl
        self.free()

    def free(self) -> None:
        """Begin anew: who holds the data line is clocked until he lets it go."""
        self._data = Pin(self._sda, Pin.IN, Pin.PULL_UP)
        if self.is_stuck:
            _clock_out(Pin(self._scl, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1), self._data)
        self.i2c = I2C(0, sda=Pin(self._sda), scl=Pin(self._scl), freq=_FREQUENCY_HZ)

    @property
    def is_stuck(self) -> bool:
        """Something holds the data line low; the chip's driver says ENODEV to that as well."""
        return not self._data.value()


class BusPart:
    """A part at its address; `name` is what a fault calls it."""

    def __init__(self, bus: Bus, name: str, address: int) -> None:
        self.name = name
        self._bus = bus
        self._address = address
        self._known = False
        self._byte = bytearray(1)

    def identify(self, register: int, expected: "tuple[int, ...]") -> None:
        """PartError unless the part says that it is one of these."""
        value = self.get(register)
        if value in expected:
            self._known = True
            return
        if self._known:
            raise self.garbled("it calls itself another part now")
        text = "%s: 0x%02x answers with id 0x%02x" % (self.name, self._address, value)
        raise PartError(FOREIGN, text)

    def get(self, register: int) -> int:
        """A register."""
        self.read(register, self._byte)
        return self._byte[0]

    def set(self, register: int, value: int) -> None:
        """Write a register."""
        self._byte[0] = value
        self.write(register, self._byte)

    def read(self, register: int, buffer: "bytearray | memoryview") -> None:
        """Read from a register on."""
        try:
            self._bus.i2c.readfrom_mem_into(self._address, register, buffer)
        except OSError as error:
            raise self._fault(error) from None

    def write(self, register: int, data: "bytes | bytearray | memoryview") -> None:
        """Write from a register on."""
        try:
            self._bus.i2c.writeto_mem(self._address, register, data)
        except OSError as error:
            raise self._fault(error) from None

    def garbled(self, what: str) -> PartError:
        """The part answers what it can't mean."""
        return PartError(GARBLED, "%s: %s" % (self.name, what))

    def silent(self, what: str) -> PartError:
        """The part is there and does not do what it should."""
        return PartError(SILENT, "%s: %s" % (self.name, what))

    def _fault(self, error: OSError) -> PartError:
        if self._bus.is_stuck:
            self._bus.free()  # for the next one who asks
            return PartError(STUCK, "%s: the bus is held low" % self.name)
        if self._known:
            return self.silent("no answer, %s" % error)
        return PartError(ABSENT, "%s: nobody answers at 0x%02x" % (self.name, self._address))


def _clock_out(clock: Pin, data: Pin) -> None:
    for _ in range(_PULSES):
        clock.value(0)
        time.sleep_us(_PULSE_US)
        clock.value(1)
        time.sleep_us(_PULSE_US)
        if data.value():
            return

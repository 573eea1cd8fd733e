"""`machine.I2C` and `SoftI2C`: the board's own parts answer, as models of their registers.

Errors are the ESP32 port's: ENODEV when nobody answers, ETIMEDOUT when the bus is held low. The
environment variable MYNAH_I2C, a JSON object, changes what is on the bus, part by part:

    {"lsm6ds3": {"fault": "garbage", "after_ms": 5000}, "max30102": {"address": 87}}

A part that the board lacks is added; `after_ms` is the ring time at which a fault begins, and
`until_ms` the one at which it ends. Faults:
 * "absent": nobody answers;
 * "stuck": it holds the data line low, and nobody on the bus can talk;
 * "wrong id": it says that it is another part;
 * "garbage": it answers, and each byte is noise.
"""

import errno
import json
import os
import time

import _pin
import _ring
from _board import board
from _noise import Noise

_DEFAULT_TIMEOUT_US = 50_000
_FIRST_ADDRESS = 0x08  # of those that a scan asks; the rest are reserved
_LAST_ADDRESS = 0x77
_BYTE = 8  # bits of a register's address
_ADDRESSES = {
    "lsm6ds3": 0x6A,
    "bmi270": 0x68,
    "mpu6050": 0x68,
    "max30102": 0x57,
    "drv2605l": 0x5A,
    "es8311": 0x18,
}
_noise = Noise()
_held = False  # the data line, by a part
_parts = None  # address → _Answering, of the whole chip: it has one bus


class _Answering:
    """A part at its address, well or ill."""

    def __init__(self, name, settings):
        self.name = name
        self.model = _model(name)
        self._fault = settings.get("fault", "")
        self._after_ms = settings.get("after_ms", 0)
        self._until_ms = settings.get("until_ms")

    @property
    def fault(self):
        now_ms = _ring.now_us() // 1000
        over = self._until_ms is not None and now_ms >= self._until_ms
        return "" if over or now_ms < self._after_ms else self._fault

    def read(self, buffer):
        self.model.read(buffer)
        if self.fault == "garbage":
            for place in range(len(buffer)):
                buffer[place] = _noise.below(256)
        elif self.fault == "wrong id":
            self._lie(buffer)

    def _lie(self, buffer):
        # The pointer has moved on: the first byte read was so many registers before it.
        register, value = self.model.IDENTITY
        place = register - (self.model.pointer - len(buffer)) % 256
        if 0 <= place < len(buffer):
            buffer[place] = value ^ 0xFF


class I2C:
    """A bus; which parts are on it depends on its pins being the board's."""

    def __init__(self, id=0, *, scl=None, sda=None, freq=400_000, timeout=_DEFAULT_TIMEOUT_US):
        if id not in (0, 1, -1):
            raise ValueError("I2C(%d) doesn't exist" % id)
        self._wired = (_number(sda), _number(scl)) == (board("I2C_SDA"), board("I2C_SCL"))
        self._timeout_us = timeout
        _stuck()

    def init(self, **_settings):
        """Begin anew."""

    def deinit(self):
        """Let the pins go."""

    def scan(self):
        """The addresses at which somebody answers."""
        return [
            address for address in range(_FIRST_ADDRESS, _LAST_ADDRESS + 1) if self._has(address)
        ]

    def writeto(self, addr, buf, stop=True):
        """Write; the number of bytes that were acknowledged."""
        self._part(addr).model.write(memoryview(buf))
        return len(buf)

    def writevto(self, addr, vector, stop=True):
        """Write several buffers as one."""
        return self.writeto(addr, b"".join(bytes(each) for each in vector), stop)

    def readfrom(self, addr, nbytes, stop=True):
        """Read."""
        buffer = bytearray(nbytes)
        self._part(addr).read(buffer)
        return bytes(buffer)

    def readfrom_into(self, addr, buf, stop=True):
        """Read into a buffer."""
        self._part(addr).read(memoryview(buf))

    def writeto_mem(self, addr, memaddr, buf, *, addrsize=8):
        """Write registers from one on."""
        part = self._part(addr)
        part.model.write(_register(memaddr, addrsize) + bytes(buf))

    def readfrom_mem(self, addr, memaddr, nbytes, *, addrsize=8):
        """Read registers from one on."""
        buffer = bytearray(nbytes)
        self.readfrom_mem_into(addr, memaddr, buffer, addrsize=addrsize)
        return bytes(buffer)

    def readfrom_mem_into(self, addr, memaddr, buf, *, addrsize=8):
        """Read registers into a buffer."""
        part = self._part(addr)
        part.model.write(_register(memaddr, addrsize))
        part.read(memoryview(buf))

    def _has(self, address):
        try:
            self._part(address)
        except OSError:
            return False
        return True

    def _part(self, address):
        if self._wired and _stuck():
            time.sleep_us(self._timeout_us)
            raise OSError(errno.ETIMEDOUT)
        part = _population().get(address) if self._wired else None
        if part is None or part.fault == "absent":
            raise OSError(errno.ENODEV)
        return part


class SoftI2C(I2C):
    """The same bus, driven pin by pin."""

    def __init__(self, scl, sda, *, freq=400_000, timeout=_DEFAULT_TIMEOUT_US):
        super().__init__(-1, scl=scl, sda=sda, freq=freq, timeout=timeout)


def model(name):
    """A part itself, for what else of it is wired than the bus; None if it is not there."""
    return next((each.model for each in _population().values() if each.name == name), None)


def _number(pin):
    return pin.number if isinstance(pin, _pin.Pin) else pin


def _register(memaddr, addrsize):
    return bytes([memaddr]) if addrsize == _BYTE else bytes([memaddr >> 8, memaddr & 0xFF])


def _stuck():
    """Whether a part holds the data line; who reads the pin sees it, too."""
    global _held
    was, _held = _held, any(part.fault == "stuck" for part in _population().values())
    if was or _held:
        _pin._levels[board("I2C_SDA")] = 0 if _held else 1
    return _held


def _population():
    global _parts
    if _parts is None:
        _parts = {}
        for name, settings in _wanted().items():
            _parts[settings.get("address", _ADDRESSES[name])] = _Answering(name, settings)
    return _parts


def _wanted():
    """The parts on the bus: name → what is special about it."""
    found = {}
    for kind in ("MOTION", "PULSE", "HAPTIC", "CODEC"):
        if board(kind) in _ADDRESSES:
            address = board(kind + "_ADDRESS") or _ADDRESSES[board(kind)]
            found[board(kind)] = {"address": address}
    for name, changes in json.loads(os.getenv("MYNAH_I2C") or "{}").items():
        found.setdefault(name, {}).update(changes)
    return found


def _model(name):
    return __import__("models." + name, None, None, ["MODEL"]).MODEL()

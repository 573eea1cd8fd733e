"""A DRV2605L haptic driver, which moves its motor as strongly as it is told, from moment to moment.

Its registers stay as they are at power-on: an ERM motor in open loop, which needs no calibration.
For another motor its maker calibrates, once, into the chip (datasheet, 8.5.6 auto calibration; from
memory). Registers from memory of the datasheet; not measured on hardware.
"""

from micropython import const

from .bus import Bus, BusPart

_ADDRESS = const(0x5A)  # the only one

_STATUS = const(0x00)
_MODE = const(0x01)
_REAL_TIME = const(0x02)
# The upper three bits of the status: 7 is a DRV2605L, 3 a DRV2605, which is told the same.
_IDENTITIES = tuple(range(0xE0, 0x100)) + tuple(range(0x60, 0x80))
_PLAYING = const(0x05)  # what the real-time register says
_STANDBY = const(0x45)


class Drv2605l:
    """As strong as it was last told to be; it stands by while it rests."""

    def __init__(self, bus: Bus) -> None:
        """PartError if it is not there, or is another part."""
        self._part = BusPart(bus, "haptic", _ADDRESS)
        self._part.identify(_STATUS, _IDENTITIES)
        self._mode = _PLAYING
        self.vibrate(0)
        if self._part.get(_MODE) != _STANDBY:  # noise may look like a status
            raise self._part.garbled("it does not keep what it is told")

    def vibrate(self, amplitude: int) -> None:
        """From now on, with an amplitude of 255; 0 rests. PartError if it does not answer."""
        self._part.set(_REAL_TIME, amplitude >> 1)  # signed: the other half would brake
        mode = _PLAYING if amplitude else _STANDBY
        if mode != self._mode:
            self._part.set(_MODE, mode)
            self._mode = mode

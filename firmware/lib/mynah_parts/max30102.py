"""Maxim MAX30102: infra-red light on skin, and what comes back. Not a medical device.

Registers by public drivers, the rest from memory of the datasheet; not measured on hardware.
"""

from micropython import const

from .bus import Bus, BusPart

ADDRESS = 0x57
BLOCK_SAMPLES = 16

_FIFO_WR_PTR = const(0x04)
_FIFO_DATA = const(0x07)
_FIFO_CONFIG = const(0x08)
_MODE_CONFIG = const(0x09)
_SPO2_CONFIG = const(0x0A)
_LED2_PA = const(0x0D)
_SLOTS = const(0x11)
_PART_ID = const(0xFF)

_THIS = const(0x15)
_RESET = const(0x40)
_SHUTDOWN = const(0x80)
_MULTI_LED = const(0x07)
_INFRA_RED = const(0x02)  # alone: red would be seen
_BY_FOUR_ROUND = const(0x50)  # averages four samples, so 25 come a second; a full FIFO goes on
_100_HZ_18_BITS = const(0x27)  # and a range of 4,096 nA
_CURRENT = const(0x1F)  # 6.2 mA while it flashes
_PLACES = const(32)
_SAMPLE_BYTES = const(3)
_FULL = const(0x3FFFF)


class Max30102:
    """Dark until it is started."""

    def __init__(self, bus: Bus) -> None:
        """PartError if it is not there, or is another part."""
        self.part = BusPart(bus, "pulse", ADDRESS)
        self._raw = bytearray(BLOCK_SAMPLES * _SAMPLE_BYTES)
        self._view = memoryview(self._raw)
        self._pointers = bytearray(3)
        self.check()
        self.part.set(_MODE_CONFIG, _RESET)
        self.stop()

    def check(self) -> None:
        """PartError unless it still is what it was."""
        self.part.identify(_PART_ID, (_THIS,))

    def start(self) -> None:
        """Shine, and sample from now on."""
        part = self.part
        part.set(_FIFO_CONFIG, _BY_FOUR_ROUND)
        part.set(_SPO2_CONFIG, _100_HZ_18_BITS)
        part.set(_LED2_PA, _CURRENT)
        part.set(_SLOTS, _INFRA_RED)
        part.write(_FIFO_WR_PTR, bytes(3))
        part.set(_MODE_CONFIG, _MULTI_LED)

    def stop(self) -> None:
        """Be dark."""
        self.part.set(_MODE_CONFIG, _SHUTDOWN)

    def read(self, levels: "list[int]") -> int:
        """Take what the FIFO has, at most BLOCK_SAMPLES of 18 bits: how many."""
        self.part.read(_FIFO_WR_PTR, self._pointers)
        written, _lost, read = self._pointers
        if written >= _PLACES or read >= _PLACES:
            raise self.part.garbled("its FIFO has a place %d" % max(written, read))
        count = min((written - read) % _PLACES, BLOCK_SAMPLES)
        raw = self._raw
        if count:
            self.part.read(_FIFO_DATA, self._view[: count * _SAMPLE_BYTES])
        for place in range(count):
            at = place * _SAMPLE_BYTES
            levels[place] = (raw[at] << 16 | raw[at + 1] << 8 | raw[at + 2]) & _FULL
        return count

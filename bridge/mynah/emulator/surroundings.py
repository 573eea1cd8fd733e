"""What the sensors of an emulated ring feel: acceleration, a finger, a battery, a wet pad."""

import struct
from array import array
from collections.abc import Callable, Sequence
from typing import Final

from mynah.emulator.chip import _topics as topics
from mynah.emulator.trace import RingClock

MOST_SAMPLES: Final = 5000
"""In one message, whose length is 16 bits."""

_AXES: Final = 3
_ACCELERATION: Final = 0  # as in chip/_surroundings.py
_FINGER: Final = 1
_CELL: Final = 2
_PAD: Final = 3
_HEAD: Final = "<BQI"

Send = Callable[[int, bytes], None]


class Surroundings:
    """Times are on the ring's clock, from now on if none is given."""

    def __init__(self, clock: RingClock, send: Send) -> None:
        """`send` is the channel's; what a ring without power is told is lost."""
        self._clock = clock
        self._send = send

    def accelerate(
        self, milli_g: Sequence[int], rate_hz: int, from_ms: float | None = None
    ) -> float:
        """Move it: x, y and z in turn, so many samples a second; when they end. The last stays."""
        interval_us = 1_000_000 // rate_hz
        from_us = self._us(from_ms)
        for first in range(0, len(milli_g), MOST_SAMPLES * _AXES):
            piece = array("h", milli_g[first : first + MOST_SAMPLES * _AXES])
            at_us = from_us + first // _AXES * interval_us
            self._tell(_ACCELERATION, at_us, interval_us, piece.tobytes())
        return (from_us + len(milli_g) // _AXES * interval_us) / 1000

    def finger(self, *, there: bool, beats_a_minute: int = 0, from_ms: float | None = None) -> None:
        """Whether there is skin before the pulse sensor, and how fast its blood beats."""
        body = struct.pack("<BB", there, beats_a_minute)
        self._tell(_FINGER, self._us(from_ms), 0, body)

    def cell(self, microvolts: int, from_ms: float | None = None) -> None:
        """The voltage at the pin of the battery's divider."""
        self._tell(_CELL, self._us(from_ms), 0, struct.pack("<I", microvolts))

    def film(self, pin: int, counts: int, from_ms: float | None = None) -> None:
        """What lies on a touch pad besides a finger."""
        self._tell(_PAD, self._us(from_ms), 0, struct.pack("<BI", pin, counts))

    def _us(self, at_ms: float | None) -> int:
        return self._clock.now_us() if at_ms is None else round(at_ms * 1000)

    def _tell(self, kind: int, from_us: int, interval_us: int, body: bytes) -> None:
        self._send(topics.SENSE, struct.pack(_HEAD, kind, from_us, interval_us) + body)

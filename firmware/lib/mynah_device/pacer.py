"""How many notifications may be outstanding: MicroPython is never told when one has left.

The radio sends at least six in a connection interval, so the sixth-last is gone when an interval
has passed since. Without this a burst fills NimBLE's pool of twelve, and some chips then stall.
"""

from array import array

from mynah_wire.clock import elapsed_ms, wrap_ms

OUTSTANDING = 6  # half of NimBLE's pool
ASSUMED_INTERVAL_MS = 30  # until the central tells: the shortest that BlueZ asks for


class Pacer:
    """Asked before each notification, told after it; one for each connection."""

    def __init__(self) -> None:
        self.interval_ms = ASSUMED_INTERVAL_MS
        self._sent_ms = array("i", [-1] * OUTSTANDING)
        self._next = 0

    def wait_ms(self, now_ms: int) -> int:
        """How long to wait before the next notification; 0 if it may go now."""
        sixth_last_ms = self._sent_ms[self._next]
        if sixth_last_ms < 0:
            return 0
        wait_ms = self.interval_ms - elapsed_ms(now_ms, sixth_last_ms)
        # More than an interval: so long ago that the clock has turned over.
        return wait_ms if 0 < wait_ms <= self.interval_ms else 0

    def sent(self, now_ms: int) -> None:
        """A notification was handed over."""
        self._sent_ms[self._next] = wrap_ms(now_ms)
        self._next = (self._next + 1) % OUTSTANDING

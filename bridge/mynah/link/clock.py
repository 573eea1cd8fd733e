"""The ring's clock as this computer sees it. Pure.

Each PONG bounds the difference of the clocks: the ring answered between our sending and our
receiving. The narrowest bounds win; older ones are widened by what two quartzes may drift apart.
"""

from mynah_wire.clock import after_ms, elapsed_ms

DRIFT_PPM = 100
"""Two clocks of 50 ppm, the worst that an ESP32's crystal and a computer's are sold as."""


class ClockEstimate:
    """Turns ring time into this computer's monotonic milliseconds."""

    def __init__(self) -> None:
        self.round_trip_ms: float | None = None
        """The narrowest: when it was measured, the estimate was within half of it."""
        self._middle_ms = 0.0
        self._ring_ms = 0

    def learn(self, sent_ms: float, received_ms: float, ring_ms: int) -> None:
        """A PING was sent, and its PONG, stamped `ring_ms`, received."""
        round_trip_ms = received_ms - sent_ms
        if self.round_trip_ms is not None:
            drift_ms = max(0.0, received_ms - self._middle_ms) * DRIFT_PPM / 1e6
            if round_trip_ms / 2 > self.round_trip_ms / 2 + drift_ms:
                return
        self.round_trip_ms = round_trip_ms
        self._middle_ms = (sent_ms + received_ms) / 2
        self._ring_ms = ring_ms

    @property
    def is_known(self) -> bool:
        """Whether a PONG came yet."""
        return self.round_trip_ms is not None

    def host_ms(self, ring_ms: int) -> float:
        """A moment on the ring's clock, on ours; before the first PONG there is no telling."""
        if self.round_trip_ms is None:
            raise ValueError("the ring's clock is not known yet")
        return self._middle_ms + elapsed_ms(ring_ms, self._ring_ms)

    def ring_ms(self, host_ms: float) -> int | None:
        """A moment on our clock, on the ring's; None before the first PONG."""
        if self.round_trip_ms is None:
            return None
        return after_ms(self._ring_ms, round(host_ms - self._middle_ms))

"""An emulated ring's vibration motor: how strong it was, and when. It knows nothing of inertia."""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import Final

from mynah.emulator.trace import Event

FULL_DUTY: Final = 65535
"""Of a pin, through a transistor."""

FULL_STRENGTH: Final = 127
"""Of a driver on the I2C bus."""

LONGEST: Final = 20_000
"""Changes that are remembered: some hours of a heartbeat."""


@dataclass(frozen=True, slots=True)
class Change:
    """From then on."""

    at_ms: float
    """Ring time."""
    strength: float
    """0 to 1."""


class Motor:
    """Tell it the ring's events."""

    def __init__(self) -> None:
        self.changes: deque[Change] = deque(maxlen=LONGEST)

    def heed(self, event: Event) -> None:
        """Something happened in the ring: nothing else on any board is driven by a PWM."""
        if event["event"] == "pwm":
            self._change(event["us"], event["duty"], FULL_DUTY)
        elif event["event"] == "vibration":
            self._change(event["us"], event["strength"], FULL_STRENGTH)

    def _change(self, us: object, value: object, full: int) -> None:
        if isinstance(us, int) and isinstance(value, int):
            self.changes.append(Change(us / 1000, value / full))

    def strength(self, at_ms: float) -> float:
        """How strong it was at a ring time, 0 to 1."""
        before = bisect_right(self.changes, at_ms, key=lambda change: change.at_ms)
        return self.changes[before - 1].strength if before else 0.0

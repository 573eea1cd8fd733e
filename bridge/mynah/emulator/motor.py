"""An emulated ring's vibration motor: how strong it was, and when. It knows nothing of inertia."""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import Final

from mynah.emulator.trace import Event

PIN: Final = 2
"""Every board's, as in its file."""

FULL_DUTY: Final = 65535

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

    def __init__(self, pin: int = PIN) -> None:
        self._pin = pin
        self.changes: deque[Change] = deque(maxlen=LONGEST)

    def heed(self, event: Event) -> None:
        """Something happened in the ring."""
        if event["event"] != "pwm" or event["pin"] != self._pin:
            return
        duty, us = event["duty"], event["us"]
        if isinstance(duty, int) and isinstance(us, int):
            self.changes.append(Change(us / 1000, duty / FULL_DUTY))

    def strength(self, at_ms: float) -> float:
        """How strong it was at a ring time, 0 to 1."""
        before = bisect_right(self.changes, at_ms, key=lambda change: change.at_ms)
        return self.changes[before - 1].strength if before else 0.0

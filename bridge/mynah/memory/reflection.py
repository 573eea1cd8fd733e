"""When to think back over what was said: in a pause, or at night. Pure: no clock, no I/O."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Habit:
    """How soon, and after how much."""

    pause_s: float = 120.0
    """Nobody thinks back in a conversation: the model is wanted at once when it goes on."""
    turns: int = 8
    """After so many a pause is enough."""
    long_pause_s: float = 1800.0
    """After which any turn is thought about."""
    retry_s: float = 600.0
    """After a failure, and twice as long after each other: the companion may be down, the disk
    full, and each time may cost money."""


QUIET_PAUSE_S: Final = 300.0
"""In quiet hours, after which any turn is thought about: a day is over."""


MOST_DOUBLINGS: Final = 7
"""Of the time until it is tried again: to 21 hours."""


class Reflection:
    """Tell it of turns and of ends; ask it whether it is due."""

    def __init__(self, habit: Habit | None = None) -> None:
        self._habit = habit or Habit()
        self._new = 0
        self._last_s = float("-inf")
        self._not_before_s = float("-inf")
        self._failures = 0

    def turns(self, now_s: float, count: int = 1) -> None:
        """So much was said, the last of it now."""
        self._new += count
        self._last_s = max(self._last_s, now_s)

    def due(self, now_s: float, *, quiet: bool = False) -> bool:
        """Whether to think back now; `quiet` says that these are the wearer's quiet hours."""
        pause_s = now_s - self._last_s
        if not self._new or now_s < self._not_before_s or pause_s < self._habit.pause_s:
            return False
        if self._new >= self._habit.turns:
            return True
        return pause_s >= (QUIET_PAUSE_S if quiet else self._habit.long_pause_s)

    def found(self, count: int, last_s: float) -> None:
        """So many turns there are in all that nobody thought about, the last of them then."""
        self._new, self._last_s = count, last_s

    def done(self, left: int = 0) -> None:
        """It was thought about; so many turns were left for another time."""
        self._new = left
        self._failures = 0

    def failed(self, now_s: float) -> None:
        """Nothing came of it."""
        self._not_before_s = now_s + self._habit.retry_s * 2 ** min(self._failures, MOST_DOUBLINGS)
        self._failures += 1

"""A wearer by the dice: holds the button, taps it, pauses, each in a way of their own. Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from mynah.reliability.agenda import Agenda

TAP_MS: Final = (60.0, 200.0)
LEAST_HOLD_MS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Habits:
    """How somebody uses a ring. What only one kind of wearer does is what finds the faults."""

    taps: float
    """The share of touches that are taps: the host, another touch or the ring's limit ends them."""
    mean_hold_ms: float
    """Above the least."""
    most_hold_ms: float
    pause_ms: tuple[float, float]
    """Between two touches."""

    @classmethod
    def of(cls, chance: random.Random) -> "Habits":
        """Somebody's."""
        brief, long = (500.0, 3000.0), (4000.0, 20_000.0)
        lively, impatient, rare = (40.0, 3500.0), (40.0, 600.0), (2000.0, 30_000.0)
        return cls(
            chance.choice((0.04, 0.04, 0.3, 0.7)),
            *chance.choice((brief, brief, long)),
            chance.choice((lively, lively, impatient, rare)),
        )


@dataclass(slots=True)
class Wearer:
    """Touches the button `touches` times."""

    agenda: Agenda
    chance: random.Random
    press: Callable[[], None]
    release: Callable[[], None]
    touches: int
    done: bool = False
    habits: Habits = field(init=False)

    def __post_init__(self) -> None:
        self.habits = Habits.of(self.chance)

    def begin(self, now_ms: float) -> None:
        """The first touch comes after a pause."""
        pause_ms = self.chance.uniform(*self.habits.pause_ms)
        if self.touches:
            self.agenda.at(now_ms + pause_ms, lambda: self._press(now_ms + pause_ms))
        else:
            self.done = True

    def _press(self, now_ms: float) -> None:
        self.touches -= 1
        self.press()
        over_ms = now_ms + self._hold_ms()
        self.agenda.at(over_ms, lambda: self._release(over_ms))

    def _release(self, now_ms: float) -> None:
        self.release()
        self.begin(now_ms)

    def _hold_ms(self) -> float:
        habits = self.habits
        if self.chance.random() < habits.taps:
            return self.chance.uniform(*TAP_MS)
        hold_ms = LEAST_HOLD_MS + self.chance.expovariate(1 / habits.mean_hold_ms)
        return min(hold_ms, habits.most_hold_ms)

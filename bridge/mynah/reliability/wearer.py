"""A wearer by the dice: holds the button, mostly briefly, taps it now and then, pauses. Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mynah.reliability.agenda import Agenda

TAPS: Final = 0.04
"""The share of touches that are taps: the host, another touch or the ring's limit ends them."""

TAP_MS: Final = (60.0, 200.0)
LEAST_HOLD_MS: Final = 300.0
MEAN_HOLD_MS: Final = 500.0
"""Above the least; most things are said in a second."""

MOST_HOLD_MS: Final = 3000.0
PAUSE_MS: Final = (40.0, 3500.0)
"""Between two touches: from impatient to thoughtful."""


@dataclass(slots=True)
class Wearer:
    """Touches the button `touches` times."""

    agenda: Agenda
    chance: random.Random
    press: Callable[[], None]
    release: Callable[[], None]
    touches: int
    done: bool = False

    def begin(self, now_ms: float) -> None:
        """The first touch comes after a pause."""
        pause_ms = self.chance.uniform(*PAUSE_MS)
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
        if self.chance.random() < TAPS:
            return self.chance.uniform(*TAP_MS)
        hold_ms = LEAST_HOLD_MS + self.chance.expovariate(1 / MEAN_HOLD_MS)
        return min(hold_ms, MOST_HOLD_MS)

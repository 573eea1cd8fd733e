"""What another program may do with the ring: a little, seldom, and gently."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from mynah.acts.emotions import EMOTIONS
from mynah.acts.vocabulary import VOCABULARY
from mynah.companions.base import Act

PATTERNS: Final = tuple(name for name in VOCABULARY if name not in EMOTIONS)
"""What can be felt; feelings are shown."""

MOST_GAIN: Final = 200
"""Of 255: what startles is for the wearer's own companion alone."""

MOST_REPEATS: Final = 4
LONGEST_WAIT_S: Final = 120.0
"""For a touch; most programs give up after a minute."""

MINUTE_S: Final = 60.0
VIBRATIONS_A_MINUTE: Final = 6
LIGHTS_A_MINUTE: Final = 12


@dataclass(frozen=True, slots=True)
class RingState:
    """How the ring is."""

    connected: bool
    battery_percent: int | None = None
    """None where it is not known."""
    charging: bool = False


class LentRing(Protocol):
    """The ring of a running conversation."""

    def play(self, act: Act) -> bool:
        """Be felt, or lit; False if it can't just now, or it would be too much."""

    def state(self) -> RingState: ...

    async def wait_for_touch(self) -> str:
        """The next touch's name: tap, double_tap, hug, shake …"""


class Often:
    """At most so many in a minute."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=most)

    def wait_s(self) -> float:
        """0 if it may be done now, which then counts; else how long it is until then."""
        now_s = self._clock()
        if len(self._times) == self._times.maxlen:
            left_s = self._times[0] + MINUTE_S - now_s
            if left_s > 0:
                return left_s
        self._times.append(now_s)
        return 0.0


@dataclass(slots=True)
class FakeRing:
    """Does nothing, and remembers it."""

    done: list[Act] = field(default_factory=list)
    touches: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    waiting: int = 0
    """How many wait for a touch."""
    can: bool = True

    def play(self, act: Act) -> bool:
        self.done.append(act)
        return self.can

    def state(self) -> RingState:
        return RingState(connected=True, battery_percent=80)

    async def wait_for_touch(self) -> str:
        self.waiting += 1
        try:
            return await self.touches.get()
        finally:
            self.waiting -= 1

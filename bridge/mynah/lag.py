"""How late this process's event loop wakes: what one step that blocks costs all the others."""

import asyncio
import logging
from bisect import bisect_left
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

EVERY_MS: Final = 50.0
"""Twenty looks a second are 0.2 to 0.3 % of a core. A step that blocks is seen up to so much
shorter than it was, since it may begin before the look that it delays is due."""

LATE_MS: Final = 100.0
"""The ring's speaker and microphone have more than that in store; a turn gets longer by as much."""

KEPT: Final = 1024
"""Of the worst of late: only a loop that gets ever less late needs more than a few."""

_STEPS_MS: Final = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Late:
    """One look, and by how much it came too late."""

    at_ms: float
    late_ms: float


class Lag:
    """Told of each look; remembers in bounded memory. Pure."""

    def __init__(self) -> None:
        self.looks = 0
        self.worst_ms = 0.0
        """Of all."""
        self._counts = [0] * (len(_STEPS_MS) + 1)
        self._falling: deque[Late] = deque(maxlen=KEPT)  # each is later than all that follow

    def woke(self, due_ms: float, now_ms: float) -> float:
        """A look was due, and comes now; by how much too late."""
        late_ms = max(0.0, now_ms - due_ms)
        self.looks += 1
        self.worst_ms = max(self.worst_ms, late_ms)
        self._counts[bisect_left(_STEPS_MS, late_ms)] += 1
        while self._falling and self._falling[-1].late_ms <= late_ms:
            self._falling.pop()
        self._falling.append(Late(now_ms, late_ms))
        return late_ms

    def worst_since_ms(self, since_ms: float) -> float:
        """The worst of the looks since then."""
        return next((late.late_ms for late in self._falling if late.at_ms >= since_ms), 0.0)

    def percentile_ms(self, percent: float) -> float:
        """So many percent of all looks were no later than this, or by a step of the scale less."""
        wanted, seen = self.looks * percent / 100, 0
        for step_ms, count in zip(_STEPS_MS, self._counts, strict=False):
            seen += count
            if seen >= wanted:
                return min(float(step_ms), self.worst_ms)
        return self.worst_ms


@asynccontextmanager
async def watched() -> AsyncIterator[Lag]:
    """The lag of the running loop, while this goes on."""
    lag = Lag()
    watching = asyncio.create_task(_watch(lag), name="lag")
    try:
        yield lag
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        p50_ms, p95_ms = lag.percentile_ms(50), lag.percentile_ms(95)
        _logger.debug("the loop was late by %g, %g, %.0f ms", p50_ms, p95_ms, lag.worst_ms)


async def _watch(lag: Lag) -> None:
    now_ms = asyncio.get_running_loop().time
    while True:
        due_ms = now_ms() * 1000 + EVERY_MS
        await asyncio.sleep(EVERY_MS / 1000)
        late_ms = lag.woke(due_ms, now_ms() * 1000)
        if late_ms > LATE_MS:
            # Nothing that a wearer can mend: without --debug it is shown as a figure, if at all.
            _logger.info("the event loop stood still for %.0f ms", late_ms)

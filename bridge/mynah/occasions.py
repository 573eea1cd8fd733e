"""What a companion has to say though nobody spoke: kept for a while, until nobody has the floor."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from mynah.companions.base import Reply, Said
from mynah.turn.occasion import Occasion

_logger = logging.getLogger(__name__)

MOST: Final = 4
"""More at once is a companion that does not stop; the oldest is the first to be forgotten."""

STALE_MS: Final = 600_000.0
"""A good morning at noon is worse than none: what could not be said in ten minutes is not said."""


def retrieved(task: "asyncio.Future[None]") -> None:
    """What a stranger's code raises as it is closed is nobody's business any more."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _logger.warning("a companion did not end well: %s", type(error).__name__)


class Occasions:
    """Of one companion, over all connections."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` tells milliseconds."""
        self.on_new: Callable[[], None] = lambda: None
        """Told when there is something: whoever converses sets it."""
        self._clock = clock
        self._waiting: deque[Occasion] = deque()
        self._closing: set[asyncio.Task[None]] = set()

    def put(self, cause: str, said: Said, reply: Reply, *, own: bool = True) -> None:
        """Somebody has something to say; it is the companion's `own`, or said in its place."""
        self._waiting.append(Occasion(cause, said, reply, self._clock(), own))
        if len(self._waiting) > MOST:
            self._forget(self._waiting.popleft())
        self.on_new()

    def take(self) -> Occasion | None:
        """The oldest that is still worth saying."""
        while self._waiting:
            occasion = self._waiting.popleft()
            if self._clock() - occasion.since_ms <= STALE_MS:
                return occasion
            self._forget(occasion)
        return None

    async def close(self) -> None:
        """Nothing is said any more."""
        while self._waiting:
            self._forget(self._waiting.popleft())
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _forget(self, occasion: Occasion) -> None:
        task = asyncio.ensure_future(occasion.reply.aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        task.add_done_callback(retrieved)

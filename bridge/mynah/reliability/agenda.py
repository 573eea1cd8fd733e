"""What is to be done at which moment of virtual time. Pure."""

import heapq
from collections.abc import Callable
from typing import Final

Deed = Callable[[], None]

NEVER_MS: Final = float("inf")


class Agenda:
    """Deeds in the order of their moments; those of one moment in the order they were put in."""

    def __init__(self) -> None:
        self._deeds: list[tuple[float, int, Deed]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._deeds)

    @property
    def due_ms(self) -> float:
        """The moment of the next one."""
        return self._deeds[0][0] if self._deeds else NEVER_MS

    def at(self, moment_ms: float, deed: Deed) -> None:
        """Do it then."""
        self._count += 1
        heapq.heappush(self._deeds, (moment_ms, self._count, deed))

    def take(self, now_ms: float) -> Deed | None:
        """The next one that is due."""
        return heapq.heappop(self._deeds)[2] if self.due_ms <= now_ms else None

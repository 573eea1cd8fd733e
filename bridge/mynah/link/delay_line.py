"""One direction of a modelled link: records arrive later, in order, or never. Pure."""

import random
from collections import deque
from collections.abc import Callable

Loss = Callable[[int], bool]
"""Whether the record of that number, counted from 0, is lost."""


def nothing(_number: int) -> bool:
    """A link that loses nothing."""
    return False


def some(share: float, seed: int) -> Loss:
    """A link that loses a share of what it carries, the same each time."""
    chance = random.Random(seed)
    return lambda _number: chance.random() < share


class DelayLine:
    """What is under way. `delay_ms` and `loses` may be changed at any time."""

    def __init__(self, delay_ms: float = 0.0, loses: Loss = nothing) -> None:
        self.delay_ms = delay_ms
        self.loses = loses
        self.carried = 0
        """Records put in so far, the lost ones included: the number of the next one."""
        self._records: deque[tuple[float, bytes]] = deque()

    def put(self, record: bytes, now_ms: float) -> None:
        """A record sets out."""
        number = self.carried
        self.carried += 1
        if not self.loses(number):
            last_ms = self._records[-1][0] if self._records else now_ms
            self._records.append((max(now_ms + self.delay_ms, last_ms), record))

    def take(self, now_ms: float) -> list[bytes]:
        """What has arrived."""
        arrived = []
        while self._records and self._records[0][0] <= now_ms:
            arrived.append(self._records.popleft()[1])
        return arrived

    def deadline_ms(self) -> float | None:
        """When the next record arrives."""
        return self._records[0][0] if self._records else None

    def clear(self) -> None:
        """The link is gone, and what was under way with it."""
        self._records.clear()

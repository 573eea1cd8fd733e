"""One connection in virtual time: records under way both ways, and an end that each side learns of
in its own time. Pure.
"""

from typing import Final

from mynah.faults.plan import Plan, Way
from mynah.faults.schedule import delaying, losing
from mynah.link.delay_line import DelayLine

SUPERVISION_MS: Final = 420.0
"""Linux's: so long a side may go on believing in a link that is gone."""

LEAST_MS: Final = 7.5
MOST_MS: Final = 60.0
"""Connection intervals that are found: a record waits for the next."""


class Direction:
    """One way, over all connections: what a plan does to the records, by their number."""

    def __init__(self, plan: Plan, way: Way) -> None:
        self.carried = 0
        self.lost = 0
        self._loses = losing(plan, way)
        self._more_ms = delaying(plan, way)

    def line(self, delay_ms: float) -> "Line":
        """A fresh stretch of it."""
        return Line(self, delay_ms)

    def loses(self) -> bool:
        """Whether the next record is lost."""
        lost = self._loses(self.carried)
        self.lost += lost
        return lost

    def more_ms(self) -> float:
        """How much later the record comes that was asked about."""
        more_ms = self._more_ms(self.carried)
        self.carried += 1
        return more_ms


class Line(DelayLine):
    """One direction of one connection."""

    def __init__(self, direction: Direction, delay_ms: float) -> None:
        super().__init__(delay_ms)
        self._direction = direction
        self._least_ms = delay_ms

    def put(self, record: bytes, now_ms: float) -> None:
        lost = self._direction.loses()
        self.delay_ms = self._least_ms + self._direction.more_ms()
        if not lost:
            super().put(record, now_ms)


class Tether:
    """The air between a ring and a host that found each other."""

    def __init__(self, up: Line, down: Line) -> None:
        self.up = up
        self.down = down
        self.carries = True
        self.host_believes = True
        self.ring_believes = True

    @property
    def over(self) -> bool:
        """Both sides know."""
        return not (self.host_believes or self.ring_believes)

    @property
    def due_ms(self) -> float:
        """When the next record arrives."""
        moments = (self.up.deadline_ms(), self.down.deadline_ms())
        return min((each for each in moments if each is not None), default=float("inf"))

    def cut(self) -> None:
        """Nothing passes any more, and what was under way is lost."""
        self.carries = False
        self.up.clear()
        self.down.clear()

"""The promises, checked all along: time moves on, and nothing grows beyond its bound.

What was said and what became of it is the ledger's; this is about the machines themselves.
"""

from typing import Final, Protocol

from mynah.reliability.ledger import ViolationError

STUCK_ROUNDS: Final = 5000
"""So often something is due at one and the same moment, and does not get done."""

LOOK_EVERY: Final = 500
"""Rounds between two looks at what is held: a look costs as much as some rounds."""


class Watched(Protocol):
    """Who can be asked what it holds."""

    def holds(self) -> dict[str, tuple[int, int]]:
        """Of each thing how many there are, and how many there may be."""


class Watch:
    """Told of each round; a ViolationError says what is broken."""

    def __init__(self, *watched: Watched) -> None:
        self._watched = watched
        self._due_ms = -1.0
        self._rounds_here = 0
        self._rounds = 0

    def moves(self, due_ms: float) -> None:
        """Another round, for what is due then."""
        self._rounds += 1
        self._rounds_here = self._rounds_here + 1 if due_ms <= self._due_ms else 0
        self._due_ms = max(due_ms, self._due_ms)
        if self._rounds_here > STUCK_ROUNDS:
            raise ViolationError(f"time stands still at {due_ms:.0f} ms: a deadline is never met")
        if self._rounds % LOOK_EVERY == 0:
            self.look()

    def look(self) -> None:
        """Whether everything is within its bound."""
        for each in self._watched:
            for what, (count, bound) in each.holds().items():
                if count > bound:
                    raise ViolationError(f"{count} {what}, at most {bound} are allowed")

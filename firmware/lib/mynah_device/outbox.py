"""What waits to be sent upwards beside the audio: control, the oldest first.

Control never waits behind audio, but for START, END and the tap, which keep their place in it.
"""

from collections import deque

from .held import LIMIT

GREETING_LIMIT = LIMIT + 8  # READY and COUNTERS, in fragments at the smallest MTU, and every HELD
URGENT_LIMIT = 32  # answers and cursors of more than 2 s; a link that does not move them is dead
ORDERED_LIMIT = 12  # starts, taps and ends of four utterances; as dead is a link that does not


class Outbox:
    """Bounded queues of plaintexts. They live as long as a connection."""

    def __init__(self) -> None:
        self.overflowed = False  # control was lost: the link must be given up
        self._greeting: "deque[bytes]" = deque((), GREETING_LIMIT)
        self._urgent: "deque[bytes]" = deque((), URGENT_LIMIT)
        self._ordered: "deque[tuple[int, bytes]]" = deque((), ORDERED_LIMIT)

    def greeting(self, plaintext: bytes) -> None:
        """Queue what a host that has just proved itself is told before everything else."""
        if len(self._greeting) == GREETING_LIMIT:
            self.overflowed = True
            return
        self._greeting.append(plaintext)

    def urgent(self, plaintext: bytes) -> None:
        """Queue control that need not wait for audio."""
        if len(self._urgent) == URGENT_LIMIT:
            self.overflowed = True
            return
        self._urgent.append(plaintext)

    def ordered(self, plaintext: bytes, place: int) -> None:
        """Queue control that comes after all audio before the frame counted so."""
        if len(self._ordered) == ORDERED_LIMIT:
            self.overflowed = True
            return
        self._ordered.append((place, plaintext))

    def control(self, sent: int) -> "bytes | None":
        """Take the next plaintext that may go now; the audio has gone up to the frame `sent`."""
        if self._greeting:
            return self._greeting.popleft()
        if self._urgent:
            return self._urgent.popleft()
        if self._ordered and self._ordered[0][0] <= sent:
            return self._ordered.popleft()[1]
        return None

    def forget(self) -> None:
        """Another connection: what was for the old one is stale, or will be HELD."""
        self._greeting = deque((), GREETING_LIMIT)
        self._urgent = deque((), URGENT_LIMIT)
        self._ordered = deque((), ORDERED_LIMIT)
        self.overflowed = False

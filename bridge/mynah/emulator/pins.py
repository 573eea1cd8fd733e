"""What the world does to an emulated ring's pins, kept while the ring is off or asleep."""

import struct
from typing import Final

_PIN_MESSAGE: Final = "<QBB"


class Pins:
    """Times are the computer's monotonic clock, as on the channel."""

    def __init__(self) -> None:
        self._changes: list[tuple[int, int, int, bytes]] = []  # at_us, pin, level, the message
        self._levels: dict[int, int] = {}

    def heed(self, body: bytes) -> None:
        """A PIN message on its way to the ring."""
        self._changes.append((*struct.unpack(_PIN_MESSAGE, body), body))
        self._changes.sort(key=lambda change: change[0])

    def levels(self, now_us: int) -> dict[int, int]:
        """How the pins stand that somebody has touched."""
        while self._changes and self._changes[0][0] <= now_us:
            _, pin, level, _ = self._changes.pop(0)
            self._levels[pin] = level
        return self._levels

    def to_come(self) -> list[bytes]:
        """The messages of what is still to happen after the last `levels`."""
        return [body for *_, body in self._changes]

    def changes(self) -> tuple[tuple[int, int, int], ...]:
        """The same as times, pins and levels: some will be over when the chip is up."""
        return tuple(change[:3] for change in self._changes)

    def next_us(self) -> int | None:
        """When the next of them happens."""
        return self._changes[0][0] if self._changes else None

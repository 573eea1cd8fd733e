"""What a carrier has to tell, in a queue that an interrupt may fill."""

import asyncio
from collections import deque

from micropython import const

from mynah_device import actions
from mynah_device.health import Heart

_RECORDS = const(64)  # more than 100 ms of downlink at full speed
_QUEUE = const(80)  # and room for what the connection itself has to tell


class Events:
    """(name, value) pairs, in order; one task waits for them."""

    def __init__(self) -> None:
        self.heart = Heart()  # of who waits
        self.lost = 0  # records that found the queue full
        self._events: "deque[tuple[str, object]]" = deque((), _QUEUE)
        self._flag = asyncio.ThreadSafeFlag()

    def put(self, name: str, value: object = None) -> None:
        """Tell."""
        # A full deque would throw its oldest out, which may be a disconnection: records go first.
        if name == actions.RECEIVED and len(self._events) >= _RECORDS:
            self.lost += 1
            return
        self._events.append((name, value))
        self._flag.set()

    def poke(self) -> None:
        """Have the one that waits give a sign."""
        self._flag.set()

    async def next(self) -> "tuple[str, object]":
        """Wait for an event."""
        self.heart.beat()
        while not self._events:
            await self._flag.wait()
            self.heart.beat()
        return self._events.popleft()

"""The ring of a conversation, for other programs: it comes and goes."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from mynah.companions.base import Act, Touch
from mynah.serving.lent_ring import LentRing, RingState

Play: TypeAlias = Callable[[Act], object]
"""False if it can't."""

_Ring = TypeVar("_Ring")


class Worn:
    """Of several rings the one that came last."""

    def __init__(self) -> None:
        self._links = 0
        self._play: Play | None = None
        self._battery_percent: int | None = None
        self._charging = False
        self._waiting: set[asyncio.Future[str]] = set()

    def lent(self) -> LentRing | None:
        """The ring, if there is one."""
        return None if self._play is None else self

    def around(self, open_acts: Callable[[_Ring], Play]) -> Callable[[_Ring], Play]:
        """The same way to a ring's motor and light; whoever opens it lends it."""

        def opened(ring: _Ring) -> Play:
            self._play = open_acts(ring)
            return self._play

        return opened

    def note(self, event: str, figures: "dict[str, object]") -> None:
        """As it is told to the log: of each link, that it is up or down."""
        if event == "link":
            self._links += 1 if figures["up"] else -1
            if self._links <= 0:
                self._play = None
                self._battery_percent = None

    def touched(self, touch: Touch) -> None:
        """It was touched, with or without words."""
        for each in self._waiting:
            if not each.done():
                each.set_result(touch.name)

    def charged(self, percent: int, *, charging: bool) -> None:
        """It said how full it is."""
        self._battery_percent, self._charging = percent, charging

    def play(self, act: Act) -> bool:
        return self._play is not None and self._play(act) is not False

    def state(self) -> RingState:
        connected = self._play is not None
        return RingState(connected, self._battery_percent, self._charging)

    async def wait_for_touch(self) -> str:
        touched: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.add(touched)
        try:
            return await touched
        finally:
            self._waiting.discard(touched)

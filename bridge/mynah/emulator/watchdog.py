"""The emulated ring's watchdog, on the computer's clock: it bites code that never yields, too."""

import asyncio
import os
import struct
import time
from collections.abc import Callable
from typing import Final

SCALE: Final = "MYNAH_WDT_SCALE"
"""In the environment: what a watchdog's time is multiplied by, so that a test need not wait."""

_FED_MESSAGE: Final = "<IQ"
_GRACE_S: Final = 0.1
"""For a feed that lies unread because this process, not the ring, stood still."""


class Watchdog:
    """One run's. Off until it is fed for the first time."""

    def __init__(self, bite: Callable[[], None]) -> None:
        """`bite()` is called once, when it was not fed in time."""
        self._bite = bite
        self._scale = float(os.environ.get(SCALE, "1"))
        self._deadline_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.timeout_ms = 0

    @property
    def bites(self) -> bool:
        """Whether it was started: it will bite whoever does not feed it."""
        return self._timer is not None

    def fed(self, body: bytes) -> None:
        """The ring's FED message."""
        self.timeout_ms, fed_us = struct.unpack(_FED_MESSAGE, body)
        self._deadline_s = fed_us / 1e6 + self.timeout_ms / 1e3 * self._scale
        if self._timer is None:
            self._look_again()

    def stop(self) -> None:
        """The run is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_again(self) -> None:
        left_s = self._deadline_s - time.monotonic()
        if left_s <= -_GRACE_S / 2:
            self._timer = None
            self._bite()
            return
        later = asyncio.get_running_loop().call_later
        self._timer = later(max(0.0, left_s) + _GRACE_S, self._look_again)

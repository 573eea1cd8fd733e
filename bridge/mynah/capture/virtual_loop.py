"""A loop whose clock jumps: when everybody waits, it is already later. No sockets, no threads."""

import asyncio
import selectors
from typing import Any, Final

STEP_S: Final = 1e-6
"""Each round takes a moment: a deadline missed by a rounding comes in the next."""


class _Jumping:
    """A selector that lets time pass instead of waiting."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None) -> Any:
        events = self._real.select(0)
        if not events and timeout is None:
            raise RuntimeError("everybody waits, and nothing will ever happen")
        self.now_s += STEP_S if events else max(STEP_S, timeout or 0.0)
        return events

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class VirtualLoop(asyncio.SelectorEventLoop):
    """For whatever waits for nothing outside."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)  # type: ignore[arg-type]

    def time(self) -> float:
        return self._jumping.now_s

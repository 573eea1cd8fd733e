"""A loop that waits for nobody: when no socket has anything to say, it is already later.

A fake is in the same process, so what it sends is there at once; all that is left to wait for is a
clock. Unlike virtual time it has real sockets, and threads, which are waited for.
"""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, Final

QUIET_S: Final = 0.02
"""So long nobody must have said anything before hours pass: a kernel that is busy may be late."""

SHARE: Final = 0.1
"""Of a wait is waited in any case: words that come after each other still do."""


class _Hurried:
    """A selector that skips what nobody would have used."""

    def __init__(self) -> None:
        self.skipped_s = 0.0
        self.threads = 0
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None or self.threads:
            return self._real.select(timeout)
        quiet_s = min(timeout * SHARE, QUIET_S)
        events = self._real.select(quiet_s)
        if not events:
            self.skipped_s += timeout - quiet_s
        return events

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class QuickLoop(asyncio.SelectorEventLoop):
    """Its clock runs at least as fast as ours."""

    def __init__(self) -> None:
        self._hurried = _Hurried()
        super().__init__(self._hurried)  # type: ignore[arg-type]  # a selector in all but name

    def time(self) -> float:
        return time.monotonic() + self._hurried.skipped_s

    def run_in_executor(self, *arguments: Any) -> Any:
        working = super().run_in_executor(*arguments)
        self._hurried.threads += 1
        working.add_done_callback(self._back)
        return working

    def _back(self, _: object) -> None:
        self._hurried.threads -= 1


def at_once(running: Coroutine[Any, Any, None], *, hurried: bool = True) -> None:
    """Run it to its end; it may leave no task behind."""
    with asyncio.Runner(loop_factory=QuickLoop if hurried else None) as runner:
        runner.run(_tidy(running))


async def _tidy(running: Coroutine[Any, Any, None]) -> None:
    await running
    left = [task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()}]
    assert not left, left

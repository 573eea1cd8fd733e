"""A loop whose clock jumps: when everybody waits, it is already later. No sockets, no threads."""

import asyncio
import functools
import selectors

STEP_S = 1e-6  # each round takes a moment: a deadline missed by a rounding comes in the next


class _Jumping:
    """A selector that lets time pass instead of waiting."""

    def __init__(self):
        self.now_s = 0.0
        self._real = selectors.DefaultSelector()

    def select(self, timeout):
        events = self._real.select(0)
        if not events and timeout is None:
            raise AssertionError("everybody waits, and nothing will ever happen")
        self.now_s += STEP_S if events else max(STEP_S, timeout)
        return events

    def __getattr__(self, name):
        return getattr(self._real, name)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self):
        return self._jumping.now_s


def in_virtual_time(test):
    """Run an async test on such a loop; it may leave no task behind."""

    @functools.wraps(test)
    def run(*arguments, **fixtures):
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(_tidy(test(*arguments, **fixtures)))

    return run


async def _tidy(running):
    await running
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert [task.get_name() for task in left] == []

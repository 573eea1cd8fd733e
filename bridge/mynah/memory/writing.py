"""What a memory is to keep, written in a thread, in order: the event loop never waits for it."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from mynah.errors import MynahError

MOST_WAITING: Final = 1000
"""Turns that a disk did not take yet, which is hours of talk: beyond them the oldest is lost."""

END_S: Final = 5.0
"""At the end, for what still waits."""

_logger = logging.getLogger(__name__)

Work = Callable[[], object]


class Writing:
    """Does one thing after the other."""

    def __init__(self) -> None:
        self._waiting: deque[Work] = deque(maxlen=MOST_WAITING)
        self._task: asyncio.Task[None] | None = None
        self._is_told = False

    def want(self, work: Work) -> None:
        """Do it soon. What fails is tried again when the next is wanted."""
        self._waiting.append(work)
        self._begin()

    async def end(self) -> None:
        """Until all is done, what failed tried once more, or the disk took too long."""
        if self._waiting:
            self._begin()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=END_S)

    def _begin(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name="memory")

    async def _work(self) -> None:
        while self._waiting:
            work = self._waiting[0]
            try:
                await asyncio.to_thread(work)
            except MynahError as error:
                self._tell(error)
                return
            except Exception as error:  # noqa: BLE001 - for ever it would hold up what comes after
                kind = type(error).__name__  # its message may hold what was said
                _logger.error("a turn can't be kept and is lost: %s", kind)  # noqa: TRY400
            self._is_told = False
            # The queue may have dropped it while it was being done.
            if self._waiting and self._waiting[0] is work:
                self._waiting.popleft()

    def _tell(self, error: MynahError) -> None:
        if not self._is_told:
            self._is_told = True
            _logger.warning("%s; it is tried again after the next turn", error)

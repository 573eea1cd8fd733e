"""One computation on a second thread, which is left behind when something comes that can't wait."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final, Generic, TypeVar

LOOK_S: Final = 0.005
"""How often it is asked whether something waits."""

Result = TypeVar("Result")


class Aside(Generic[Result]):
    """CTranslate2 can't be interrupted; what is left behind ends by itself, on the other core."""

    def __init__(self, overtaken: Callable[[], bool]) -> None:
        self._overtaken = overtaken
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="aside")
        self._key: Hashable = None
        self._future: Future[Result] | None = None

    def run(self, key: Hashable, compute: Callable[[], Result]) -> Result | None:
        """What was computed; None if it was overtaken, or one that was is not through yet.

        The same key again waits for what was begun under it; None is no key.
        """
        future = self._future
        if future is None or key is None or key != self._key:
            if future is not None and not future.done():
                return None
            future = self._thread.submit(compute)
            self._key, self._future = key, future
        while wait([future], LOOK_S).not_done:
            if self._overtaken():
                return None
        return future.result()

    def left_behind(self, key: Hashable) -> Result | None:
        """What was begun under this key, once it is done: better than to begin again."""
        return self._future.result() if self._future is not None and key == self._key else None

"""Words of another program that are handed to the ring's conversation: taken, or not."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from types import TracebackType

from mynah.companions.base import Piece


class Handed(AsyncGenerator[Piece, None]):
    """A reply that knows what became of it: a generator does not hear that it was never begun."""

    def __init__(self, clauses: Sequence[str]) -> None:
        self._clauses = list(clauses)
        self._taken: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def taken(self) -> bool:
        """Whether the ring speaks it; returns when that is known."""
        return await asyncio.shield(self._taken)

    def give_up(self) -> None:
        """Nobody waits for it any more: what was not begun is not begun either."""
        if not self._taken.done():
            self._taken.set_result(False)
            self._clauses.clear()

    async def asend(self, value: None) -> Piece:
        del value
        if self._clauses and not self._taken.done():
            self._taken.set_result(True)
        if not self._clauses:
            self.give_up()
            raise StopAsyncIteration
        return self._clauses.pop(0) + " "

    async def athrow(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
        /,
    ) -> Piece:
        del val, tb
        self.give_up()
        self._clauses.clear()
        raise typ

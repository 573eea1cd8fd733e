"""Who waits for one process: what is done ahead gives way to what somebody waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class Sharing:
    """By one wearer, or by several whose rings are on one bridge."""

    def __init__(self) -> None:
        self.wearers = 1
        self.asked = 0
        """Utterances whose words are waited for."""
        self.overtaken = 0
        """How often what was done ahead gave way."""
        self._following: set[asyncio.Task[Any]] = set()

    @property
    def following(self) -> bool:
        """Whether something is done ahead."""
        return bool(self._following)

    def overtake(self) -> None:
        """Give up what is done ahead, for whomever."""
        self.overtaken += bool(self._following)
        for task in self._following:
            task.cancel()

    async def follow(self, decode: Coroutine[None, None, Result]) -> Result | None:
        """Done ahead; None if it was overtaken."""
        task = asyncio.create_task(decode, name="rolling decode")
        self._following.add(task)
        try:
            await asyncio.wait({task})
            return None if task.cancelled() else task.result()
        finally:
            task.cancel()
            self._following.discard(task)

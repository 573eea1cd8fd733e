"""A companion that fails when the plan says so, whoever it is."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from mynah.companions.around import Around
from mynah.companions.base import Companion, Reply, Said
from mynah.errors import CompanionError
from mynah.faults.injection import Injection
from mynah.faults.plan import Fault

SLOW_S: Final = 1.5
"""Before each piece: a server that is asked too much, and that nobody should give up on yet."""

GARBAGE: Final = "\x00\x1b\ufffd}{" * 200
"""Nothing that could be spoken."""


class FaultyCompanion(Around):
    """The companion inside, but for the turns that the plan spoils."""

    def __init__(self, companion: Companion, injection: Injection) -> None:
        super().__init__(companion)
        self._always = injection.plan.always("companion")
        self._turn: Fault | None = None
        injection.can("companion", self._spoil)

    def turn(self) -> None:
        """Another turn begins; call it before it is counted. What spoiled the last is over."""
        self._turn = None

    async def reply(self, said: Said) -> Reply:
        fault = self._turn or self._always
        if fault is not None and fault.amount != "slow":
            async with aclosing(_WAYS[str(fault.amount)](fault)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        async with aclosing(self.companion.reply(said)) as pieces:
            async for piece in pieces:
                if fault is not None:
                    await asyncio.sleep(SLOW_S)
                yield piece

    def _spoil(self, fault: Fault) -> None:
        self._turn = fault


async def _refuse(fault: Fault) -> Reply:
    raise CompanionError(f"the companion answered 500, as planned: {fault}")
    yield ""


async def _hang(_fault: Fault) -> Reply:
    await asyncio.Event().wait()
    yield ""


async def _babble(_fault: Fault) -> Reply:
    yield GARBAGE


_WAYS: Final[dict[str, Callable[[Fault], Reply]]] = {
    "500": _refuse,
    "hang": _hang,
    "garbage": _babble,
}

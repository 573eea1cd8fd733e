"""A companion that fails when the plan says so, whoever it is."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

from mynah.companions.base import Companion, Said
from mynah.errors import CompanionError
from mynah.faults.injection import Injection
from mynah.faults.plan import Fault

SLOW_S: Final = 1.5
"""Before each piece: a server that is asked too much, and that nobody should give up on yet."""

GARBAGE: Final = "\x00\x1b\ufffd}{" * 200
"""Nothing that could be spoken."""


class FaultyCompanion:
    """The companion inside, but for the turns that the plan spoils."""

    def __init__(self, companion: Companion, injection: Injection) -> None:
        self._companion = companion
        self._always = injection.plan.always("companion")
        self._turn: Fault | None = None
        injection.can("companion", self._spoil)

    @property
    def free(self) -> bool:
        return self._companion.free

    async def start(self) -> None:
        await self._companion.start()

    def turn(self) -> None:
        """Another turn begins; call it before it is counted. What spoiled the last is over."""
        self._turn = None

    async def reply(self, said: Said) -> AsyncGenerator[str, None]:
        fault = self._turn or self._always
        if fault is not None and fault.amount != "slow":
            async with aclosing(_WAYS[str(fault.amount)](fault)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        async with aclosing(self._companion.reply(said)) as pieces:
            async for piece in pieces:
                if fault is not None:
                    await asyncio.sleep(SLOW_S)
                yield piece

    def heard(self, said: Said, text: str) -> None:
        self._companion.heard(said, text)

    async def close(self) -> None:
        await self._companion.close()

    def _spoil(self, fault: Fault) -> None:
        self._turn = fault


async def _refuse(fault: Fault) -> AsyncGenerator[str, None]:
    raise CompanionError(f"the companion answered 500, as planned: {fault}")
    yield ""


async def _hang(_fault: Fault) -> AsyncGenerator[str, None]:
    await asyncio.Event().wait()
    yield ""


async def _babble(_fault: Fault) -> AsyncGenerator[str, None]:
    yield GARBAGE


_WAYS: Final[dict[str, Callable[[Fault], AsyncGenerator[str, None]]]] = {
    "500": _refuse,
    "hang": _hang,
    "garbage": _babble,
}

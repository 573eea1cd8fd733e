"""A live conversation: what `mynah run` keeps going until the person ends it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from statistics import median
from typing import Final, TypeAlias, cast

from mynah.conversing import conversing, unless
from mynah.errors import DeviceError, EmulatorError, LinkError, one_line
from mynah.link.keys import data_folder
from mynah.link.place import Place
from mynah.stages import Stages
from mynah.turn.last import LastTurns
from mynah.turn.record import TurnRecord
from mynah.view import View

WAITS_S: Final = (1, 2, 4, 8, 15, 30)
"""Before looking for a lost ring again: at once when it was a moment, gently when it is away."""

STARTS: Final = 3
"""An emulated ring that ends so often without a conversation has a fault, not a bad moment."""

OpenPlace: TypeAlias = Callable[[], AbstractAsyncContextManager[Place]]
"""Finds the ring, anew at each call."""


class Live:
    """One person's conversation, over as many connections as it takes."""

    def __init__(self, stages: Stages, companion: str, view: View, open_place: OpenPlace) -> None:
        """`companion` is what the view calls who answers."""
        self._stages = stages
        self._companion = companion
        self._view = view
        self._open_place = open_place
        self._figures = LastTurns(data_folder())
        self._turns = 0
        self._waits_ms: list[float] = []
        self._failures = 0  # in a row
        self._told = ""  # of them
        self._over = asyncio.Event()

    def end(self) -> None:
        """The person has had enough."""
        self._over.set()

    @property
    def summary(self) -> str:
        """How it was, in one line."""
        turns = f"{self._turns} turn{'s' * (self._turns != 1)}"
        if not self._waits_ms:
            return turns
        half = "" if self._turns == 1 else "half of them "
        return f"{turns}, {half}answered within {median(self._waits_ms):.0f} ms"

    async def run(self) -> None:
        """Until `end`; what trying again can't mend is raised."""
        loading = asyncio.create_task(self._load(), name="loading")  # while the ring boots
        going = asyncio.create_task(self._keep_going(loading), name="live")
        try:
            await unless(going, self._over.wait())
        finally:
            for task in (going, loading):
                task.cancel()
            await asyncio.gather(going, loading, return_exceptions=True)
            await self._stages.stop()

    async def _load(self) -> None:
        with self._view.busy("loading the models"):
            await self._stages.start()

    async def _keep_going(self, loading: "asyncio.Task[None]") -> None:
        while True:
            lost: Exception | None = None
            try:
                async with self._open_place() as place:
                    await asyncio.shield(loading)
                    async with conversing(place, self._stages, self._keep, self._view) as running:
                        self._failures, self._told = 0, ""
                        await running
            except* (LinkError, DeviceError, EmulatorError) as group:
                lost = _innermost(group)
            if lost is not None:
                await self._wait_after(lost)

    async def _wait_after(self, error: Exception) -> None:
        hopeless = isinstance(error, LinkError) and not error.retryable
        self._failures += 1
        if hopeless or (isinstance(error, EmulatorError) and self._failures >= STARTS):
            raise error
        wait_s = WAITS_S[min(self._failures, len(WAITS_S)) - 1]
        again, told = f"trying again in {wait_s} s", one_line(error)
        if told != self._told:  # a ring that stays away is told of once
            self._view.trouble(f"{told}; {again}")
        self._told = told
        self._view.show(None, "the ring is out of reach", again)
        await asyncio.sleep(wait_s)

    def _keep(self, record: TurnRecord) -> None:
        self._turns += 1
        record.turn = self._turns  # each connection counts its own from one
        if record.v2v_ms is not None:
            self._waits_ms.append(record.v2v_ms)
        self._figures.keep(record)
        self._view.turn(record, self._companion)


def _innermost(error: BaseException) -> Exception:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return cast(Exception, error)

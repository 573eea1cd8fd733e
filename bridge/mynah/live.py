"""A live conversation: what `mynah run` keeps going until the person ends it."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from statistics import median
from typing import Final, TypeAlias

from mynah.attending import Attending
from mynah.beside import Beside
from mynah.conversing import unless
from mynah.errors import DeviceError, EmulatorError, LinkError, innermost, one_line
from mynah.keeping import Keeper, Telling
from mynah.link.keys import data_folder
from mynah.link.last_trouble import LastTrouble
from mynah.link.place import OpenPlace, Place
from mynah.link.supervisor import State
from mynah.link.trouble import TROUBLES, Kind, kind_of
from mynah.stages import Stages
from mynah.turn.last import LastTurns
from mynah.turn.record import TurnRecord
from mynah.view import View

STARTS: Final = 3
"""An emulated ring that ends so often without a conversation has a fault, not a bad moment."""

WAITS: Final = 1000
"""Turns whose wait the summary is made of: some days, of a program that may run for years."""

Adapter: TypeAlias = Callable[[], AsyncGenerator[bool, None]]
"""Tells whenever this computer's Bluetooth is switched on or off."""


@dataclass(eq=False, slots=True)
class _Ring:
    open_place: OpenPlace
    stages: Stages
    attending: Attending | None
    failures: int = 0
    """In a row, of its place: a link that is lost is none."""


class Live:
    """A conversation with each ring, over as many connections as it takes."""

    def __init__(
        self,
        stages: Stages | Sequence[Stages],
        companion: str,
        view: View,
        *places: OpenPlace,
        adapter: Adapter | None = None,
        chance: Callable[[], float] = random.random,
        attend: Callable[[Stages], Attending] | None = None,
        tidy: Callable[[], None] = lambda: None,
    ) -> None:
        """Stages for each place; `companion` is what the view calls who answers; `attend` makes
        who sees to reminders and rituals; `tidy()` is called after each turn.
        """
        every = [stages] if isinstance(stages, Stages) else stages
        self._rings = [
            _Ring(place, each, None if attend is None else attend(each))
            for place, each in zip(places, every, strict=True)
        ]
        self._companion = companion
        self._view = view
        self._beside = Beside(view)
        self._adapter = adapter
        self._tidy = tidy
        self._chance = chance
        self._figures = LastTurns(data_folder())
        self._troubles = LastTrouble(data_folder())
        self._keepers: set[Keeper] = set()
        self._turns = 0
        self._waits_ms: deque[float] = deque(maxlen=WAITS)
        self._over = asyncio.Event()

    def end(self) -> None:
        """The person has had enough."""
        self._over.set()

    @property
    def states(self) -> list[State]:
        """How far each ring is that there is."""
        return [keeper.state for keeper in self._keepers]

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
        going = asyncio.create_task(self._keep_all(loading), name="live")
        try:
            await unless(going, self._over.wait())
        finally:
            for task in (going, loading):
                task.cancel()
            await asyncio.gather(going, loading, return_exceptions=True)
            for ring in self._rings:
                await ring.stages.stop()

    async def _load(self) -> None:
        with self._view.busy("loading the models"):
            await asyncio.gather(*(ring.stages.start() for ring in self._rings))

    async def _keep_all(self, loading: "asyncio.Task[None]") -> None:
        error: Exception | None = None
        try:
            async with asyncio.TaskGroup() as group:
                for ring in self._rings:
                    group.create_task(self._keep_going(ring, loading), name="ring")
                    if ring.attending is not None:
                        group.create_task(ring.attending.run(), name="attending")
                group.create_task(self._watch_adapter(), name="adapter")
        except* Exception as group_of_errors:  # noqa: BLE001 - the first one is raised
            error = innermost(group_of_errors)
        if error is not None:
            raise error

    async def _watch_adapter(self) -> None:
        if self._adapter is not None:
            async with aclosing(self._adapter()) as changes:
                async for on in changes:
                    for keeper in self._keepers:
                        keeper.adapter(on=on)

    async def _keep_going(self, ring: _Ring, loading: "asyncio.Task[None]") -> None:
        while True:
            gone: Exception | None = None
            try:
                async with ring.open_place() as place:
                    await asyncio.shield(loading)
                    self._view.ready()
                    await self._keep(ring, place)
            except* (LinkError, DeviceError, EmulatorError) as group:
                gone = innermost(group)
            if gone is not None:
                await self._wait_after(ring, gone)

    async def _keep(self, ring: _Ring, place: Place) -> None:
        view = self._view if len(self._rings) == 1 else self._beside.of(place.name)

        def told(kind: Kind | None) -> None:
            ring.failures = 0 if kind is None else ring.failures
            self._troubles.note(place.name, kind)

        def turn(record: TurnRecord) -> None:
            self._take(record)
            view.turn(record, self._companion)
            if ring.attending is not None:
                ring.attending.turn(record)
            self._tidy()

        keeper = Keeper(place, ring.stages, Telling(view, turn, told), self._chance)
        self._keepers.add(keeper)
        try:
            await keeper.run()
        finally:
            self._keepers.discard(keeper)

    async def _wait_after(self, ring: _Ring, error: Exception) -> None:
        """There is no ring to be reached: an emulated one died, a cable can't be opened."""
        hopeless = kind_of(error) is Kind.HOPELESS
        ring.failures += 1
        if hopeless or (isinstance(error, EmulatorError) and ring.failures >= STARTS):
            raise error
        trouble = TROUBLES[Kind.OTHER]
        wait_s = min(trouble.first_ms * 2 ** (ring.failures - 1), trouble.most_ms) / 1000
        again = f"trying again in {wait_s:.0f} s"
        self._view.trouble(f"{one_line(error)}; {again}")
        self._view.show(None, "there is no ring", again)
        await asyncio.sleep(wait_s)

    def _take(self, record: TurnRecord) -> None:
        self._turns += 1
        record.turn = self._turns  # each connection counts its own from one
        if record.v2v_ms is not None:
            self._waits_ms.append(record.v2v_ms)
        self._figures.keep(record)

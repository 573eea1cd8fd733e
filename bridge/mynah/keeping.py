"""One ring, kept in conversation: what its supervisor wants is carried out, here and in order."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Final

from mynah.conversing import conversing
from mynah.errors import DeviceError, LinkError, MynahError, innermost
from mynah.link import events
from mynah.link.cable import NO_PORT
from mynah.link.client import monotonic_ms
from mynah.link.place import Place
from mynah.link.reach import Opened, Steps, steps_of
from mynah.link.supervisor import State, Supervisor
from mynah.link.trouble import Kind, kind_of, told
from mynah.stages import Stages
from mynah.turn.record import TurnRecord
from mynah.view import View

HANG_UP_S: Final = 10.0
"""What a link may take to end: its own limit and some. One that takes longer is left behind."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom a kept ring tells what."""

    view: View
    turn: Callable[[TurnRecord], None]
    trouble: Callable[[Kind | None], None] = lambda _kind: None
    """None when a conversation is possible again."""


class Keeper:
    """Of one ring, for as long as there is one."""

    def __init__(
        self, place: Place, stages: Stages, telling: Telling, random: Callable[[], float]
    ) -> None:
        self._place = place
        self._stages = stages
        self._telling = telling
        self._steps = steps_of(place.link)
        self._supervisor = Supervisor(random)
        self._mtu = 0
        self._attempt = 0
        self._was_well = place.expected
        self._task: asyncio.Task[None] | None = None  # what is under way, of that attempt
        self._error: BaseException | None = None  # the last, for what to tell
        # At most one of each attempt, and the adapter's and the place's few.
        self._news: asyncio.Queue[tuple[int, events.Event | BaseException]] = asyncio.Queue()

    @property
    def state(self) -> State:
        """How far it is."""
        return self._supervisor.state

    def adapter(self, *, on: bool) -> None:
        """The computer's Bluetooth went or came; to a cable it is nothing."""
        if isinstance(self._place.link, Steps):
            event = events.AdapterCame() if on else events.AdapterWent()
            self._news.put_nowait((self._attempt, event))

    async def run(self) -> None:
        """Until cancelled; what trying again can't mend is raised, and that there is no ring."""
        watching = asyncio.create_task(self._watch(), name="ring")
        try:
            await self._handle(events.Wanted())
            while True:
                await self._handle(await self._next())
        finally:
            watching.cancel()
            await self._hang_up()
            await asyncio.gather(watching, return_exceptions=True)

    async def _next(self) -> events.Event:
        """What happened; a Tick when the supervisor's deadline comes first."""
        while True:
            due_ms = self._supervisor.deadline_ms()
            wait_s = None if due_ms is None else max(0.0, due_ms - monotonic_ms()) / 1000
            try:
                async with asyncio.timeout(wait_s):
                    attempt, news = await self._news.get()
            except TimeoutError:
                return events.Tick()
            if isinstance(news, BaseException):
                raise news
            about_adapter = isinstance(news, events.AdapterCame | events.AdapterWent)
            if about_adapter or attempt == self._attempt:
                return news

    async def _handle(self, event: events.Event) -> None:
        for action in self._supervisor.handle(event, monotonic_ms()):
            await self._carry_out(action)

    async def _carry_out(self, action: events.Action) -> None:
        match action:
            case events.HangUp():
                await self._hang_up()
            case events.Scan():
                self._begin(self._scan())
            case events.Connect(cached):
                self._begin(self._connect(cached=cached))
            case events.Exchange():
                self._begin(self._exchange())
            case events.Greet():
                self._begin(self._converse())
            case events.Forget():
                await self._steps.forget()
            case events.Tell():
                self._tell(action)
            case events.Cheer():
                self._was_well = True
                self._telling.trouble(None)

    def _begin(self, step: Coroutine[None, None, events.Event]) -> None:
        self._attempt += 1
        self._task = asyncio.create_task(self._try(step, self._attempt), name="link")

    async def _try(self, step: Coroutine[None, None, events.Event], attempt: int) -> None:
        try:
            event: events.Event | BaseException = await step
        except Exception as group:  # noqa: BLE001 - told to the supervisor, or raised by `run`
            error = innermost(group)
            kind = kind_of(error)
            if kind is Kind.HOPELESS and self._was_well:  # what was there may be there again
                kind = Kind.UNPLUGGED if str(error).startswith(NO_PORT) else Kind.OTHER
            event = error
            if isinstance(error, LinkError | DeviceError) and kind is not Kind.HOPELESS:
                self._error = error
                event = events.Lost(kind)
                if self._supervisor.state is State.SCAN:
                    event = events.Failed(kind)
        self._news.put_nowait((attempt, event))

    async def _scan(self) -> events.Event:
        await self._steps.find()
        return events.Found()

    async def _connect(self, *, cached: bool) -> events.Event:
        with self._telling.view.busy(f"connecting to {self._place.name}"):
            await self._steps.connect(cached=cached)
        return events.Connected()

    async def _exchange(self) -> events.Event:
        self._mtu = await self._steps.agree()
        return events.MtuKnown()

    async def _converse(self) -> events.Event:
        place = replace(self._place, link=Opened(self._place.link, self._mtu))
        telling = self._telling
        async with conversing(place, self._stages, telling.turn, telling.view) as running:
            self._news.put_nowait((self._attempt, events.Proven()))
            await running
        raise MynahError("the conversation ended by itself")

    async def _hang_up(self) -> None:
        self._attempt += 1
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task}, timeout=HANG_UP_S)
        await self._place.link.close()

    async def _watch(self) -> None:
        """There may be no such ring any more, whether it is connected or not."""
        try:
            await self._place.ended()
        except Exception as error:  # noqa: BLE001 - raised by `run`
            self._news.put_nowait((self._attempt, error))

    def _tell(self, action: events.Tell) -> None:
        error, self._error = self._error, None
        line = told(action.kind, error)
        wait_s = round(action.wait_ms / 1000)
        again = f"trying again in {wait_s} s" if wait_s else ""
        self._telling.trouble(action.kind)
        if action.loud:
            self._telling.view.trouble(line)
        what, _, step = line.partition(": ")
        self._telling.view.show(None, what, again or step or "looking for it")

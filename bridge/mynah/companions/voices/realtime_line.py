"""A line to a Realtime server: a session that is described, told the last turns, and renewed."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, TypeAlias

from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.voices import realtime_events as events
from mynah.companions.voices import realtime_requests as requests
from mynah.companions.voices.live_line import LiveLine
from mynah.companions.voices.live_socket import Message
from mynah.companions.voices.live_turn import LiveTurn

MOST_AGE_S: Final = 55 * 60
"""These servers end a session after an hour, in the middle of a word if it comes so."""

ACCEPTED_S: Final = 5.0
"""Not every server says that it took the description; one that refuses it says so at once."""

Turn: TypeAlias = LiveTurn[events.Heard]
Messages: TypeAlias = Iterable[Mapping[str, Any]]


class Line(LiveLine[events.Heard, None]):
    """One session after another."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        trouble: Trouble,
        session: Mapping[str, Any],
        before: Callable[[], Messages],
    ) -> None:
        """`before` is what a new session is told of the conversation so far."""
        super().__init__(url, headers, trouble)
        self._session = session
        self._before = before
        self._born_s = 0.0
        self._greeting: asyncio.Queue[events.Heard | None] | None = None
        self._resting = True

    @property
    def alive(self) -> bool:
        age_s = asyncio.get_running_loop().time() - self._born_s
        return super().alive and age_s < MOST_AGE_S

    async def greet(self) -> None:
        self._born_s = asyncio.get_running_loop().time()
        self._greeting = asyncio.Queue()
        try:
            await self._told(self._greeting)
            await self.send([{"type": "session.update", "session": self._session}])
            with suppress(TimeoutError):
                async with asyncio.timeout(ACCEPTED_S):
                    await self._told(self._greeting)
        finally:
            self._greeting = None
        await self.send(self._before())

    async def ask(self, messages: Messages) -> None:
        """Tell this, and have it answered."""
        self._resting = False
        await self.send([*messages, requests.RESPOND])

    async def send(self, messages: Messages) -> None:
        """Tell this."""
        for message in messages:
            await self._socket.send(message)

    async def call_off(self, turn: Turn) -> None:
        if turn is self._turn and self._resting:
            self.answered(turn)  # there is nothing to be stopped
        await super().call_off(turn)

    def stop(self) -> Mapping[str, Any]:
        return requests.STOP

    def take(self, message: Message) -> None:
        heard = events.parse(message)
        match heard:
            case events.Ready() | events.Accepted() | events.Fails() if self._greeting is not None:
                self._greeting.put_nowait(heard)
            case events.Ends() | events.Fails(stopped=True) if not self._quiet.is_set():
                self.stopped()
            case events.Fails(quiet=True) | events.Other():
                pass
            case _ if self._quiet.is_set() and self._turn is not None:
                self._deliver(self._turn, heard, len(message))

    def gone(self) -> None:
        if self._greeting is not None:
            self._greeting.put_nowait(None)

    def _deliver(self, turn: Turn, heard: events.Heard, size: int) -> None:
        turn.begun = turn.begun or isinstance(heard, events.Begins)
        self._resting = self._resting or isinstance(heard, events.Ends)
        if turn.begun or isinstance(heard, events.Fails | events.Odd):
            turn.put(heard, size)

    async def _told(self, greeting: "asyncio.Queue[events.Heard | None]") -> None:
        match await greeting.get():
            case events.Fails(_, "invalid_api_key"):
                raise self._trouble.refused_key("invalid_api_key")
            case events.Fails(reason):
                raise self._trouble.gave_up(reason)
            case None:
                raise self._trouble.unreachable("it hung up instead of a greeting")

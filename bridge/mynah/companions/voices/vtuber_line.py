"""A line to Open-LLM-VTuber's server, which wants to be told how each answer ended."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.voices import vtuber_messages as messages
from mynah.companions.voices.live_line import LiveLine
from mynah.companions.voices.live_socket import Message
from mynah.companions.voices.live_turn import LiveTurn

GRACE_S: Final = 0.3
"""What was heard of an answer is known just after it was stopped; then the server is told both."""

Turn: TypeAlias = LiveTurn[messages.Heard]


class Line(LiveLine[messages.Heard, None]):
    """The server takes an answer for open until it was played, or was interrupted."""

    def __init__(self, url: str, trouble: Trouble) -> None:
        super().__init__(url, {}, trouble)
        self.expressions: Mapping[int, str] = {}
        self._history_id = ""
        self._greeting: asyncio.Future[bool] | None = None
        self._open = False  # an answer, for the server
        self._late: asyncio.TimerHandle | None = None

    async def greet(self) -> None:
        self._open = False
        self._greeting = asyncio.get_running_loop().create_future()
        if not await self._greeting:
            raise self._trouble.unreachable("it hung up instead of a greeting")
        await self._socket.send(messages.remembered(self._history_id))

    async def attend(self, turn: Turn) -> None:
        self.interrupted("")
        await super().attend(turn)

    async def ask(self, told: Iterable[Mapping[str, Any]]) -> None:
        """Have it answered."""
        self._open = True
        for message in told:
            await self._socket.send(message)

    async def call_off(self, turn: Turn) -> None:
        if turn is self._turn:
            self._turn = None
            self._late = asyncio.get_running_loop().call_later(GRACE_S, self.interrupted, "")

    def interrupted(self, heard: str) -> None:
        """Only this was heard of what is open, if anything is."""
        self._close_with(messages.interrupted(heard))

    def played(self) -> None:
        """All of it was heard."""
        self._close_with(messages.PLAYED)

    def gone(self) -> None:
        self._open = False
        if self._greeting is not None and not self._greeting.done():
            self._greeting.set_result(False)

    def take(self, message: Message) -> None:
        heard = messages.parse(message)
        match heard:
            case messages.Ready(expressions):
                self.expressions = expressions
                if self._greeting is not None and not self._greeting.done():
                    self._greeting.set_result(True)
            case messages.Remembers(history_id):
                self._history_id = history_id
            case _ if self._turn is not None:
                self._deliver(self._turn, heard, len(message))

    def _deliver(self, turn: Turn, heard: messages.Heard, size: int) -> None:
        # What was called off stops without a word; but it stops before the next answer begins.
        turn.begun = turn.begun or isinstance(heard, messages.Begins)
        if isinstance(heard, messages.Over) and turn.begun:
            self._open = False
        if turn.begun or isinstance(heard, messages.Fails | messages.Odd):
            turn.put(heard, size)
        if turn.begun and isinstance(heard, messages.Made | messages.Over):
            self.answered(turn)

    def _close_with(self, message: Mapping[str, Any]) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        if self._open and self.alive:
            self.tell(message)
        self._open = False

"""The companion `realtime`: a model that speaks itself, as OpenAI's Realtime and its kin."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing
from typing import Any, TypeAlias

from mynah.audio import Samples
from mynah.companions.base import Capabilities, Reply, Said, Touch
from mynah.companions.history import History
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.openai_http import key_of, key_variable
from mynah.companions.reaching.sections import section, where
from mynah.companions.reaching.steps import BrokenError, once_more
from mynah.companions.ring_tools import RingTools
from mynah.companions.voices import realtime_events as events
from mynah.companions.voices import realtime_requests as requests
from mynah.companions.voices.live_turn import LiveTurn
from mynah.companions.voices.realtime_answer import Answer
from mynah.companions.voices.realtime_line import Line, Turn
from mynah.companions.voices.realtime_settings import (
    NAME,
    SERVERS,
    RealtimeSettings,
    address_of,
    session_of,
)
from mynah.errors import CompanionError

Ask: TypeAlias = Callable[[Line], Awaitable[None]]


class RealtimeCompanion:
    """The server keeps the conversation for as long as a session; we do from one to the next."""

    def __init__(self, **table: Any) -> None:
        self._settings = section(RealtimeSettings, NAME, table)
        self._server = SERVERS[self._settings.server]
        self._url = address_of(self._settings)
        vendor = self._settings.server
        self._key = key_of(vendor, self._settings.api_key.get_secret_value(), self._url)
        self._trouble = Trouble(
            NAME,
            where(self._url),
            self._settings.wait_s,
            key=self._key,
            variable=key_variable(vendor),
        )
        self.tools = RingTools()
        """What the model can do; who has a ring sets `state`."""
        self._history = History(self._settings.context_tokens)
        self._line: Line | None = None
        self._answer: Answer | None = None  # the last, until it is known what was heard

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            memory="server",
            cancel="truncate",
            hears=self._settings.ears == "server",
            speaks=self._settings.voice == "server",
            tools=True,
            counts=True,
            touched=True,
        )

    async def start(self) -> None:
        """Connects ahead; a server that is not there yet may be when somebody speaks."""
        try:
            await self._opened().open()
        except CompanionError as error:
            if not error.retryable:
                raise

    def reply(self, said: Said) -> Reply:
        if self._settings.ears == "server" and said.sound is not None:
            return self._pieces(_voice(said.ring, said.sound))
        words = "\n".join(part for part in (said.ring, said.text) if part)
        return self._pieces(lambda line: line.ask([requests.said(words)]))

    async def cancel(self, heard_text: str, heard_ms: int) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and self._line is not None:
            await self._line.send(answer.unheard(heard_text, heard_ms))

    def heard(self, said: Said, text: str) -> None:
        self._history.add(said.text, text)
        self._answer = None

    def notify(self, touch: Touch) -> Reply | None:
        return self._pieces(lambda line: line.ask([requests.said(touch.line)]))

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()

    async def _pieces(self, ask: Ask) -> Reply:
        aloud = self._settings.voice == "server"
        answer = Answer(self._trouble, self.tools, self._server, aloud=aloud)
        self._answer = answer
        kept = self._line is not None and self._line.alive
        heard = once_more(kept, lambda: self._heard(answer, ask))
        try:
            async with aclosing(heard):
                async for event in heard:
                    for piece in answer.take(event):
                        yield piece
        except BrokenError as error:
            raise self._trouble.cut_off(begun=answer.said) from error
        for piece in answer.finish():
            yield piece

    async def _heard(self, answer: Answer, ask: Ask) -> AsyncGenerator[events.Heard, None]:
        """Of an answer that is asked for; leaving it calls the answer off."""
        line = self._opened()
        turn: Turn = LiveTurn(self._trouble)
        try:
            await line.attend(turn)
            await ask(line)
            async with aclosing(turn.messages()) as heard:
                async for event in heard:
                    yield event
                    if not isinstance(event, events.Ends):
                        continue
                    if results := answer.given():  # of functions: now it goes on
                        await line.ask(results)
                    else:
                        line.answered(turn)
        finally:
            await line.call_off(turn)

    def _opened(self) -> Line:
        if self._line is None:
            # The older form of the protocol was a beta, and OpenAI's own wants that said.
            headers = {"OpenAI-Beta": "realtime=v1"} if self._server.dialect == "beta" else {}
            if self._key:
                headers["Authorization"] = f"Bearer {self._key}"
            self._line = Line(
                self._url, headers, self._trouble, session_of(self._settings), self._before
            )
        return self._line

    def _before(self) -> Iterator[Mapping[str, Any]]:
        for words, heard in self._history.turns:
            yield requests.said(words)
            if heard:
                yield requests.answered(heard, self._server.dialect)


def _voice(ring: str, sound: Samples) -> Ask:
    async def ask(line: Line) -> None:
        felt = [requests.said(ring)] if ring else []
        await line.ask([*felt, *await asyncio.to_thread(lambda: list(requests.voiced(sound)))])

    return ask

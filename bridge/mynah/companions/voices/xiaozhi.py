"""The companion `xiaozhi`: its server thinks and speaks, hears if it is to, and moves the ring."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, Final, TypeAlias

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.companions.base import Act, Begin, Capabilities, Reply, Said, Touch
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.openai_http import key_of, key_variable
from mynah.companions.reaching.sections import ANYWHERE, section, where
from mynah.companions.reaching.steps import BrokenError, once_more
from mynah.companions.reaching.unheard import Unheard
from mynah.companions.ring_tools import RingTools
from mynah.companions.voices import xiaozhi_messages as messages
from mynah.companions.voices.live_turn import LiveTurn
from mynah.companions.voices.mcp_device import McpDevice
from mynah.companions.voices.opus import FRAME_MS, OpusEncoder
from mynah.companions.voices.xiaozhi_answer import Answer, alerted
from mynah.companions.voices.xiaozhi_line import Line, Offer, Turn
from mynah.companions.voices.xiaozhi_settings import NAME, XiaozhiSettings, identity
from mynah.errors import CompanionError

Ask: TypeAlias = Callable[[Line], Awaitable[None]]

SILENCE: Final[Samples] = np.zeros(SPEECH_HZ * FRAME_MS // 1000, np.int16)


class XiaozhiCompanion:
    """Keeps one connection from turn to turn: a server that is left forgets the conversation."""

    def __init__(self, **table: Any) -> None:
        self._settings = section(XiaozhiSettings, NAME, table)
        self._key = key_of(NAME, self._settings.token.get_secret_value(), ANYWHERE)
        self._trouble = Trouble(
            NAME,
            where(self._settings.url),
            self._settings.wait_s,
            key=self._key,
            variable=key_variable(NAME),
        )
        self.tools = RingTools()
        """What the server's model can do; who has a ring sets `state`."""
        self._unheard = Unheard(self._settings.interrupted)
        self._line: Line | None = None
        self._begin: Begin | None = None

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            memory="server",
            cancel="call",
            hears=self._settings.ears == "server",
            speaks=self._settings.voice == "server",
            feels=True,
            tools=True,
            touched=True,
            proactive=True,
        )

    async def start(self) -> None:
        """Connects ahead; a server that is not there yet may be when somebody speaks."""
        await asyncio.to_thread(self._new_answer)  # loads FFmpeg: 60 ms
        try:
            await self._opened().open()
        except CompanionError as error:
            if not error.retryable:
                raise

    async def reply(self, said: Said) -> Reply:
        sound = said.sound if self._settings.ears == "server" else None
        words = self._unheard.words(said)
        ask: Ask = _spoken(sound) if sound is not None else lambda line: line.ask(words)
        with self._unheard.asking():
            async with aclosing(self._asked(ask)) as pieces:
                async for piece in pieces:
                    yield piece

    async def cancel(self, heard_text: str, heard_ms: int) -> None:  # noqa: ARG002
        self._unheard.cancelled(heard_text)

    def heard(self, said: Said, text: str) -> None:  # noqa: ARG002
        self._unheard.heard(text)

    def notify(self, touch: Touch) -> Reply | None:
        return self._asked(lambda line: self._touch(line, touch))

    def on_proactive(self, begin: Begin) -> None:
        self._begin = begin
        self._opened().unasked = self._unasked

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()

    def _asked(self, ask: Ask) -> Reply:
        kept = self._line is not None and self._line.alive
        return self._pieces(once_more(kept, lambda: self._heard(LiveTurn(self._trouble), ask)))

    async def _heard(
        self, turn: Turn, ask: Ask | None = None
    ) -> AsyncGenerator[messages.Heard, None]:
        """Of an answer that is asked for, or else has begun; leaving it calls the answer off."""
        line = self._opened()
        try:
            if ask is not None:
                await line.attend(turn)
                await ask(line)
            async with aclosing(turn.messages()) as heard:
                async for message in heard:
                    yield message
        finally:
            await line.call_off(turn)

    async def _pieces(self, heard: AsyncGenerator[messages.Heard, None]) -> Reply:
        answer = self._new_answer()
        try:
            async with aclosing(heard):
                async for message in heard:
                    for piece in answer.take(message):
                        yield piece
        except BrokenError as error:
            raise self._trouble.cut_off(begun=answer.said) from error

    async def _touch(self, line: Line, touch: Touch) -> None:
        await line.ask(touch.line)
        if self._settings.ears == "server":
            # After words as text the server is deaf for two seconds, counted from the next packet.
            await line.hush(_encoded(SILENCE)[0])

    def _unasked(self, what: Offer) -> None:
        if self._begin is None:
            return
        match what:
            case messages.Alert(text, emotion):
                self._begin(_alert(text, emotion))
            case messages.Moves(act):
                self._begin(_act(act))
            case _:
                self._begin(self._pieces(self._heard(what)))

    def _new_answer(self) -> Answer:
        return Answer(self._trouble, aloud=self._settings.voice == "server")

    def _opened(self) -> Line:
        """Made with the first use: who only lists companions leaves no identity on the disk."""
        if self._line is None:
            device, client = identity(self._settings.device_id)
            headers = {"Protocol-Version": "1", "Device-Id": device, "Client-Id": client}
            if self._key:
                headers["Authorization"] = f"Bearer {self._key}"
            device_tools = McpDevice(self.tools)
            self._line = Line(self._settings.url, headers, self._trouble, device_tools)
        return self._line


async def _alert(text: str, emotion: str) -> Reply:
    for piece in alerted(text, emotion):
        yield piece


async def _act(act: Act) -> Reply:
    yield act


def _spoken(sound: Samples) -> Ask:
    async def ask(line: Line) -> None:
        await line.listen(await asyncio.to_thread(_encoded, sound))

    return ask


def _encoded(sound: Samples) -> list[bytes]:
    encoder = OpusEncoder()
    return encoder.push(sound) + encoder.finish()

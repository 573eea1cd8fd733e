"""The companion `open_llm_vtuber`: its server's character, heard and felt instead of seen."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any, Final, Literal

from pydantic import Field

from mynah.companions.base import Capabilities, Emotion, Piece, Reply, Said, Touch
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.sections import Place, section, where
from mynah.companions.reaching.steps import BrokenError, once_more
from mynah.companions.voices import vtuber_messages as messages
from mynah.companions.voices.captioned import Captioned
from mynah.companions.voices.live_turn import LiveTurn
from mynah.companions.voices.vtuber_line import Line, Turn
from mynah.config import Section
from mynah.errors import CompanionError

NAME: Final = "open_llm_vtuber"

MOST_ODD: Final = 20
"""Messages in one answer that are none."""


class VTuberSettings(Section):
    """[companions.open_llm_vtuber]."""

    url: Place = "ws://127.0.0.1:12393/client-ws"
    """Where its web page connects to."""
    ears: Literal["bridge", "server"] = "bridge"
    """Who understands the wearer: our Whisper, or the server, which is then sent the voice."""
    voice: Literal["server", "bridge"] = "server"
    """Who speaks: the server, or our Piper, which then says the server's words."""
    wait_s: float = Field(default=30.0, gt=0, le=80)
    """How long it may be silent, before its first word and between two."""


class VTuberCompanion:
    """Tells the server what was heard: it is the one backend that wants to know in words."""

    def __init__(self, **table: Any) -> None:
        self._settings = section(VTuberSettings, NAME, table)
        self._trouble = Trouble(NAME, where(self._settings.url), self._settings.wait_s)
        self._line: Line | None = None

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            memory="server",
            cancel="truncate",
            hears=self._settings.ears == "server",
            speaks=self._settings.voice == "server",
            feels=True,
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
            return self._pieces(messages.voiced(said.sound))
        words = "\n".join(part for part in (said.ring, said.text) if part)
        return self._pieces([messages.said(words)])

    async def cancel(self, heard_text: str, heard_ms: int) -> None:  # noqa: ARG002
        if self._line is not None:
            self._line.interrupted(heard_text)

    def heard(self, said: Said, text: str) -> None:  # noqa: ARG002
        if self._line is not None:
            self._line.played()

    def notify(self, touch: Touch) -> Reply | None:
        return self._pieces([messages.said(touch.line)])

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()

    async def _pieces(self, told: list[dict[str, Any]]) -> Reply:
        line = self._opened()
        answer = _Answer(self._trouble, line, aloud=self._settings.voice == "server")
        kept = line.alive
        try:
            async with aclosing(once_more(kept, lambda: self._heard(told))) as heard:
                async for message in heard:
                    for piece in answer.take(message):
                        yield piece
        except BrokenError as error:
            raise self._trouble.cut_off(begun=answer.said) from error
        for piece in answer.finish():
            yield piece

    async def _heard(self, told: list[dict[str, Any]]) -> AsyncGenerator[messages.Heard, None]:
        """Of an answer that is asked for; leaving it calls the answer off."""
        line = self._opened()
        turn: Turn = LiveTurn(self._trouble)
        try:
            await line.attend(turn)
            await line.ask(told)
            async with aclosing(turn.messages()) as heard:
                async for message in heard:
                    yield message
        finally:
            await line.call_off(turn)

    def _opened(self) -> Line:
        if self._line is None:
            self._line = Line(self._settings.url, self._trouble)
        return self._line


class _Answer:
    """The pieces that messages come to."""

    def __init__(self, trouble: Trouble, line: Line, *, aloud: bool) -> None:
        self._trouble = trouble
        self._line = line
        self._aloud = aloud
        self._captioned: Captioned | None = None  # from the first sound on, which has a rate
        self._silent = Captioned(trouble.whose, messages.FASTEST_HZ)
        self._rate_hz = 0
        self._odd = 0
        self.said = False

    def take(self, message: messages.Heard) -> Iterator[Piece]:
        """What one comes to; CompanionError if no answer can go on after it."""
        match message:
            case messages.Sentence(text, voice, expressions):
                yield from self._felt(expressions)
                self.said = self.said or bool(text.strip()) or voice is not None
                yield from self._spoken(f"{text.strip()} ", voice if self._aloud else None)
            case messages.Fails(reason):
                raise self._trouble.gave_up(reason)
            case messages.Odd():
                self._odd += 1
                if self._odd > MOST_ODD:
                    raise self._trouble.no_sense()

    def finish(self) -> Iterator[Piece]:
        """No more comes."""
        if self._captioned is not None:
            yield from self._captioned.finish()
        if not self.said:
            raise self._trouble.cut_off(begun=False)

    def _felt(self, expressions: tuple[str | int, ...]) -> Iterator[Piece]:
        for each in expressions:
            name = self._line.expressions.get(each, "") if isinstance(each, int) else each
            if name:
                yield Emotion(name)

    def _spoken(self, text: str, voice: messages.Voice | None) -> Iterator[Piece]:
        if voice is not None and self._captioned is None:
            self._rate_hz = voice.rate_hz
            self._captioned = Captioned(self._trouble.whose, voice.rate_hz)
        if voice is None or self._captioned is None or voice.rate_hz != self._rate_hz:
            self._silent.tell(text)
            yield self._silent.silent()
            return
        self._captioned.tell(text)
        yield from self._captioned.push(voice.sound)

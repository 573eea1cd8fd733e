"""The companion `program`: any program on standard input and output, in any language."""

import os
import shlex
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from mynah.companions.agents.channel import Channel
from mynah.companions.agents.program_pipe import ProgramPipe
from mynah.companions.base import Capabilities, Reply, Said
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.objects import step_of
from mynah.companions.reaching.sections import section
from mynah.companions.reaching.steps import BrokenError, answer, once_more
from mynah.companions.reaching.unheard import BUILT_IN, Unheard
from mynah.config import Section
from mynah.errors import CompanionError, UserError

NAME: Final = "program"


class ProgramSettings(Section):
    """[companions.program]."""

    command: str | list[str]
    """A program and its arguments; no shell reads it."""
    interrupted: str = BUILT_IN
    """What the next turn begins with after an interruption; {heard} is what was heard."""
    wait_s: float = Field(default=30.0, gt=0, le=80)
    """How long it may be silent, before its first word and between two."""
    stop_s: float = Field(default=0.8, gt=0, le=60)
    """How long it may go on after an interruption; then it is ended, and started for the next turn.
    More is for a program that takes long to start and does not know `cancel`."""


class _Trouble(Trouble):
    """What a program broke of is on its stderr."""

    def cut_off(self, *, begun: bool) -> CompanionError:
        when = "in mid-answer" if begun else "without a word"
        return CompanionError(
            f"{self.whose} ended {when}; say it again, or see with --debug what it complains about"
        )


class Program:
    """Keeps one process; it keeps the conversation."""

    capabilities = Capabilities(memory="server", cancel="call", feels=True, thinks=True, tools=True)

    def __init__(self, **table: Any) -> None:
        self._settings = section(ProgramSettings, NAME, table)
        self._command = words_of(self._settings.command)
        self._trouble = _Trouble(NAME, Path(self._command[0]).name, self._settings.wait_s)
        self._unheard = Unheard(self._settings.interrupted)
        self._channel: Channel | None = None

    async def start(self) -> None:
        """Loads what it loads; the first reply is then as fast as the next."""
        await self._running()

    async def reply(self, said: Said) -> Reply:
        kept = self._channel is not None and self._channel.alive
        text = "\n".join(part for part in (self._unheard.line(said.language), said.text) if part)
        turn = {"text": text, "language": said.language, "ring": said.ring}
        objects = once_more(kept, lambda: self._turn(turn))
        with self._unheard.asking():
            async with aclosing(answer(objects, step_of, self._trouble)) as pieces:
                async for piece in pieces:
                    yield piece

    async def cancel(self, heard_text: str, heard_ms: int) -> None:  # noqa: ARG002
        self._unheard.cancelled(heard_text)

    def heard(self, said: Said, text: str) -> None:  # noqa: ARG002
        self._unheard.heard(text)

    async def close(self) -> None:
        if self._channel is not None:
            await self._channel.close()

    async def _turn(self, turn: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        channel = await self._running()
        stream = await channel.turn(turn)
        try:
            async with aclosing(stream.objects()) as objects:
                async for found in objects:
                    yield found
        finally:
            with suppress(BrokenError):
                await channel.call_off(stream)

    async def _running(self) -> Channel:
        if self._channel is not None and self._channel.alive:
            return self._channel
        if self._channel is not None:
            await self._channel.close()
        pipe = await ProgramPipe.open(self._command)
        self._channel = Channel(pipe, self._settings.stop_s)
        return self._channel


def words_of(command: str | list[str]) -> list[str]:
    """A program and its arguments; UserError if there is none."""
    try:
        words = (
            shlex.split(command, posix=os.name == "posix") if isinstance(command, str) else command
        )
    except ValueError as error:
        raise UserError(f"companions.{NAME}.command: {str(error).lower()}") from error
    if not words:
        raise UserError(f"companions.{NAME}.command is empty: which program is the companion?")
    return words

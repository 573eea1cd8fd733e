"""A fake program for standard input and output; what it does is thought of here, and seen."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from mynah.companions.fakes.behaviour import CUT, Behaviour, Dialect, common, cut_at, scripted
from mynah.companions.fakes.turn import Turn
from mynah.companions.fakes.webhook import ObjectDialect

RELAY: Final = Path(__file__).with_name("relay.py")


class PlainDialect(ObjectDialect):
    """Lines of text, and an empty one at the end."""

    def begin(self) -> bytes:
        return b""

    def words(self, text: str) -> bytes:
        return text.encode() + b"\n"

    def thought(self, text: str) -> bytes:  # noqa: ARG002
        return b""

    def end(self) -> bytes:
        return b"\n"


class FakeProgram:
    """Run `command` as often as you like: each copy answers in turn, as it is told to behave."""

    companion: ClassVar[str] = "program"
    port: ClassVar[int] = 0

    def __init__(self, port: int = 0, *, plain: bool = False) -> None:
        """Port 0 is any that is free; `plain` speaks lines of text, and knows no orders."""
        self.requests: list[Turn] = []
        self.asked = asyncio.Event()
        """There was a request for an answer."""
        self.dialect: Dialect = PlainDialect() if plain else ObjectDialect()
        self._behaviour = self.ways()["echo"] if not plain else common(self.dialect)["echo"]
        self._plain = plain
        self._port = port
        self._runs = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    def ways(cls) -> Mapping[str, Behaviour]:
        """How it can behave, by name."""
        return _ways()

    def behave(self, way: str) -> None:
        """From now on: a name, or `cut@N`."""
        ways = common(self.dialect) if self._plain else self.ways()
        cut = way.startswith(CUT)
        self._behaviour = cut_at(ways["echo"], int(way.removeprefix(CUT))) if cut else ways[way]

    def say(self, answers: Sequence[str]) -> None:
        """From now on, these answers: one a request, then again from the first."""
        self._behaviour = scripted(self.dialect, answers)

    @property
    def command(self) -> list[str]:
        """What to run."""
        return [sys.executable, "-I", "-S", str(RELAY), str(self._port)]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    def settings(self) -> str:
        """What its companion needs to find it, as TOML."""
        return f"[companions.program]\ncommand = {json.dumps(self.command)}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One run of the program."""
        if (task := asyncio.current_task()) is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._runs += 1
        run = _Run(writer, self._runs)
        try:
            with suppress(ConnectionError, asyncio.CancelledError):
                while line := await reader.readline():
                    fields = json.loads(line)
                    if fields.get("op") == "cancel":
                        await run.call_off()
                    elif "text" in fields:
                        self.requests.append(run.answer(fields, self._behaviour))
                        self.asked.set()
        finally:
            await run.end()
            writer.close()


class _Run:
    """One copy: one answer at a time."""

    def __init__(self, writer: asyncio.StreamWriter, number: int) -> None:
        self._writer = writer
        self._number = number
        self._turn: Turn | None = None
        self._task: asyncio.Task[None] | None = None

    def answer(self, fields: dict[str, Any], behaviour: Behaviour) -> Turn:
        self._turn = turn = Turn(fields, fields["text"], self._number)
        self._task = asyncio.create_task(self._write(turn, behaviour))
        return turn

    async def call_off(self) -> None:
        """With an end, if there was anything to end."""
        if await self.end():
            self._writer.write(b'{"end": true}\n')

    async def end(self) -> bool:
        """Whether there was an answer to end."""
        if self._turn is None or self._task is None or self._turn.ended.is_set():
            return False
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._turn.hung_up = True
        self._turn.ended.set()
        return True

    async def _write(self, turn: Turn, behaviour: Behaviour) -> None:
        with suppress(ConnectionError):
            async for part in behaviour.parts(turn.said):
                self._writer.write(part)
                await self._writer.drain()
            if not behaviour.tidy:
                self._writer.close()
            turn.ended.set()


@cache
def _ways() -> Mapping[str, Behaviour]:
    return common(ObjectDialect())

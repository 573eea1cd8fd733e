"""A running program as a channel: a line in, lines out, and its end for it and all its children."""

import asyncio
import json
import logging
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Self, cast

from mynah.companions.reaching.objects import object_in
from mynah.companions.reaching.openai_http import MOST_BYTES, TooMuchError
from mynah.companions.reaching.steps import BrokenError
from mynah.errors import CompanionError

LONGEST_LINE_BYTES: Final = 65_536
"""A page of text is a twentieth of it."""

END_S: Final = 0.5
"""A program ends when its input does; one that does not is killed."""

_PIECE_BYTES: Final = 4096
_OWN_GROUP: Final = os.name == "posix"

_logger = logging.getLogger(__name__)


class ProgramPipe:
    """One run of a program. It speaks JSON once it has written a line of it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._json = False
        self._asked = False
        self._killed = False
        self._left_bytes = MOST_BYTES
        self._stderr = asyncio.create_task(self._listen(), name="a program's stderr")

    @classmethod
    async def open(cls, command: Sequence[str]) -> Self:
        """CompanionError if it can't be started."""
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                limit=LONGEST_LINE_BYTES,
                # Ctrl-C is the bridge's; and all that it starts ends with it.
                start_new_session=_OWN_GROUP,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise CompanionError(
                f"the companion {command[0]} can't be started: {reason}; "
                "look at companions.program.command",
                retryable=False,
            ) from error
        return cls(process)

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    def begin(self) -> None:
        self._left_bytes = MOST_BYTES

    async def send(self, fields: Mapping[str, Any]) -> None:
        """A program that has written only plain text so far would take an order for a turn."""
        order = fields.get("op") != "turn"
        if order and not self._json:
            return
        self._asked = self._asked or not order
        stdin = self._process.stdin
        if stdin is None or stdin.is_closing():
            raise BrokenError
        try:
            stdin.write(json.dumps(fields, ensure_ascii=False).encode() + b"\n")
            await stdin.drain()
        except ConnectionError as error:
            raise BrokenError from error

    async def receive(self) -> dict[str, Any]:
        """A line of JSON as it is; of plain text as an object, an empty one as the end."""
        while True:
            try:
                line = (await self._line()).decode()
            except UnicodeDecodeError:
                return {}
            if (fields := object_in(line)) is not None:
                self._json = True
                return fields
            # What a program says before it is asked anything is no answer.
            if self._asked and not self._json:
                # Where a line of text ends means nothing: words may come one a line.
                return {"text": f"{line.strip()} "} if line.strip() else {"end": True}
            if line.strip():
                return {}

    def cut(self) -> None:
        """With its children. Once: when all have ended, their number may be somebody else's."""
        if self._killed:
            return
        self._killed = True
        with suppress(ProcessLookupError):
            if _OWN_GROUP:
                os.killpg(self._process.pid, signal.SIGKILL)
            elif self.alive:
                self._process.kill()

    async def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                await self._hear_out()
        self.cut()
        with suppress(TimeoutError):  # by a child that left the group, and holds on to the pipes
            async with asyncio.timeout(END_S):
                await self._hear_out()
                await asyncio.wait({self._stderr})
                await self._process.wait()
        # That child would keep the pipes, and asyncio waits for them for ever.
        cast(Any, self._process)._transport.close()  # noqa: SLF001 - there is no other way
        self._stderr.cancel()
        await asyncio.gather(self._stderr, return_exceptions=True)

    async def _hear_out(self) -> None:
        """A pipe that is not read to its end stays open, and asyncio waits for it."""
        while self._process.stdout and await self._process.stdout.read(_PIECE_BYTES):
            pass

    async def _line(self) -> bytes:
        stdout = self._process.stdout
        if stdout is None:
            raise BrokenError
        try:
            line = await stdout.readline()
        except ValueError as error:  # longer than the limit
            raise TooMuchError from error
        if not line:
            raise BrokenError
        self._left_bytes -= len(line)
        if self._left_bytes < 0:
            raise TooMuchError
        return line

    async def _listen(self) -> None:
        """What it complains about goes to the debug log."""
        stderr = self._process.stderr
        while stderr is not None and (piece := await stderr.read(_PIECE_BYTES)):
            _logger.debug("program: %s", piece.decode(errors="replace").rstrip())

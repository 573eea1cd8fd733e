"""One run of a worker process: started once, asked in messages, ended, never started again."""

import asyncio
import logging
from asyncio.subprocess import PIPE
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, Self

from mynah.errors import WorkerError
from mynah.seeing import crash, log
from mynah.speech.messages import LONGEST_HEADER_BYTES, Message, parse_header

STOP_DEADLINE_S: Final = 2.0
"""A worker ends at once when its stdin does; one that does not is killed."""

STDERR_TAIL_BYTES: Final = 4096
"""Enough for the last line of a traceback."""

_logger = logging.getLogger(__name__)


class WorkerProcess:
    """The process and its three pipes."""

    def __init__(
        self,
        name: str,
        process: asyncio.subprocess.Process,
        pipes: tuple[asyncio.StreamWriter, asyncio.StreamReader, asyncio.StreamReader],
    ) -> None:
        self.name = name
        self.ready: Mapping[str, Any] | None = None
        self._process = process
        self._stdin, self._stdout, stderr = pipes
        self._stderr = asyncio.create_task(self._tail(stderr), name=f"{name} stderr")
        self._header: tuple[Message, int] | None = None

    @classmethod
    async def spawn(cls, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Self:
        """Starts it; it is of use once `wait_ready` returns."""
        # As urgent as the loop. Beside two busy programs on two cores, a niceness of 5 made a first
        # clause 2.3 and a decode 2.1 times as slow; the loop, which hardly ever has more than a
        # millisecond to do, was late by 4 ms at p95 either way.
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
            limit=LONGEST_HEADER_BYTES,
        )
        stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
        if stdin is None or stdout is None or stderr is None:
            raise WorkerError(f"{name} was started without its pipes")
        return cls(name, process, (stdin, stdout, stderr))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def wait_ready(self, deadline_s: float) -> None:
        """Returns once the model is loaded and warm."""
        if self.ready is None:
            self.ready = (await self.receive(deadline_s)).fields

    def post(self, message: Message) -> None:
        """Into the pipe without waiting; lost without a word if the process has ended."""
        if not self._stdin.is_closing():
            self._stdin.write(message.encode())

    async def receive(self, deadline_s: float) -> Message:
        """The next message; WorkerError, and the end of the process, if none comes in time."""
        try:
            async with asyncio.timeout(deadline_s):
                return await self._receive()
        except TimeoutError as error:
            await self.end(0)
            raise WorkerError(
                f"{self.name} gave no answer in {deadline_s:g} s and was ended; try again"
            ) from error
        except (EOFError, ConnectionError) as error:
            raise await self._died() from error
        except WorkerError:
            await self.end(0)
            raise

    async def end(self, patience_s: float = STOP_DEADLINE_S) -> int:
        """Ask it to end, wait, then kill; the exit code. May be called twice."""
        self._stdin.close()
        try:
            async with asyncio.timeout(patience_s):
                await self._process.wait()
        except TimeoutError:
            _logger.debug("%s did not end in %g s: killed", self.name, patience_s)
        finally:
            if self.alive:
                with suppress(ProcessLookupError):
                    self._process.kill()
        return await self._process.wait()

    async def _receive(self) -> Message:
        # A cancelled wait for the payload leaves its header here, so that the pipe stays in step.
        if self._header is None:
            try:
                line = await self._stdout.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                raise WorkerError(f"{self.name} wrote a line of over 64 KiB") from error
            self._header = parse_header(line)
        message, length = self._header
        payload = await self._stdout.readexactly(length)
        self._header = None
        return replace(message, payload=payload)

    async def _died(self) -> WorkerError:
        code = await self.end()
        lines = [line.strip() for line in (await self._stderr).splitlines() if line.strip()]
        reason = lines[-1] if lines else "it gave no reason"
        log.event("worker died", worker=self.name.replace(" ", "-"), code=code)
        report = crash.last_words(self.name, f"exit code {code}", lines)
        line = f"{self.name} ended with exit code {code}: {reason}"
        return WorkerError(crash.told(line, report))

    async def _tail(self, stream: asyncio.StreamReader) -> str:
        """The end of what it complained about; all of it goes to the debug log."""
        tail = b""
        while piece := await stream.read(STDERR_TAIL_BYTES):
            _logger.debug("%s: %s", self.name, piece.decode(errors="replace").rstrip())
            tail = (tail + piece)[-STDERR_TAIL_BYTES:]
        return tail.decode(errors="replace")

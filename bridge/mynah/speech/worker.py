"""A worker that can be relied on: one process at a time, one request at a time, restarted."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from mynah.speech.messages import Message
from mynah.speech.process import WorkerProcess

START_DEADLINE_S: Final = 60.0
"""Loading takes 1 to 4 s; from a cold disk, with a large model, tens of seconds."""

QUIET: Final = {
    # Two cores are shared by the loop and two models: no thread may spin while it waits.
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    # Every sound is of another length: what oneDNN works out for each it keeps, and glibc's heaps,
    # eight a core, fall to pieces. glibc also learns to take ever larger blocks, up to 32 MB, from
    # its heap, where one small thing behind them holds them all: after 1,200 decodes 58 of
    # Whisper's 122 MB there were holes. A threshold that is told is not learned: what it owns is
    # 139 MB after 50 decodes, and after 1,200. With 4 MiB none is slower than before, with 1 MiB
    # they take 63 ms instead of 56.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "32",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(4 * 1024 * 1024),
    # Native code that ends a worker leaves its place on stderr, for the crash report.
    "PYTHONFAULTHANDLER": "1",
    # ONNX Runtime's, to Microsoft; the package itself sets it too, for this very process.
    "ORT_DISABLE_TELEMETRY": "1",
    # Models are found by the host, in its cache: a worker never goes looking on the network.
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""Laid over the environment of every worker."""


class Worker:
    """A worker that dies or is late fails the request in hand; the next gets a new process."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self._command = tuple(command)
        self._environment = {**os.environ, **QUIET, **(environment or {})}
        self._turn = asyncio.Lock()
        self._process: WorkerProcess | None = None
        self._last_id = 0

    @classmethod
    def of_module(cls, name: str, module: str, *arguments: str) -> "Worker":
        """A worker of ours, run by this interpreter; it imports nothing from the current folder."""
        return cls(name, [sys.executable, "-P", "-m", module, *arguments])

    @property
    def pid(self) -> int | None:
        """The process in use, if there is one."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Returns once the model is loaded and warm; at once if it is."""
        async with self._turn:
            await self._running()

    async def stream(
        self, fields: Mapping[str, Any], payload: bytes = b"", *, deadline_s: float
    ) -> AsyncGenerator[Message, None]:
        """The replies to one request, each within the deadline. Closing it early cancels."""
        async with self._turn:
            process = await self._running()
            self._last_id += 1
            request = Message("request", self._last_id, fields, payload)
            process.post(request)
            done = False
            try:
                while not done:
                    reply = await process.receive(deadline_s)
                    if reply.id != request.id:
                        continue  # left over from a request that was cancelled
                    done = reply.kind == "done"
                    if not done:
                        yield reply
            finally:
                if not done:
                    process.post(Message("cancel", request.id))

    async def ask(
        self, fields: Mapping[str, Any], payload: bytes = b"", *, deadline_s: float
    ) -> list[Message]:
        """All the replies to one request."""
        async with aclosing(self.stream(fields, payload, deadline_s=deadline_s)) as replies:
            return [reply async for reply in replies]

    async def stop(self) -> None:
        """End the process; a request in hand fails. May be called twice."""
        if self._process:
            await self._process.end()

    async def kill(self) -> None:
        """As `stop`, without waiting for it to end by itself."""
        if self._process:
            await self._process.end(0)

    async def _running(self) -> WorkerProcess:
        if self._process is None or not self._process.alive:
            self._process = await WorkerProcess.spawn(self.name, self._command, self._environment)
        await self._process.wait_ready(START_DEADLINE_S)
        return self._process

"""A Wyoming server as a child process on a loopback port: loaded, or its own words why not."""

import asyncio
import contextlib
import importlib.util
import os
import socket
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from mynah.errors import UserError, WorkerError

if TYPE_CHECKING:
    from wyoming.client import AsyncTcpClient

HOST: Final = "127.0.0.1"
MODULES: Final = ("wyoming", "wyoming_faster_whisper", "wyoming_piper")

LOAD_DEADLINE_S: Final = 120.0
"""Loading takes 3 s; from a cold disk, or with a large model, a minute."""

ANSWER_DEADLINE_S: Final = 60.0
"""For one event. Whisper's second tries of unsure words took 24 s on two busy cores."""

_STEP_S: Final = 0.05  # between two looks whether it listens
_END_S: Final = 2.0  # a server that is asked to end does so at once


def missing() -> str | None:
    """Why the servers can't be run here, and what to do; None if they can."""
    absent = [name for name in MODULES if importlib.util.find_spec(name) is None]
    if not absent:
        return None
    named = absent[0].replace("_", "-")
    return f"the Wyoming servers need {named}: run `make setup`"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    port: int
    host: str = HOST

    def client(self) -> "AsyncTcpClient":
        """For one request; UserError without the extra."""
        if problem := missing():
            raise UserError(problem)
        from wyoming.client import AsyncTcpClient

        return AsyncTcpClient(self.host, self.port, LOAD_DEADLINE_S, ANSWER_DEADLINE_S)


class WyomingServer:
    """One of the pair, with the options it is given and its own defaults else."""

    def __init__(self, module: str, options: Sequence[str]) -> None:
        """UserError without the extra."""
        if problem := missing():
            raise UserError(problem)
        self._module = module
        self._options = tuple(options)
        self._process: asyncio.subprocess.Process | None = None
        self._log: IO[bytes] | None = None

    async def start(self) -> Address:
        """Returns once it answers; WorkerError if it does not."""
        address = Address(_free_port())
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `stop`
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", self._module),
            *("--uri", f"tcp://{HOST}:{address.port}", *self._options),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            # What it needs is here, in our cache: it must not go looking on the network.
            env=os.environ | {"HF_HUB_OFFLINE": "1"},
        )
        try:
            async with asyncio.timeout(LOAD_DEADLINE_S):
                await self._listening(address)
        except TimeoutError as error:
            reason = f"{self._module} was not ready after {LOAD_DEADLINE_S:.0f} s: {self._last()}"
            await self.stop()
            raise WorkerError(reason) from error
        return address

    async def stop(self) -> None:
        """End the process. May be called twice."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _END_S)
            if process.returncode is None:
                process.kill()
                await process.wait()
        if self._log is not None:
            self._log.close()
            self._log = None

    async def _listening(self, address: Address) -> None:
        while True:
            if self._process is None or self._process.returncode is not None:
                raise WorkerError(f"{self._module} ended by itself: {self._last()}")
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(address.host, address.port)
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(_STEP_S)

    def _last(self) -> str:
        """The last line that it wrote."""
        if self._log is None:
            return ""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])

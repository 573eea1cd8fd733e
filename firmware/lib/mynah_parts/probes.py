"""The tests that a ring makes of itself, one at a time: `mynah selftest` asks for them.

What a test needs is imported when it begins, and goes with its end: some 20 kB, an estimate, that
a ring else has for speech.
"""

import asyncio
import gc
import sys
import time

from micropython import const

from mynah_device import actions
from mynah_wire.making import BUSY, FAILED, MISSING, PASSED

from .part_error import PartError

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .bus import Bus
    from .duplex import Duplex
    from .runner import Runner

    Board = Any  # a module of constants, any of which may be missing

_LONGEST_MS = const(30_000)  # what takes longer hangs; a signature at 80 MHz takes 5 s, an estimate
_WHERE = {
    "microphone": "probes_sound",
    "button": "probes_parts",
    "motion": "probes_parts",
    "pulse": "probes_parts",
    "battery": "probes_parts",
    "flash": "probes_parts",
    "system": "probes_parts",
    "echo": "probes_link",
    "link": "probes_link",
    "filled": "probes_link",
    "fill": "probes_link",
    "codec": "probes_times",
    "cipher": "probes_times",
    "sha256": "probes_times",
    "signature": "probes_times",
}


_PACKAGE = "mynah_parts"
_PREFIX = "probes_"
_KEPT = "probes_link"  # small, and asked again and again: importing it would count as latency


class MissingError(Exception):
    """The board has no such part."""


class FailedError(Exception):
    """The first argument is what FOUND tells."""


class Prober:
    """Runs tests; another one takes its place."""

    def __init__(
        self,
        board: "Board",
        runner: "Runner",
        bus: "Callable[[], Bus]",
        duplex: "Callable[[], Duplex]",
    ) -> None:
        """`bus()` and `duplex()` are the board's only ones."""
        self.board = board
        self.runner = runner
        self.bus = bus
        self.duplex = duplex
        self._task: "asyncio.Task[None] | None" = None
        self._lock = asyncio.Lock()

    def probe(self, token: int, name: str, argument: int) -> None:
        """Begin a test, and say PROBED when it is over."""
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._run(token, name, argument))

    def has(self, constant: str) -> "Any":
        """What the board's file says; MissingError if nothing."""
        value = getattr(self.board, constant, None)
        if value is None:
            raise MissingError
        return value

    async def _run(self, token: int, name: str, argument: int) -> None:
        workshop = self.runner.ring.workshop
        async with self._lock:
            workshop.probing = True
            try:
                verdict, values = await self._verdict(name, argument)
            finally:
                workshop.probing = False
        _forget()
        self.runner.event(actions.PROBED, time.ticks_ms(), (token, verdict, values))

    async def _verdict(self, name: str, argument: int) -> "tuple[int, str]":
        if not self.runner.ring.quiet:
            return BUSY, ""
        try:
            return PASSED, await asyncio.wait_for_ms(self._find(name, argument), _LONGEST_MS)
        except MissingError:
            return MISSING, ""
        except Exception as error:  # noqa: BLE001 - whatever it is, the host is told, and no more
            return FAILED, _why(error)

    async def _find(self, name: str, argument: int) -> str:
        if name not in _WHERE:
            raise MissingError
        module = _WHERE[name]
        probe = getattr(getattr(__import__(_PACKAGE + "." + module), module), name)
        values: str = await probe(self, argument)
        return values


def _why(error: Exception) -> str:
    from mynah_device.probing import reason

    if isinstance(error, FailedError):
        values: str = error.args[0]
        return values
    if isinstance(error, PartError):
        return reason(error.text)
    if isinstance(error, asyncio.TimeoutError):
        return reason("it did not end within %d s" % (_LONGEST_MS // 1000))
    return reason("%s %s" % (type(error).__name__, error))


def _forget() -> None:
    """The code of tests that are over, as if it had never been imported."""
    package = sys.modules[_PACKAGE]
    for full in list(sys.modules):
        name = full[len(_PACKAGE) + 1 :]
        if name.startswith(_PREFIX) and name != _KEPT:
            del sys.modules[full]
            if hasattr(package, name):
                delattr(package, name)
            gc.collect()

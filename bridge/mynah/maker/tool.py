"""Running another maker's tool as a process of its own: its lines as they come, and its end."""

import asyncio
import os
import re
import signal
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final, cast

from mynah.errors import UserError

INSTALL: Final = "make setup"

WITHIN_S: Final = 180.0
"""Who talks without an end is never silent: a whole run is over by then, if not said otherwise."""

LONGEST_LINE: Final = 4096
"""Characters; the rest of a line that is longer is left out."""

_AT_ONCE: Final = 4096
_LINES: Final = 400  # as many as are kept of what it said
_LINE_END: Final = re.compile(r"[\r\n]+")

LineListener = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ran:
    """How it ended."""

    code: int | None
    """None if it was ended here, because it stood still or came to no end."""
    lines: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def needed(module: str) -> None:
    """UserError if a tool is not installed."""
    if find_spec(module) is None:
        raise UserError(f"{module} is not installed: `{INSTALL}`")


async def run(
    module: str,
    *arguments: str,
    silence_s: float,
    within_s: float = WITHIN_S,
    on_line: LineListener | None = None,
) -> Ran:
    """Run `python -m module arguments`; end it if it says nothing, or goes on, for so long.

    What `on_line(text)` raises ends it too.
    """
    needed(module)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        # No colours and no cursor movements: its words are read here.
        env=os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "TERM": "dumb"},
        process_group=0,  # Ctrl-C in the terminal is for us, who then end it
    )
    stream = cast(asyncio.StreamReader, process.stdout)
    lines: deque[str] = deque(maxlen=_LINES)
    try:
        async with asyncio.timeout(within_s):
            await _read(stream, lines, silence_s, on_line)
            code = await process.wait()
    except TimeoutError:
        code = None
    finally:
        await _end(process, stream)
    return Ran(code, list(lines))


async def _end(process: asyncio.subprocess.Process, stream: asyncio.StreamReader) -> None:
    """Kill it if it still runs, and whomever it has started."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    while await stream.read(_AT_ONCE):  # its end is not seen before the end of what it said
        pass
    await process.wait()


async def _read(
    stream: asyncio.StreamReader,
    lines: deque[str],
    silence_s: float,
    on_line: LineListener | None,
) -> None:
    pending = ""
    while True:
        async with asyncio.timeout(silence_s):
            data = await stream.read(_AT_ONCE)
        *whole, pending = _LINE_END.split(pending + data.decode(errors="replace"))
        pending = pending[:LONGEST_LINE]
        if not data:
            whole.append(pending)
        for line in whole:
            if line.strip():
                lines.append(line.rstrip())
                if on_line is not None:
                    on_line(line.rstrip())
        if not data:
            return

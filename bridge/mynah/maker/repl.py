"""MicroPython's REPL on a serial port: scripts and files. mpremote does the work, as a process."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, Final

from mynah.errors import DeviceError, LinkError, MynahError, UserError
from mynah.link.cable import BAUD
from mynah.maker.ports import is_gone
from mynah.maker.tool import Ran, run

ANSWER_S: Final = 4.0
"""A REPL answers in milliseconds; many boards start anew when their port is opened, in 2 to 3 s."""

_TOOL: Final = "mpremote"
_SILENCE_S: Final = 20.0  # it says nothing while it hashes; a file is hashed in 1 s
_SENDING_S: Final = 900.0  # 512 KiB, the largest there is, over 115 200 baud as hex, thrice
_MOST_TOLD: Final = 1000  # a ring has 130 files
_STEP_S: Final = 0.1
_READ_S: Final = 0.1
_AGAIN_S: Final = 0.5
_INTERRUPT: Final = b"\r\x03"
_TO_RAW: Final = b"\r\x01"
_TO_FRIENDLY: Final = b"\r\x02"
_RAW: Final = b"raw REPL; CTRL-B to exit"
_TOLD: Final = "MYNAH "
_DONE: Final = "done"
_TELL: Final = f"""
import json
def tell(name, value):
    print({_TOLD!r} + json.dumps([name, value]))
"""


async def answers(port: str, for_s: float = ANSWER_S) -> bool:
    """Whether MicroPython answers there; what it was doing is interrupted."""
    with suppress(OSError):
        return await asyncio.to_thread(_answers, port, for_s)
    return False


async def wait(port: str, for_s: float) -> bool:
    """Wait until MicroPython answers; a port may vanish for a while when its board resets."""
    until = time.monotonic() + for_s
    while time.monotonic() < until:
        if await answers(port, min(ANSWER_S, for_s)):
            return True
        await asyncio.sleep(_STEP_S)
    return False


async def ask(port: str, script: str) -> dict[str, Any]:
    """Run a script that calls `tell(name, value)`; what it told.

    Line by line: a chip without PSRAM has no room for all the names that a board's files have.
    """
    told: dict[str, Any] = {}

    def on_line(line: str) -> None:
        if line.startswith(_TOLD):
            if len(told) == _MOST_TOLD:
                raise not_micropython(port)
            told.update([_told(line, port)])

    whole = _TELL + script + f"tell({_DONE!r}, 1)\n"
    ran = await run(_TOOL, *_connected(port), "exec", whole, silence_s=_SILENCE_S, on_line=on_line)
    if told.pop(_DONE, None) is None:
        raise explained(ran, port)
    return told


async def send(
    port: str, folder: Path, places: list[PurePosixPath], on_file: Callable[[], None]
) -> None:
    """Copy these files of a folder to the same places on the board, whose folders are there.

    `on_file()` is called when each begins.
    """
    commands: list[str] = []
    for place in places:
        commands += ["cp", "-f", str(folder / place), f":{place}", "+"]

    def on_line(line: str) -> None:
        if line.startswith("cp "):
            on_file()

    ran = await run(
        _TOOL,
        *_connected(port),
        *commands,
        silence_s=_SILENCE_S,
        within_s=_SENDING_S,
        on_line=on_line,
    )
    if ran.code != 0:
        raise explained(ran, port)


async def reset(port: str) -> None:
    """Start the board anew."""
    # Its end is not looked at: with the chip its port may go.
    await run(_TOOL, *_connected(port), "reset", silence_s=_SILENCE_S)


def explained(ran: Ran, port: str) -> MynahError:
    """What went wrong, and what to do next."""
    said = ran.text
    if is_gone(port):
        return LinkError(f"the cable at {port} was pulled: plug it in and run this again")
    if any(sign in said for sign in ("ENOSPC", "[Errno 28]", "No space left")):
        return UserError(
            f"the file system of the board at {port} is full: delete what is yours on it "
            f"(`mpremote connect {port} fs ls`), or write the image again with `--erase`"
        )
    if "could not enter raw repl" in said or ran.code is None:
        return not_micropython(port)
    if "failed to access" in said:
        return LinkError(f"{port} is busy: another program has it open; close that first")
    if "Errno 5]" in said or "disconnected" in said:
        return LinkError(f"the cable at {port} was pulled: plug it in and run this again")
    last = (ran.lines or ["it said nothing"])[-1].strip()
    return DeviceError(f"mpremote at {port}: {last}; press RESET and run this again")


def not_micropython(port: str) -> DeviceError:
    """What answers there does so in no way that MicroPython would."""
    return DeviceError(
        f"what runs at {port} is not MicroPython, or it hangs: press RESET and run this again, "
        "or write MicroPython with `mynah flash --image FILE --erase`"
    )


def _told(line: str, port: str) -> tuple[str, Any]:
    try:
        name, value = json.loads(line.removeprefix(_TOLD))
    except (ValueError, TypeError, RecursionError):
        raise not_micropython(port) from None
    if not isinstance(name, str):
        raise not_micropython(port)
    return name, value


def _connected(port: str) -> list[str]:
    # `resume`: without a soft reset, which would begin `boot.py` and lose what a script has set.
    return ["connect", port, "resume"]


def _answers(port: str, for_s: float) -> bool:
    import serial

    with serial.Serial(port, BAUD, timeout=_READ_S, write_timeout=for_s, exclusive=True) as opened:
        heard, until = b"", time.monotonic() + for_s
        while _RAW not in heard and time.monotonic() < until:
            opened.write(_INTERRUPT)
            opened.write(_TO_RAW)
            again = time.monotonic() + _AGAIN_S
            while _RAW not in heard and time.monotonic() < again:
                heard = heard[-len(_RAW) :] + opened.read(max(1, opened.in_waiting))
        opened.write(_TO_FRIENDLY)
    return _RAW in heard

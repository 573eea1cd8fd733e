"""Which serial port the board is at, and whether it can be used."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from mynah.errors import LinkError, UserError
from mynah.link.cable import Cable
from mynah.link.ports import Listed, esp32_ports

_STEP_S: Final = 0.1
_DRIVERS: Final = (
    "boards with a CP210x or CH34x bridge need its maker's driver on Windows and older macOS"
)


def find_port(named: str = "", listed: Callable[[], Iterable[Listed]] | None = None) -> str:
    """The port that was named, or the only one that may be a board."""
    if named:
        # By its own name: what a link's name hides decides how it is waited for.
        return os.path.realpath(named) if Path(named).is_symlink() else named
    found = esp32_ports(listed)
    if not found:
        raise LinkError(
            "no board is plugged in: is the cable one for data, not only for charging? "
            f"{_missing()}"
        )
    if len(found) > 1:
        names = ", ".join(f"{port.device} ({port.chip})" for port in found)
        raise UserError(f"several boards are plugged in; say which with --port: {names}")
    return found[0].device


async def check_port(port: str) -> None:
    """LinkError if it is not there, busy, or not ours to open."""
    cable = Cable(port)
    await cable.open()
    await cable.close()


def is_gone(port: str) -> bool:
    """Whether it is not there any more; never told where ports are no files."""
    return os.name == "posix" and not Path(port).exists()


async def wait_for_port(port: str, for_s: float) -> None:
    """A board that resets itself takes its port along for a while, and nobody tells when."""
    until = time.monotonic() + for_s
    while is_gone(port) and time.monotonic() < until:  # noqa: ASYNC110 - there is no event of it
        await asyncio.sleep(_STEP_S)


def _missing() -> str:
    wake = "holding BOOT while plugging it in wakes a board whose firmware hides it"
    return (
        f"{'`dmesg` says what Linux made of it' if sys.platform == 'linux' else _DRIVERS}; {wake}"
    )

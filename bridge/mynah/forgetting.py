"""Everything that was said, remembered or noted, gone: from this computer and from the rings."""

import asyncio
import secrets
import shutil
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynah.errors import DeviceError
from mynah.link.base import Link
from mynah.link.client import RingClient
from mynah.link.keys import data_folder
from mynah.seeing import log
from mynah_wire.downlink import Forget
from mynah_wire.uplink import Forgotten, Ready

KEPT: Final = frozenset({"keys", "metrics.token", "serving.token"})
"""What is nobody's words: with the keys the rings stay this computer's."""

EMULATOR: Final = "emulator"
KEPT_OF_EMULATOR: Final = frozenset({"keys"})

RING_S: Final = 30.0
"""A ring erases a full flash in 10 s, a block at a time, and says so then."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Something of the wearer's on this computer."""

    path: Path
    files: int
    size_bytes: int


def traces(folder: Path | None = None, logs: Path | None = None) -> list[Trace]:
    """All there is, by where it lies; models and settings are none."""
    folder = folder or data_folder()
    logs = logs or log.folder()
    found = [path for path in _in(folder) if path.name not in KEPT | {EMULATOR} and path != logs]
    found += [path for path in _in(folder / EMULATOR) if path.name not in KEPT_OF_EMULATOR]
    found += [logs] if logs.exists() else []
    return [_trace(path) for path in sorted(found)]


def forget_here(found: list[Trace]) -> None:
    """Delete them; OSError names the first that can't be."""
    for trace in found:
        if trace.path.is_dir() and not trace.path.is_symlink():
            shutil.rmtree(trace.path)
        else:
            trace.path.unlink(missing_ok=True)


async def forget_ring(link: Link) -> None:
    """A ring forgets all but its key; LinkError or DeviceError if it did not."""
    token = secrets.randbits(32)
    try:
        async with (
            asyncio.timeout(RING_S),
            RingClient(link) as ring,
            aclosing(ring.messages()) as messages,
        ):
            async for message in messages:
                if isinstance(message, Ready):
                    ring.tell(Forget(token))
                if isinstance(message, Forgotten) and message.token == token:
                    _check(message)
                    return
    except TimeoutError as error:
        raise DeviceError(
            f"the ring did not forget within {RING_S:g} s; bring it close, and say it again"
        ) from error


def _check(forgotten: Forgotten) -> None:
    if forgotten.verdict:
        raise DeviceError("the ring's flash failed while it forgot; say it again")


def _in(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _trace(path: Path) -> Trace:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    sizes = []
    for each in files:
        with suppress(FileNotFoundError):  # somebody has just deleted it
            sizes.append(each.stat().st_size)
    return Trace(path, len(sizes), sum(sizes))

"""The firmware onto a board that runs MicroPython: what differs is sent, and hashed there after."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeVar

from mynah.errors import DeviceError, UserError
from mynah.maker import repl
from mynah.maker.boards import Board
from mynah.maker.compiled import LOADER, SLOT, TRUSTED
from mynah.maker.image import OLDEST
from mynah.maker.update_key import Trust

Kind = TypeVar("Kind")

PART: Final = "part"
"""A file of this name in a slot: it is not whole, and the loader does not start it."""

_MOVED_BYTES: Final = 65_536  # LittleFS keeps a file's old blocks until the new ones are whole

_FILE: Final = "file "  # so that no file's name is taken for anything else

_CHIP: Final = re.compile(r"with (ESP32(?:[A-Z]\d+)?)$")

_QUIETED: Final = """
import sys
if "mynah_boot" in sys.modules:
    # Our firmware was interrupted: nobody feeds its watchdog, which can't be stopped.
    import machine
    machine.WDT(timeout=600000)
"""

_LOOK: Final = (
    f"""
FOLDERS = {(str(SLOT), TRUSTED)!r}
FILES = {[str(LOADER)]!r}
FILE = {_FILE!r}
"""
    """
import gc, hashlib, os
gc.collect()
def look(path):
    try:
        entries = list(os.ilistdir(path))
    except OSError:
        return
    for entry in entries:
        name = path + "/" + entry[0]
        if entry[1] == 0x4000:
            look(name)
        else:
            tell(FILE + name, hashed(name))
def hashed(name):
    digest, buffer = hashlib.sha256(), bytearray(1024)
    with open(name, "rb") as file:
        while True:
            size = file.readinto(buffer)
            if not size:
                return digest.digest().hex()
            digest.update(memoryview(buffer)[:size])
for folder in FOLDERS:
    look(folder)
for name in FILES:
    try:
        tell(FILE + name, hashed(name))
    except OSError:
        pass
"""
)

_WHO: Final = """
room = os.statvfs("/")
board = b""
try:
    from esp32 import NVS
    buffer = bytearray(32)
    board = bytes(buffer[:NVS("mynah").get_blob("board", buffer)])
except (ImportError, OSError):
    pass
tell("name", sys.implementation.name)
tell("machine", getattr(sys.implementation, "_machine", ""))
tell("version", list(sys.implementation.version)[:3])
tell("board", board.decode())
tell("free_bytes", room[0] * room[3])
path, loaded = sys.path[:], sys.modules.pop("mynah_wire", None)
sys.path[:] = [".frozen"]
try:
    import mynah_wire
    tell("frozen", True)
except ImportError:
    tell("frozen", False)
sys.path[:] = path
sys.modules.pop("mynah_wire", None)
if loaded is not None:
    sys.modules["mynah_wire"] = loaded
"""

_PREPARE: Final = """
import os
for name in STALE:
    os.remove(name)
for name in FOLDERS:
    try:
        os.mkdir(name)
    except OSError:
        pass
open(MARK, "w").close()
"""

_FINISH: Final = """
from esp32 import NVS
settings = NVS("mynah")
settings.set_blob("board", BOARD)
settings.set_blob("update_key", UPDATE_KEY)
if RELEASE_KEY:
    settings.set_blob("release_key", RELEASE_KEY)
else:
    try:
        settings.erase_key("release_key")
    except OSError:
        pass
settings.commit()
slots = NVS("mynah_boot")
try:
    slots.erase_key("slots")  # what is sent by cable is the slot that starts
    slots.commit()
except OSError:
    pass
try:
    os.remove(MARK)
except OSError:
    pass
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What a board has before anything is sent."""

    version: tuple[int, ...]
    board: str
    """What it was told to be; empty if it was not told."""
    chip: str
    """As esptool calls it; empty if MicroPython does not say."""
    free_bytes: int
    frozen: bool
    """The firmware is in its image."""
    files: dict[str, str]
    """SHA-256 by name, of what is ours."""


async def survey(port: str) -> Found:
    """Ask a board what it has; it must run MicroPython, new enough."""
    answer = _Answer(port, await repl.ask(port, _QUIETED + _LOOK + _WHO))
    name, version = answer.get("name", str), answer.numbers("version")
    if name != "micropython" or version[:2] < OLDEST:
        said = ".".join(str(number) for number in version)
        raise UserError(
            f"the board at {port} runs {name} {said}, and the firmware needs MicroPython "
            f"{OLDEST[0]}.{OLDEST[1]} or newer: `mynah flash --image FILE`"
        )
    return Found(
        version=version,
        board=answer.get("board", str),
        chip=chip_of(answer.get("machine", str)),
        free_bytes=answer.get("free_bytes", int),
        frozen=answer.get("frozen", bool),
        files=_hashes(answer.told),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a board told, which may be anything."""

    port: str
    told: dict[str, Any]

    def get(self, name: str, kind: type[Kind]) -> Kind:
        value = self.told.get(name)
        if not isinstance(value, kind):
            raise repl.not_micropython(self.port)
        return value

    def numbers(self, name: str) -> tuple[int, ...]:
        numbers = self.get(name, list)
        if not all(isinstance(number, int) for number in numbers):
            raise repl.not_micropython(self.port)
        return tuple(numbers)


def chip_of(machine: str) -> str:
    """The chip in MicroPython's `Seeed XIAO ESP32C3 with ESP32C3`."""
    said = _CHIP.search(machine)
    return said[1].lower() if said else ""


async def deploy(
    port: str,
    board: Board,
    found: Found,
    folder: Path,
    places: list[PurePosixPath],
    trust: Trust,
    on_progress: Callable[[float, str], None],
) -> int:
    """Make the files that were `found` those of `folder`, and it this board; how many were sent.

    It trusts the updates of nobody but whom `trust` names, whoever had it before.
    After a cable that was pulled it goes on: what arrived whole is not sent again.
    """
    wanted = {str(place): _sha256(folder / place) for place in places}
    changed = [place for place in places if found.files.get(str(place)) != wanted[str(place)]]
    stale = sorted(set(found.files) - set(wanted) - {_mark()})
    _check_room(port, folder, changed, found)
    if changed or stale:
        given = _given(STALE=stale, FOLDERS=_folders([SLOT / PART, *places]), MARK=_mark())
        await repl.ask(port, given + _PREPARE)
    await _send(port, folder, changed, on_progress)
    if changed:
        _check_whole(port, wanted, await _files(port))
    given = _given(
        MARK=_mark(), BOARD=board.name.encode(), UPDATE_KEY=trust.owner, RELEASE_KEY=trust.release
    )
    await repl.ask(port, given + _FINISH)
    on_progress(1.0, "")
    return len(changed)


async def _send(
    port: str,
    folder: Path,
    places: list[PurePosixPath],
    on_progress: Callable[[float, str], None],
) -> None:
    begun = 0

    def on_file() -> None:
        nonlocal begun
        on_progress(begun / len(places), str(places[begun]))
        begun += 1

    if places:
        await repl.send(port, folder, places, on_file)


async def _files(port: str) -> dict[str, str]:
    return _hashes(await repl.ask(port, _LOOK))


def _hashes(told: dict[str, object]) -> dict[str, str]:
    return {
        name.removeprefix(_FILE): str(sha256)
        for name, sha256 in told.items()
        if name.startswith(_FILE)
    }


def _check_whole(port: str, wanted: dict[str, str], there: dict[str, str]) -> None:
    wrong = sorted(name for name, sha256 in wanted.items() if there.get(name) != sha256)
    if wrong:
        raise DeviceError(
            f"{', '.join(wrong)} on the board at {port} reads back otherwise than it was sent: "
            "run this again; if it stays so, its flash is worn out"
        )


def _check_room(port: str, folder: Path, changed: list[PurePosixPath], found: Found) -> None:
    new = [folder / place for place in changed if str(place) not in found.files]
    needed = sum(path.stat().st_size for path in new)
    needed += _MOVED_BYTES * bool(changed)
    if needed > found.free_bytes:
        raise UserError(
            f"the file system of the board at {port} is full: {found.free_bytes} bytes are free, "
            f"{needed} are needed; delete what is yours on it (`mpremote connect {port} fs ls`), "
            "or begin with an empty one: `mynah flash --image FILE --erase`"
        )


def _folders(places: list[PurePosixPath]) -> list[str]:
    """All that there must be, the outer before the inner."""
    return sorted({str(parent) for place in places for parent in place.parents if parent.name})


def _given(**values: object) -> str:
    return "".join(f"{name} = {value!r}\n" for name, value in values.items())


def _mark() -> str:
    return str(SLOT / PART)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

"""Where an inbox lies: files in one folder, and when what was written survives a loss of power."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import Final, Protocol

from mynah.link.keys import OWNER_ONLY

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK: Final = "lock"
"""Held by the program that uses the folder: the system frees it when that ends, however it ends."""

FRESH: Final = ".new"
"""Ends the name of a file that is being replaced."""

_BINARY: Final = getattr(os, "O_BINARY", 0)  # Windows would write two bytes for each 0x0a
_FULL_SYNC: Final = getattr(fcntl, "F_FULLFSYNC", None)  # macOS's fsync leaves it in the drive


class Disk(Protocol):
    """Files in one folder, by plain names. Every call may raise OSError."""

    blocks: bool
    """Its calls may take long: they belong into a thread."""
    where: str
    """As a person finds it."""

    def claim(self) -> bool:
        """Use it alone; False if another program does."""

    def release(self) -> None:
        """Others may use it."""

    def names(self) -> list[str]:
        """The files that there are."""

    def read(self, name: str) -> bytes:
        """All of a file; nothing if there is none."""

    def append(self, name: str, data: bytes) -> None:
        """Add to a file, or begin it. An error may leave a part of the data there."""

    def sync(self, name: str) -> None:
        """What was appended survives from now on."""

    def replace(self, name: str, data: bytes) -> None:
        """A file with other content: the old or the new, whatever happens; then the new."""

    def remove(self, name: str) -> None:
        """Delete a file, if it is there, for good."""

    def free_bytes(self) -> int:
        """Room that is left."""


class RealDisk:
    """A folder that nobody else may look into."""

    blocks = True

    def __init__(self, folder: Path) -> None:
        self.where = str(folder)
        self._folder = folder
        self._lock: int | None = None

    def claim(self) -> bool:
        if self._lock is not None:
            return True
        for folder in (self._folder.parent, self._folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _sync_names(folder.parent)
        lock = self._open(LOCK, os.O_RDWR | os.O_CREAT)
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                os.close(lock)
                if isinstance(error, BlockingIOError):
                    return False
                raise
        self._lock = lock
        for left in self._folder.glob(f"*{FRESH}"):  # by a crash: speech that nobody would find
            left.unlink()
        return True

    def release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def names(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        found = sorted(path.name for path in self._folder.iterdir())
        return [name for name in found if name != LOCK and not name.endswith(FRESH)]

    def read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return b""

    def append(self, name: str, data: bytes) -> None:
        file = self._open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            _write(file, data)
        finally:
            os.close(file)

    def sync(self, name: str) -> None:
        file = self._open(name, os.O_RDWR)
        try:
            _sync(file)
        finally:
            os.close(file)
        _sync_names(self._folder)

    def replace(self, name: str, data: bytes) -> None:
        fresh = name + FRESH
        file = self._open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            _write(file, data)
            _sync(file)
        finally:
            os.close(file)
        (self._folder / fresh).replace(self._folder / name)
        _sync_names(self._folder)

    def remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)
        _sync_names(self._folder)

    def free_bytes(self) -> int:
        return shutil.disk_usage(self._folder).free

    def _open(self, name: str, flags: int) -> int:
        # Not `folder / name`: pathlib keeps each part among Python's names, which grow by 2 MB when
        # 40,000 have come and gone. Records come twenty a second.
        return os.open(f"{self._folder}{os.sep}{name}", flags | _BINARY, OWNER_ONLY)


def _write(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _sync_names(path: Path) -> None:
    """A file survives only if its name does. Windows can't open a folder, and needs not."""
    with contextlib.suppress(PermissionError):
        folder = os.open(path, os.O_RDONLY)
        try:
            _sync(folder)
        finally:
            os.close(folder)


def _sync(file: int) -> None:
    if _FULL_SYNC is not None:
        with contextlib.suppress(OSError):  # a network's file system knows no such thing
            fcntl.fcntl(file, _FULL_SYNC)
            return
    os.fsync(file)

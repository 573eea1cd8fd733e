"""The files of the slot that does not run: what `slot_jobs` asks for is done here, job by job."""

import os
import sys

from esp32 import NVS
from micropython import const

import mynah_boot
from mynah_device import slot_jobs
from mynah_device.ed25519 import KEY_BYTES
from mynah_device.slot_jobs import Job
from mynah_device.updating import PART, Place, Updating

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from typing import Any

    from mynah_wire.message import Message

_NAMESPACE = "mynah"
_KEYS = ("update_key", "release_key")  # the owner's, and that of whoever makes his firmware
_EMULATORS = ("x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp")
_ARCHITECTURES = ("none",) + _EMULATORS + ("xtensa", "xtensawin", "rv32imc", "rv64imc")
_NO_SPACE = const(28)  # ENOSPC, which MicroPython's errno does not name
_NO_MEMORY = "its memory is full: reset it, and again"
_IS_FOLDER = const(0x4000)  # in what `os.ilistdir` tells


class Installer:
    """The core and its flash."""

    def __init__(self, build: int, board: str, folders: "tuple[str, str]") -> None:
        self.updating = Updating(Place(build, architecture(), board, folders, _trusted()))
        self._job: "Job | None" = None
        self._result: "Any" = None
        self._doomed: "list[tuple[str, bool]]" = []  # of a WIPE that is not done

    def take(self, order: "Message", hindrance: str) -> None:
        """An Offer, a Block or an Install."""
        self.updating.take(order, hindrance)

    def has_more(self) -> bool:
        """Whether there is something to do."""
        if self._job is None:
            result, self._result = self._result, None
            try:
                self._job = self.updating.next(result)
            except MemoryError:
                self.updating.failed(_NO_MEMORY)
        return self._job is not None

    @property
    def restarts(self) -> bool:
        """Whether that is the end."""
        return self._job is not None and self._job.kind == slot_jobs.RESTART

    def do(self) -> bool:
        """Do it; True if the flash was used."""
        job, self._job = self._job, None
        if job is None or job.kind == slot_jobs.STEP:
            return False
        try:
            if job.kind != slot_jobs.WIPE:
                self._result = _JOBS[job.kind](job)
            elif self._wipe(job):
                self._job = job  # there is more of it
        except MemoryError:
            self.updating.failed(_NO_MEMORY)
        except OSError as error:
            self._doomed = []
            full = error.errno == _NO_SPACE
            self.updating.failed("full: no room is left" if full else "its flash fails: %s" % error)
        return True

    def _wipe(self, job: Job) -> bool:
        """One file or folder each time; True if there are more."""
        if self._doomed:
            path, is_folder = self._doomed.pop(0)
            (os.rmdir if is_folder else os.remove)(path)
            return len(self._doomed) > 0
        # From here on the loader does not start what is left.
        part = job.path + "/" + PART
        _write(Job(slot_jobs.WRITE, part))
        self._doomed = [each for each in _listed(job.path) if each[0] != part]
        return len(self._doomed) > 0


def architecture() -> str:
    """mpy-cross's option for this interpreter, and the version of what it takes."""
    code = sys.implementation._mpy  # noqa: SLF001 - so it is documented
    return "%s-%d.%d" % (_ARCHITECTURES[code >> 10 & 15], code & 255, code >> 8 & 3)


def _trusted() -> "list[bytes]":
    keys: "list[bytes]" = []
    for name in _KEYS:
        key = bytearray(KEY_BYTES)
        try:
            if NVS(_NAMESPACE).get_blob(name, key) == KEY_BYTES:
                keys.append(bytes(key))
        except OSError:
            continue  # there is none, or no NVS
    return keys


def _read(job: Job) -> bytes:
    try:
        with open(job.path, "rb") as file:
            file.seek(job.offset)
            return file.read(job.count)
    except OSError:
        return b""  # which no hash fits


def _size_of(job: Job) -> int:
    return _size(job.path)


def _size(path: str) -> int:
    try:
        return os.stat(path)[6]
    except OSError:
        return 0


def _write(job: Job) -> None:
    if job.offset == 0:
        at = job.path.find("/")
        while at >= 0:
            _make_folder(job.path[:at])
            at = job.path.find("/", at + 1)
    with open(job.path, "r+b" if job.offset else "wb") as file:
        file.seek(job.offset)
        for piece in job.pieces:  # noqa: FURB122 - MicroPython has no writelines
            file.write(piece)
        file.flush()


def _rename(job: Job) -> None:
    os.rename(job.path, job.other)


def _try(_job: Job) -> bool:
    boot = mynah_boot.booted
    return boot is not None and boot.try_next()


def _room(job: Job) -> "tuple[int, int]":
    """What is free, and what the folder holds."""
    block_bytes, _, _, free_blocks = os.statvfs(".")[:4]
    held = 0
    for path, is_folder in _listed(job.path):
        held += 0 if is_folder else -(-_size(path) // block_bytes) * block_bytes
    return block_bytes * free_blocks, held


def _make_folder(path: str) -> None:
    try:
        os.mkdir(path)
    except OSError:
        pass  # it is there, or what is to lie in it fails


def _listed(folder: str) -> "list[tuple[str, bool]]":
    """All that lies in it, as (path, whether it is a folder), each folder after what is in it."""
    found: "list[tuple[str, bool]]" = []
    try:
        entries = list(os.ilistdir(folder))
    except OSError:
        return found  # there is no such folder yet
    for entry in entries:
        path, is_folder = folder + "/" + entry[0], entry[1] == _IS_FOLDER
        if is_folder:
            found += _listed(path)
        found.append((path, is_folder))
    return found


_JOBS = {
    slot_jobs.READ: _read,
    slot_jobs.SIZE: _size_of,
    slot_jobs.ROOM: _room,
    slot_jobs.WRITE: _write,
    slot_jobs.RENAME: _rename,
    slot_jobs.TRY: _try,
}

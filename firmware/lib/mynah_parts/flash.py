"""What was said, in flash: one file an utterance, written and read by the piece.

LittleFS keeps a file as it was when it was last flushed, whatever happens to the power. A file
system that is full or fails is told to the core, which decides.
"""

import asyncio
import errno
import os
import time

from micropython import const

from mynah_device.flash_jobs import (
    COMMIT,
    DONE,
    FAILED,
    FULL,
    READ,
    REMOVE,
    REPLACE,
    WIPE,
    WRITE,
    Job,
)
from mynah_device.health import Heart
from mynah_device.ring import Ring
from mynah_wire.clock import elapsed_ms

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

FOLDER = "said"
_NAME = "%s/%08x"
_NEW = ".new"  # one that is to replace another; the power went if it is still there
_NO_SPACE = const(28)  # ENOSPC, which MicroPython's errno does not name
_PLENTY_BYTES = const(1 << 28)
_BREATH_MS = const(5)  # between two pieces everything else has its turn


def _nothing() -> None:
    """Nobody sends."""


class Flash:
    """Does the ring's jobs, one at a time."""

    def __init__(self, ring: Ring) -> None:
        self.heart = Heart()
        self._wake = asyncio.Event()
        self._ring = ring
        self.on_news: "Callable[[], None]" = _nothing  # called when there is more to send
        self._open_file: "BinaryIO | None" = None
        self._open_number = 0

    def restore(self) -> None:
        """Tell the ring what is there; at boot."""
        try:
            os.mkdir(FOLDER)
        except OSError:
            pass  # it is there, or nothing can be: then the first job fails
        for number in sorted(_numbers()):
            try:
                size = os.stat(_path(number))[6]
                self._ring.said.found(number, size, self._read_piece)
            except OSError:
                continue  # it may be read at the next boot
        self._ring.said.has_room(_free_bytes())

    def poke(self) -> None:
        """There may be something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Work for ever."""
        while True:
            self.heart.beat()
            self._wake.clear()
            while (job := self._ring.flash_job()) is not None:
                self._ring.flash_done(self.do(job), time.ticks_ms())
                if job.kind in (READ, WIPE):
                    self.on_news()
                self.heart.beat()
                await asyncio.sleep_ms(_BREATH_MS)
            await self._wake.wait()

    def save_all(self, limit_ms: int) -> None:
        """Save at once what is held and not safe, whoever hears or speaks."""
        begun_ms = time.ticks_ms()
        while (job := self._ring.said.job(quiet=True)) is not None:
            self._ring.flash_done(self.do(job), time.ticks_ms())
            if elapsed_ms(time.ticks_ms(), begun_ms) >= limit_ms:
                return

    def do(self, job: Job) -> int:
        """Do one job; its result."""
        try:
            return self._do(job)
        except OSError as error:
            self._give_up()
            return FULL if error.errno == _NO_SPACE else FAILED

    def _do(self, job: Job) -> int:
        if job.kind == READ:
            return self._read(job)
        if job.kind in (WRITE, COMMIT):
            self._write(job)
        else:
            if self._open_number == job.file:
                self._give_up()  # a full file system has no room for what is to be thrown away
            else:
                self._close()
            if job.kind == REPLACE:
                self._replace(job)
            elif job.kind == REMOVE:
                _remove(_path(job.file))
            else:
                for name in _names():
                    _remove(FOLDER + "/" + name)
        return DONE

    def _write(self, job: Job) -> None:
        file = self._opened(job)
        file.seek(job.offset)
        file.write(job.data)
        if job.kind == COMMIT:
            self._close()

    def _opened(self, job: Job) -> "BinaryIO":
        if self._open_file is not None and self._open_number == job.file and job.offset:
            return self._open_file
        self._close()
        self._open_file = open(_path(job.file), "wb" if job.offset == 0 else "r+b")
        self._open_number = job.file
        return self._open_file

    def _close(self) -> None:
        if self._open_file is not None:
            self._open_file.flush()  # a computer's file is safe then, the chip's when it is closed
            self._open_file.close()
            self._open_file = None

    def _give_up(self) -> None:
        file, self._open_file = self._open_file, None
        if file is not None:
            try:
                file.close()
            except OSError:
                pass  # the core begins it anew

    def _replace(self, job: Job) -> None:
        path = _path(job.file)
        with open(path + _NEW, "wb") as file:
            file.write(job.data)
            file.flush()
        os.rename(path + _NEW, path)

    def _read(self, job: Job) -> int:
        with open(_path(job.file), "rb") as file:
            file.seek(job.offset)
            return file.readinto(job.data) or 0

    def _read_piece(self, number: int, offset: int, count: int) -> bytes:
        with open(_path(number), "rb") as file:
            file.seek(offset)
            return file.read(count)


def _numbers() -> "list[int]":
    numbers = []
    for name in _names():
        try:
            numbers.append(int(name, 16))
        except ValueError:
            continue  # one that never replaced another, or none of ours
    return numbers


def _names() -> "list[str]":
    try:
        return os.listdir(FOLDER)
    except OSError:
        return []  # a file system that can't be read is told when it can't be written


def _free_bytes() -> int:
    try:
        block_bytes, _, _, free_blocks = os.statvfs(FOLDER)[:4]
    except OSError:
        return _PLENTY_BYTES  # the first job will fail, and that is told
    return block_bytes * free_blocks


def _path(number: int) -> str:
    return _NAME % (FOLDER, number)


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise

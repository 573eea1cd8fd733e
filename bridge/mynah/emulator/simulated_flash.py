"""A ring's flash in miniature: it outlives the ring, and the power may go at any byte."""

from collections.abc import Callable, Iterator
from typing import Final

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

JOB_MS: Final = 20
"""What one piece takes, with its share of the erases."""

PLENTY_BYTES: Final = 1 << 30
_THOUSAND: Final = 1000

Read = Callable[[int, int, int], bytes]


class PowerCutError(Exception):
    """The power went in the middle of a write."""


class SimulatedFlash:
    """Files by their number. Give the same one to every ring that is to be the same."""

    def __init__(self, *, capacity_bytes: int | None = None, job_ms: int = JOB_MS) -> None:
        """`capacity_bytes` is what there is room for, of all files together."""
        self.files: dict[int, bytearray] = {}
        """What is safe."""
        self.capacity_bytes = capacity_bytes
        self.job_ms = job_ms
        self.fails = False
        """Every job, as on a file system that is broken."""
        self.written_bytes = 0
        """Ever; a change that writes none counts as one byte."""
        self.cut_at_byte: int | None = None
        """The power goes when so many were written: a PowerCutError."""
        self.torn = True
        """What of a file was not safe is there as far as it was written; else it is gone."""
        self._unsafe: dict[int, bytearray] = {}

    def found(self) -> Iterator[tuple[int, int, Read]]:
        """What is there at boot, the oldest first: number, size, and how to read it."""
        for number in sorted(self.files):
            yield number, len(self.files[number]), self._read

    @property
    def free_bytes(self) -> int:
        """How much room there is."""
        if self.capacity_bytes is None:
            return PLENTY_BYTES
        return max(0, self.capacity_bytes - sum(map(len, self.files.values())))

    def do(self, job: Job) -> int:
        """Do one job; its result. What fails costs what was not safe, of any file."""
        result = FAILED if self.fails else self._do(job)
        if result < DONE:
            self._unsafe.clear()
        return result

    def _do(self, job: Job) -> int:
        if job.kind == READ:
            return self._read_into(job)
        if job.kind in (WRITE, COMMIT):
            return self._write(job)
        self._spend(len(job.data))
        if job.kind == REPLACE:
            self.files[job.file] = bytearray(job.data)
            self._unsafe.pop(job.file, None)
        elif job.kind == REMOVE:
            self._remove(job.file)
        elif job.kind == WIPE:
            self.files.clear()
            self._unsafe.clear()
        return DONE

    def power_cut(self, torn_thousandths: int = 0) -> None:
        """What is not safe is gone, but for so much of it."""
        for number, data in self._unsafe.items():
            safe = self.files.get(number, bytearray())
            more = max(0, len(data) - len(safe)) * torn_thousandths // _THOUSAND
            if more:
                self.files[number] = data[: len(safe) + more]
        self._unsafe.clear()

    def _write(self, job: Job) -> int:
        data = self._unsafe.get(job.file)
        if data is None:
            data = self._unsafe[job.file] = bytearray(self.files.get(job.file, b""))
        used = sum(len(self._now(number)) for number in self.files.keys() | self._unsafe.keys())
        more = max(0, job.offset + len(job.data) - len(data))
        if self.capacity_bytes is not None and used + more > self.capacity_bytes:
            return FULL
        before = self.written_bytes
        try:
            self._spend(len(job.data))
        except PowerCutError:
            data[job.offset :] = bytes(job.data)[: self.written_bytes - before]
            self.power_cut(_THOUSAND if self.torn else 0)
            raise
        data[job.offset :] = job.data
        if job.kind == COMMIT:
            self.files[job.file] = self._unsafe.pop(job.file)
        return DONE

    def _spend(self, count: int) -> None:
        count = max(1, count)
        if self.cut_at_byte is not None and self.written_bytes + count > self.cut_at_byte:
            self.written_bytes = max(self.written_bytes, self.cut_at_byte)
            self.cut_at_byte = None
            raise PowerCutError
        self.written_bytes += count

    def _now(self, number: int) -> bytearray:
        return self._unsafe.get(number) or self.files.get(number, bytearray())

    def _read_into(self, job: Job) -> int:
        piece = self._now(job.file)[job.offset : job.offset + len(job.data)]
        target = memoryview(job.data)
        target[: len(piece)] = piece
        return len(piece)

    def _read(self, number: int, offset: int, count: int) -> bytes:
        return bytes(self.files[number][offset : offset + count])

    def _remove(self, number: int) -> None:
        self.files.pop(number, None)
        self._unsafe.pop(number, None)

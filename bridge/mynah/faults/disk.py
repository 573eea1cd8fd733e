"""Disks that are full when the plan says so."""

import asyncio
import errno

from mynah.faults.injection import Injection
from mynah.faults.plan import Fault
from mynah.inbox.disk import Disk


class DiskFaults:
    """How full they are."""

    def __init__(self, injection: Injection) -> None:
        self._fillings = 0  # one may begin before another is over
        injection.can("disk_full", self._fill)

    @property
    def full(self) -> bool:
        return self._fillings > 0

    def over(self, disk: Disk) -> "FaultyDisk":
        """The same disk, full whenever these are."""
        return FaultyDisk(disk, self)

    def _fill(self, fault: Fault) -> None:
        self._fillings += 1
        asyncio.get_running_loop().call_later(fault.number / 1000, self._make_room)

    def _make_room(self) -> None:
        self._fillings -= 1


class FaultyDisk:
    """The disk inside, but for the spans in which it takes nothing more."""

    def __init__(self, disk: Disk, faults: DiskFaults) -> None:
        self.blocks = disk.blocks
        self.where = disk.where
        self._disk = disk
        self._faults = faults

    def claim(self) -> bool:
        return self._disk.claim()

    def release(self) -> None:
        self._disk.release()

    def names(self) -> list[str]:
        return self._disk.names()

    def read(self, name: str) -> bytes:
        return self._disk.read(name)

    def append(self, name: str, data: bytes) -> None:
        self._refuse(name)
        self._disk.append(name, data)

    def sync(self, name: str) -> None:
        self._disk.sync(name)

    def replace(self, name: str, data: bytes) -> None:
        self._refuse(name)
        self._disk.replace(name, data)

    def remove(self, name: str) -> None:
        self._disk.remove(name)

    def free_bytes(self) -> int:
        return 0 if self._faults.full else self._disk.free_bytes()

    def _refuse(self, name: str) -> None:
        if self._faults.full:
            raise OSError(errno.ENOSPC, "No space left on device", name)

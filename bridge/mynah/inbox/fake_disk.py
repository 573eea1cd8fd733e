"""A disk in memory that does what disks do at the worst moment: it fills, it fails, it forgets."""

import errno
import random
from collections.abc import Callable
from dataclasses import dataclass, field


class KilledError(BaseException):
    """The computer is off: no code catches that, and nothing is written any more."""


@dataclass(slots=True)
class _File:
    safe: bytearray = field(default_factory=bytearray)
    """What survives."""
    fresh: bytearray = field(default_factory=bytearray)
    """What was appended since."""
    is_safe: bool = False
    """Its name survives as well."""


@dataclass(slots=True)
class FakeDisk:
    """Survives `kill`, as a disk survives a loss of power: all that was synced, some of the rest.

    The same seed tears the same bytes.
    """

    blocks: bool = False
    where: str = "the fake disk"
    room_bytes: int = 1 << 30
    """Of all files together; then it is full."""
    fails: bool = False
    """Every write and sync fails."""
    before: Callable[[str, str], None] | None = None
    """Called with the name of each change to the disk (append, sync, replace, remove) and that of
    the file, before it is done: whoever kills there raises KilledError."""
    seed: int = 1
    synced: int = 0
    """How often something was made safe."""
    _files: dict[str, _File] = field(default_factory=dict)
    _off: bool = False

    def kill(self) -> None:
        """The power goes and comes back: of what was not synced any beginning survives, or none."""
        chance = random.Random(f"{self.seed} {self.synced} {sorted(self._files)}")
        files = {}
        for name, file in sorted(self._files.items()):
            torn = file.fresh[: chance.randint(0, len(file.fresh))]
            if file.is_safe or (torn and chance.random() < 0.5):  # noqa: PLR2004 - a coin
                files[name] = _File(file.safe + torn, is_safe=True)
        self._files, self._off = files, False

    def survives(self, name: str) -> bytes:
        """What of a file no loss of power takes away."""
        file = self._files.get(name)
        return bytes(file.safe) if file is not None and file.is_safe else b""

    def claim(self) -> bool:
        return True

    def release(self) -> None:
        pass

    def names(self) -> list[str]:
        return sorted(self._files)

    def read(self, name: str) -> bytes:
        self._check()
        file = self._files.get(name)
        return b"" if file is None else bytes(file.safe + file.fresh)

    def append(self, name: str, data: bytes) -> None:
        self._change("append", name)
        file = self._files.setdefault(name, _File())
        fits = data[: max(0, self.free_bytes())]
        file.fresh += fits
        if len(fits) < len(data):
            raise OSError(errno.ENOSPC, "No space left on device", name)

    def sync(self, name: str) -> None:
        self._change("sync", name)
        if name not in self._files:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", name)
        file = self._files[name]
        file.safe += file.fresh
        file.fresh, file.is_safe = bytearray(), True
        self.synced += 1

    def replace(self, name: str, data: bytes) -> None:
        self._change("replace", name)
        if len(data) > self.free_bytes():
            raise OSError(errno.ENOSPC, "No space left on device", name)
        self._files[name] = _File(bytearray(data), is_safe=True)
        self.synced += 1

    def remove(self, name: str) -> None:
        self._change("remove", name)
        self._files.pop(name, None)

    def free_bytes(self) -> int:
        used = sum(len(file.safe) + len(file.fresh) for file in self._files.values())
        return self.room_bytes - used

    def _check(self) -> None:
        if self._off:
            raise KilledError

    def _change(self, what: str, name: str) -> None:
        self._check()
        if self.before is not None:
            try:
                self.before(what, name)
            except KilledError:
                self._off = True
                raise
        if self.fails:
            raise OSError(errno.EIO, "Input/output error", name)

"""A NOR flash: erased in sectors to ones, and programmed by clearing bits; optionally a file."""

import hashlib
from pathlib import Path
from typing import Final

SECTOR_BYTES: Final = 4096
_ERASED: Final = b"\xff"


class NorFlash:
    """Its bytes; `bad_byte` is the address of a cell that lost a bit, -1 if none did."""

    def __init__(self, size: int, file: Path | None = None) -> None:
        self._file = file
        self.bad_byte = -1
        self.erased_sectors = 0
        kept = file.read_bytes() if file is not None and file.is_file() else b""
        self._cells = bytearray(kept.ljust(size, _ERASED))

    def __len__(self) -> int:
        return len(self._cells)

    def read(self, address: int, size: int) -> bytes:
        """What is there, or what a bad cell makes of it."""
        found = bytearray(self._cells[address : address + size])
        if address <= self.bad_byte < address + size:
            found[self.bad_byte - address] ^= 1
        return bytes(found)

    def md5(self, address: int, size: int) -> bytes:
        return hashlib.md5(self.read(address, size), usedforsecurity=False).digest()

    def erase(self, address: int, size: int) -> None:
        """Every sector that this touches."""
        first = address // SECTOR_BYTES
        last = min(-(-(address + size) // SECTOR_BYTES), len(self._cells) // SECTOR_BYTES)
        span = max(0, last - first) * SECTOR_BYTES
        start = first * SECTOR_BYTES
        self._cells[start : start + span] = _ERASED * span
        self.erased_sectors += max(0, last - first)

    def program(self, address: int, data: bytes) -> None:
        """Clear the bits that are 0 in `data`: what was not erased before does not become it."""
        end = address + len(data)
        there = int.from_bytes(self._cells[address:end])
        self._cells[address:end] = (there & int.from_bytes(data)).to_bytes(len(data))

    def keep(self) -> None:
        """Write the file."""
        if self._file is not None:
            self._file.write_bytes(self._cells)

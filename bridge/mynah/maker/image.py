"""A MicroPython image: whether a file is one, whole, and for the chip that is there.

All of it is looked at before anything on the board is erased.
"""

import hashlib
import re
import struct
from dataclasses import dataclass, field
from functools import reduce
from glob import escape
from operator import xor
from pathlib import Path
from typing import Final

from mynah.errors import UserError

OLDEST: Final = (1, 28)
"""MicroPython that the firmware runs on."""

CHIP_NUMBERS: Final = {
    0: "esp32",
    2: "esp32s2",
    5: "esp32c3",
    9: "esp32s3",
    12: "esp32c2",
    13: "esp32c6",
    16: "esp32h2",
    18: "esp32p4",
    20: "esp32c61",
    23: "esp32c5",
}
"""As Espressif's image format counts them."""

LARGEST_BYTES: Final = 16 << 20  # as much flash as a board of ours has

_MAGIC: Final = 0xE9
_HEADER_BYTES: Final = 24
_CHIP_AT: Final = 12
_SEGMENTS_LIMIT: Final = 16
_TABLE_AT: Final = 0x8000
_TABLE_BYTES: Final = 0xC00
_ROW_BYTES: Final = 32
_ROW_MAGIC: Final = 0x50AA
_APPLICATION: Final = 0  # a partition's type
_SEED: Final = 0xEF
_HASH_BYTES: Final = 32
_BANNER: Final = re.compile(rb"MicroPython v(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Image:
    """One that can be written."""

    path: Path
    chip: str
    version: str
    sha256: str
    data: bytes = field(repr=False)
    """What was looked at, and is written: the file may be another one by then."""

    @property
    def size(self) -> int:
        return len(self.data)


def read_image(path: Path, sha256: str = "") -> Image:
    """What a file holds; UserError if it is no whole MicroPython, or not the one of this hash."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise UserError(f"no image at {path}: {error.strerror}") from None
    if len(data) > LARGEST_BYTES:
        raise UserError(
            f"{path} has more than {LARGEST_BYTES} bytes, a board's flash: not an image"
        )
    found = hashlib.sha256(data).hexdigest()
    if sha256 and found != sha256.strip().lower():
        raise UserError(f"{path} is not the image you mean: its SHA-256 is {found}, not {sha256}")
    try:
        chip = _whole(data)
    except ValueError as error:
        raise UserError(f"{path}: {error}; download it again, the .bin for a new board") from None
    version = _version(path, data)
    return Image(path, chip, version, found, data)


def fits(image: Image, chip: str) -> None:
    """UserError if an image is for another chip."""
    if image.chip != chip:
        raise UserError(
            f"{image.path} is for an {image.chip}, and this board has an {chip}: "
            "take the image that is named after your board"
        )


def named(name: str, folders: tuple[Path, ...]) -> Path | None:
    """The newest file of an image that MicroPython names so, as it is when downloaded."""
    found = [path for folder in folders for path in folder.glob(f"{escape(name)}-*.bin")]
    return max(found, key=lambda path: path.name, default=None)


def _version(path: Path, data: bytes) -> str:
    banner = _BANNER.search(data)
    if banner is None:
        raise UserError(f"{path} is an application for this chip, but not MicroPython")
    numbers = tuple(int(number) for number in banner.groups(b"0"))
    version = ".".join(str(number) for number in numbers)
    if numbers[:2] < OLDEST:
        raise UserError(
            f"{path} is MicroPython {version}; it takes {OLDEST[0]}.{OLDEST[1]} or newer"
        )
    return version


def _whole(data: bytes) -> str:
    """The chip that it is for; ValueError if it is foreign, or not all of it is there."""
    if not data or data[0] != _MAGIC:
        raise ValueError("not an image for an ESP32 (the first byte is not 0xE9)")
    number = _check_part(data, 0, "the boot loader")
    applications = _applications(data)
    if not applications:
        raise ValueError("it holds no partition table: an update, or not a whole image")
    for at in applications:
        _check_part(data, at, "the application")
    return CHIP_NUMBERS.get(number, f"chip number {number}")


def _applications(data: bytes) -> list[int]:
    found = []
    for at in range(_TABLE_AT, min(_TABLE_AT + _TABLE_BYTES, len(data)), _ROW_BYTES):
        row = data[at : at + _ROW_BYTES].ljust(_ROW_BYTES, b"\0")
        magic, kind, _, address = struct.unpack_from("<HBBI", row)
        if magic != _ROW_MAGIC:
            break
        if kind == _APPLICATION:
            found.append(address)
    # A second application's partition is empty in an image that can update itself.
    return found[:1]


def _check_part(data: bytes, start: int, what: str) -> int:
    """Checksum and hash of one program in it; the number of its chip."""
    cut_off = f"{what} is cut off: the file has {len(data)} bytes"
    if start + _HEADER_BYTES > len(data):
        raise ValueError(cut_off)
    if data[start] != _MAGIC or not 0 < data[start + 1] <= _SEGMENTS_LIMIT:
        raise ValueError(f"{what} is damaged")
    at, checksum = start + _HEADER_BYTES, _SEED
    for _ in range(data[start + 1]):
        if at + 8 > len(data):
            raise ValueError(cut_off)
        size = struct.unpack_from("<I", data, at + 4)[0]
        at += 8 + size
        if at > len(data):
            raise ValueError(cut_off)
        checksum = reduce(xor, data[at - size : at], checksum)
    end = at + 16 - (at - start) % 16
    hashed = bool(data[start + _HEADER_BYTES - 1])
    if end + _HASH_BYTES * hashed > len(data):
        raise ValueError(cut_off)
    digest = hashlib.sha256(data[start:end]).digest()
    if data[end - 1] != checksum or (hashed and data[end : end + _HASH_BYTES] != digest):
        raise ValueError(f"{what} is damaged: its checksum is wrong")
    return int(struct.unpack_from("<H", data, start + _CHIP_AT)[0])

"""An image as MicroPython's download page has them, as far as flashing can tell: made up here.

Its code is noise: what runs afterwards is the interpreter of this computer.
"""

import hashlib
import random
import struct
from functools import reduce
from operator import xor
from typing import Final

from mynah.emulator.rom.chips import Chip
from mynah.emulator.rom.flash import NorFlash

MAGIC: Final = 0xE9
TABLE_AT: Final = 0x8000
APPLICATION_AT: Final = 0x1_0000

_HEADER: Final = "<BBBBIB3sHBHH4sB"
_SEGMENT: Final = "<II"
_SEED: Final = 0xEF
_ROW: Final = "<HBBII16sI"
_ROW_MAGIC: Final = 0x50AA
_DESCRIPTION: Final = "<II8s32s32s16s16s32s32s"
_DESCRIPTION_MAGIC: Final = 0xABCD_5432
_BOOTLOADER_BYTES: Final = 12_288
_LOADED_AT: Final = 0x3FC8_8000


def micropython_image(
    chip: Chip, version: str = "v1.28.0", *, size: int = 200_000, program: str = "MicroPython"
) -> bytes:
    """Boot loader, partition table and application in one file, to be written at 0."""
    noise = random.Random(size)
    # Half of it does not compress, as code does not.
    code = b"".join(noise.randbytes(32) + bytes(32) for _ in range(size // 64))
    banner = f"{program} {version} on 2026-04-06; {chip.name}\0".encode()
    description = struct.pack(
        _DESCRIPTION,
        _DESCRIPTION_MAGIC,
        0,
        bytes(8),
        version.encode(),
        program.lower().encode(),
        b"12:00:00",
        b"Apr  6 2026",
        b"v5.5.2",
        bytes(32),
    )
    table = struct.pack(_ROW, _ROW_MAGIC, 0, 0, APPLICATION_AT, 0x1F_0000, b"factory", 0)
    boot_loader = _application(chip, [code[:_BOOTLOADER_BYTES]])
    whole = boot_loader.ljust(TABLE_AT, b"\xff") + table
    return whole.ljust(APPLICATION_AT, b"\xff") + _application(chip, [description + banner, code])


def boots(flash: NorFlash) -> bool:
    """Whether the chip would find an application there that is whole."""
    return all(_is_whole(flash, at) for at in (0, APPLICATION_AT))


def _application(chip: Chip, segments: list[bytes]) -> bytes:
    header = struct.pack(
        _HEADER, MAGIC, len(segments), 2, 0x3F, 0, 0xEE, bytes(3), chip.number, 0, 0, 999, b"", 1
    )
    body = b""
    for data in (segment.ljust(-(-len(segment) // 4) * 4, b"\0") for segment in segments):
        body += struct.pack(_SEGMENT, _LOADED_AT, len(data)) + data
    # The last byte of a block of 16 is the checksum; the hash of all comes after it.
    checksum = reduce(xor, b"".join(segments), _SEED)
    whole = header + body
    whole += bytes(15 - len(whole) % 16) + bytes([checksum])
    return whole + hashlib.sha256(whole).digest()


def _is_whole(flash: NorFlash, at: int) -> bool:
    header = struct.unpack(_HEADER, flash.read(at, struct.calcsize(_HEADER)))
    end = at + struct.calcsize(_HEADER)
    if header[0] != MAGIC:
        return False
    for _ in range(header[1]):
        _, size = struct.unpack(_SEGMENT, flash.read(end, struct.calcsize(_SEGMENT)))
        end += struct.calcsize(_SEGMENT) + size
    end += 16 - (end - at) % 16
    return end + 32 <= len(flash) and (
        flash.read(end, 32) == hashlib.sha256(flash.read(at, end - at)).digest()
    )

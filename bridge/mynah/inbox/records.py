"""An utterance's file: records, each with its length and its CRC; whatever is torn ends it. Pure.

u16 length of the body | body: kind 1, fields | u32 CRC-32 of all before it
"""

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_LENGTH: Final = struct.Struct("<H")
_CRC: Final = struct.Struct("<I")
_HEADER: Final = struct.Struct("<cBBdd")  # kind, version, codec, said, noted
_FRAME: Final = struct.Struct("<cI")
_END: Final = struct.Struct("<cBII")

VERSION: Final = 1
HEADER: Final = b"h"
FRAME: Final = b"f"
END: Final = b"e"

LONGEST_BODY: Final = 256
"""A frame has 168 bytes. So torn bytes cost little to try: 0.5 MB of nonsense half a second."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended, as the ring says in END or PASTEND."""

    verdict: int
    frames: int
    dropped: int = 0


@dataclass(slots=True)
class Kept:
    """What a file holds."""

    codec: int = 0
    said_ms: float | None = None
    """Wall clock at its first sample; None if nobody knows."""
    noted_ms: float = 0.0
    """Wall clock when this computer first heard of it."""
    frames: dict[int, bytes] = field(default_factory=dict)
    ending: Ending | None = None


def header(codec: int, said_ms: float | None, noted_ms: float) -> bytes:
    """The first record."""
    said = math.nan if said_ms is None else said_ms
    return _record(_HEADER.pack(HEADER, VERSION, codec, said, noted_ms))


def frame(index: int, data: bytes) -> bytes:
    """A frame, in any order."""
    return _record(_FRAME.pack(FRAME, index) + data)


def end(ending: Ending) -> bytes:
    """The last record."""
    return _record(_END.pack(END, ending.verdict, ending.frames, ending.dropped))


def read(file: bytes) -> Kept | None:
    """All that is whole, whatever was torn between; None without a header."""
    bodies = _bodies(file)
    kept = _begin(next(bodies, b""))
    if kept is not None:
        for body in bodies:
            _take(kept, body)
    return kept


def _begin(body: bytes) -> Kept | None:
    if body[:1] != HEADER or len(body) != _HEADER.size:
        return None
    _, version, codec, said, noted_ms = _HEADER.unpack(body)
    return Kept(codec, None if math.isnan(said) else said, noted_ms) if version == VERSION else None


def _take(kept: Kept, body: bytes) -> None:
    kind = body[:1]
    if kind == FRAME and len(body) >= _FRAME.size:
        kept.frames[_FRAME.unpack_from(body)[1]] = body[_FRAME.size :]
    elif kind == END and len(body) == _END.size:
        kept.ending = Ending(*_END.unpack(body)[1:])


def _record(body: bytes) -> bytes:
    sized = _LENGTH.pack(len(body)) + body
    return sized + _CRC.pack(zlib.crc32(sized))


def _bodies(file: bytes) -> Iterator[bytes]:
    place = 0
    while place + _LENGTH.size < len(file):
        length = _LENGTH.unpack_from(file, place)[0]
        end_of_body = place + _LENGTH.size + length
        crc = file[end_of_body : end_of_body + _CRC.size]
        if length <= LONGEST_BODY and crc == _CRC.pack(zlib.crc32(file[place:end_of_body])):
            yield file[place + _LENGTH.size : end_of_body]
            place = end_of_body + _CRC.size
        else:
            place += 1  # torn: the next whole record is found by trying

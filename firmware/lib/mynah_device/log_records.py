"""How an utterance lies in flash: a file of records, each with its CRC and its length.

    CRC-32 u32 | length u16 | kind u8 | payload        little endian; the CRC is of all behind it

A file is a START, frames, and an END. The power may go at any byte of it, so a file without an END
ends where something does not check. All frames have the same length: one is found by its number.
"""

import binascii
import struct

from .memory import BODY_BYTES

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview

START = 1
FRAME = 2
END = 3

HEAD_BYTES = 7
OWNER_BYTES = 4
_CRC_BYTES = 4
_START = "<4sIHBI"  # owner, boot id, stream, codec, ring clock at the first sample
_END = "<BII"  # verdict, frames on the sample clock, frames that the ring lost
START_BYTES = HEAD_BYTES + 15
FRAME_BYTES = HEAD_BYTES + BODY_BYTES  # index 4, data 163
END_BYTES = HEAD_BYTES + 9


class Start:
    """Who said it to whom, and when."""

    def __init__(
        self, owner: bytes, boot_id: int, stream: int, codec: int, started_ms: int
    ) -> None:
        self.owner = owner
        self.boot_id = boot_id
        self.stream = stream
        self.codec = codec
        self.started_ms = started_ms


def start_record(start: Start) -> bytes:
    """The first record of a file; small enough for a directory's own block."""
    return _record(
        START,
        struct.pack(
            _START, start.owner, start.boot_id, start.stream, start.codec, start.started_ms
        ),
    )


def end_record(verdict: int, frames: int, lost: int) -> bytes:
    """The last one."""
    return _record(END, struct.pack(_END, verdict, frames, lost))


def seal_frame(buffer: bytearray, at: int) -> int:
    """Complete the record of a frame whose index and data are there behind its head; its end."""
    end = at + FRAME_BYTES
    struct.pack_into("<HB", buffer, at + _CRC_BYTES, FRAME_BYTES, FRAME)
    crc = binascii.crc32(memoryview(buffer)[at + _CRC_BYTES : end])
    struct.pack_into("<I", buffer, at, crc)
    return end


def read_start(data: "Buffer") -> "Start | None":
    """The START at the beginning of a file, None if it is torn or none."""
    if not _is_whole(data, 0, START, START_BYTES):
        return None
    owner, boot_id, stream, codec, started_ms = struct.unpack_from(_START, data, HEAD_BYTES)
    return Start(bytes(owner), boot_id, stream, codec, started_ms)


def read_end(data: "Buffer") -> "tuple[int, int, int] | None":
    """Verdict, frames and lost frames of the END that `data` is, None if it is none."""
    if len(data) != END_BYTES or not _is_whole(data, 0, END, END_BYTES):
        return None
    verdict, frames, lost = struct.unpack_from(_END, data, HEAD_BYTES)
    return verdict, frames, lost


def is_frame(data: "Buffer", at: int) -> bool:
    """Whether a whole frame lies there; its index and data are behind its head."""
    return _is_whole(data, at, FRAME, FRAME_BYTES)


def frame_place(number: int) -> int:
    """Where in its file the record of a frame begins; the number counts those that were kept."""
    return START_BYTES + number * FRAME_BYTES


def _record(kind: int, payload: bytes) -> bytes:
    body = struct.pack("<HB", HEAD_BYTES + len(payload), kind) + payload
    return struct.pack("<I", binascii.crc32(body)) + body


def _is_whole(data: "Buffer", at: int, kind: int, size: int) -> bool:
    if len(data) < at + size or data[at + _CRC_BYTES + 2] != kind:
        return False
    crc, length = struct.unpack_from("<IH", data, at)
    if length != size:
        return False
    return bool(binascii.crc32(memoryview(data)[at + _CRC_BYTES : at + size]) == crc)

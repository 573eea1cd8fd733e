"""The ring's log: its newest lines, numbered for ever, and packed so that they outlive a reset.

It says what the ring did, never what anybody said: no words, no keys.
"""

import binascii
import struct
from collections import deque

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

MOST_LINES = 48  # 5 kB at most; half a day of links and faults, days of sleep
LINE_BYTES = 96  # one record on any link that carries speech
PACKED_BYTES = 1536  # of the 2048 that a chip's RTC memory holds: 20 to 40 lines
_HEAD = "<IHI"  # CRC-32 of what follows; the lines' bytes; the number of the next line
_CRC_BYTES = 4
_HEAD_BYTES = 10


class Journal:
    """Lines come in by `note`; whoever wants them asks for one by its number."""

    def __init__(self, packed: bytes = b"") -> None:
        """`packed` is what `pack` gave before the reset; anything else is as nothing."""
        self.next_number = 0
        self._lines: "deque[bytes]" = deque((), MOST_LINES)
        self.on_note: "Callable[[], None]" = _nothing  # called after every line
        self._unpack(packed)

    def note(self, text: str, now_ms: int) -> None:
        """Write a line, with the ring's clock."""
        line = "%d.%d s %s" % (now_ms // 1000, now_ms % 1000 // 100, text)
        self._lines.append(cut(line, LINE_BYTES))
        self.next_number += 1
        self.on_note()

    @property
    def newest(self) -> str:
        """The last line."""
        return self._lines[-1].decode() if self._lines else ""

    def forget(self) -> None:
        """Another owner, or the owner's wish: when somebody was here is nobody else's business."""
        self._lines = deque((), MOST_LINES)
        self.on_note()

    def line(self, number: int) -> "tuple[int, bytes] | None":
        """That line, or the first after it that is still here, with its number."""
        oldest = self.next_number - len(self._lines)
        number = max(number, oldest)
        return None if number >= self.next_number else (number, self._lines[number - oldest])

    def pack(self) -> bytes:
        """The newest lines, as many as fit."""
        packed, room = [], PACKED_BYTES - _HEAD_BYTES
        for text in reversed(list(self._lines)):
            room -= 1 + len(text)
            if room < 0:
                break
            packed.append(bytes((len(text),)) + text)
        lines = b"".join(reversed(packed))
        whole = struct.pack(_HEAD, 0, len(lines), self.next_number) + lines
        return struct.pack("<I", binascii.crc32(whole[_CRC_BYTES:])) + whole[_CRC_BYTES:]

    def _unpack(self, packed: bytes) -> None:
        if len(packed) < _HEAD_BYTES:
            return
        crc, size, next_number = struct.unpack_from(_HEAD, packed, 0)
        end = _HEAD_BYTES + size
        if crc != binascii.crc32(packed[_CRC_BYTES:end]):
            return  # the power was gone: RTC memory holds anything then
        self.next_number = next_number
        at = _HEAD_BYTES
        while at < end:
            size = packed[at]
            self._lines.append(packed[at + 1 : at + 1 + size])
            at += 1 + size


def cut(text: str, most_bytes: int) -> bytes:
    """A text in UTF-8, shortened to that length, never inside a letter."""
    data = text.encode()
    while len(data) > most_bytes:
        text = text[:-1]
        data = text.encode()
    return data


def _nothing() -> None:
    """Nobody keeps it."""

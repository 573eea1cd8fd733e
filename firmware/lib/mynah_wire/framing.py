"""Records on a byte stream that carries lines of text too: a serial console.

    NUL  escaped record and CRC-32  NUL        a line of text  LF

A frame holds no NUL and no LF, so either ends what came before it: wherever a reader begins, and
whatever noise does, it is right again after the next one. It holds no ETX either, at which
MicroPython's console interrupts the program. That is why it is not COBS, which can keep out one
value only; and replacing is native code in both interpreters, where COBS is a loop over every byte.
"""

import binascii

from .gatt import BEST_MTU, record_limit

HANG_UP = b""  # the empty record: the sender's connection is over
CRC_BYTES = 4
LIMIT_BYTES = 2 * (record_limit(BEST_MTU) + CRC_BYTES)  # the longest frame, all of it escaped
LINES = 32  # of text that nobody has taken yet

_NUL = b"\x00"
_LF = b"\n"
_ESCAPE = b"\x1b"
# In this order when escaping: what stands for a byte begins with the first of them.
_ESCAPES = ((_ESCAPE, b"\x1b;"), (_NUL, b"\x1b "), (b"\x03", b"\x1b#"), (_LF, b"\x1b*"))


def frame(record: "bytes | bytearray | memoryview") -> bytes:
    """A record as it goes over the cable."""
    body = bytes(record)
    body += binascii.crc32(body).to_bytes(CRC_BYTES, "little")
    for plain, escaped in _ESCAPES:
        body = body.replace(plain, escaped)
    return _NUL + body + _NUL


def _unframe(body: bytes) -> "bytes | None":
    # The escape itself last: what it stands for must not begin another.
    for plain, escaped in reversed(_ESCAPES):
        body = body.replace(escaped, plain)
    end = len(body) - CRC_BYTES
    if end < 0 or binascii.crc32(body[:end]) != int.from_bytes(body[end:], "little"):
        return None
    return body[:end]


class Deframer:
    """Bytes in, in any pieces; records out, and the lines of text between them."""

    def __init__(self) -> None:
        self.dropped = 0  # what was neither a frame nor a line, since the beginning
        self._pending = b""
        self._overlong = False  # its beginning was thrown away: so is its end
        self._lines: "list[str]" = []

    def feed(self, data: bytes) -> "list[bytes]":
        """The records that these bytes complete."""
        records = []
        pieces = (self._pending + data).split(_NUL)
        last = pieces.pop()
        for piece in pieces:
            body = self._without_lines(piece)
            record = None if self._overlong else _unframe(body)
            self._overlong = False
            if record is not None:
                records.append(record)
            elif body:
                self.dropped += 1
        self._pending = self._without_lines(last)
        if len(self._pending) > LIMIT_BYTES:
            self._pending = _ESCAPE  # so that its end, once it comes, is counted
            self._overlong = True
        return records

    def take_lines(self) -> "list[str]":
        """The lines of text since the last call, without their ends."""
        lines = self._lines
        self._lines = []
        return lines

    def _without_lines(self, piece: bytes) -> bytes:
        """Keep the whole lines in a piece without NUL; what comes after them."""
        lines = piece.split(_LF)
        rest = lines.pop()
        for line in lines:
            self._keep_line(line)
        return rest

    def _keep_line(self, line: bytes) -> None:
        whole = not self._overlong and len(line) <= LIMIT_BYTES and len(self._lines) < LINES
        self._overlong = False
        try:
            text = line.decode() if whole else None
        except UnicodeError:
            text = None
        if text is None:
            self.dropped += 1
        else:
            self._lines.append(text.rstrip("\r"))

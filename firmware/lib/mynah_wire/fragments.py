"""Control messages longer than a record travel in fragments; audio never does.

    kind | FRAGMENT 1    index | MORE 1    piece n

All fragments but the last have the MORE bit. Messages of other kinds may come between, another
message in fragments may not. If any record of the direction was lost since the first fragment, the
message is given up: a hole is never glued shut.
"""

from .errors import LocalError, MalformedError

KIND_MASK = 0x7F
FRAGMENT = 0x80  # in the kind: a fragment's header follows
MORE = 0x80  # in the index: not the last
HEADER_BYTES = 2
MESSAGE_LIMIT_BYTES = 1024  # a peer can make us hold no more than this


def split(plaintext: bytes, room: int) -> "list[bytes]":
    """Cut kind + body into plaintexts of at most `room` bytes each."""
    if len(plaintext) <= room:
        return [plaintext]
    step = room - HEADER_BYTES
    if len(plaintext) > MESSAGE_LIMIT_BYTES or step * KIND_MASK < len(plaintext):
        raise LocalError(
            "a message of %d bytes does not fit records of %d" % (len(plaintext), room)
        )
    pieces = []
    for index, position in enumerate(range(1, len(plaintext), step)):
        more = MORE if position + step < len(plaintext) else 0
        header = bytes((plaintext[0] | FRAGMENT, index | more))
        pieces.append(header + plaintext[position : position + step])
    return pieces


class Reassembler:
    """Puts one direction's fragments together again."""

    def __init__(self) -> None:
        self._kind = -1
        self._next_index = 0
        self._body = b""
        self._missed = 0

    def feed(self, plaintext: "bytes | memoryview", missed: int) -> "tuple[int, bytes] | None":
        """A plaintext in; (kind, body) out when a message is whole, else None.

        `missed` is the opener's count of lost records: when it moves, what is held is given up.
        """
        if len(plaintext) == 0:
            raise MalformedError("an empty plaintext")
        kind = plaintext[0] & KIND_MASK
        if not plaintext[0] & FRAGMENT:
            return kind, bytes(plaintext[1:])
        if len(plaintext) < HEADER_BYTES:
            raise MalformedError("a fragment of kind 0x%02x without its index" % kind)
        return self._feed_fragment(kind, plaintext[1], bytes(plaintext[HEADER_BYTES:]), missed)

    def _feed_fragment(
        self, kind: int, index: int, piece: bytes, missed: int
    ) -> "tuple[int, bytes] | None":
        if index & KIND_MASK == 0:
            self._kind, self._body, self._next_index, self._missed = kind, b"", 0, missed
        expected = kind == self._kind and index & KIND_MASK == self._next_index
        if not expected or missed != self._missed:
            self._give_up()
            return None
        if 1 + len(self._body) + len(piece) > MESSAGE_LIMIT_BYTES:
            self._give_up()
            raise MalformedError("message 0x%02x grew past 1024 bytes" % kind)
        self._body += piece
        self._next_index += 1
        if index & MORE:
            return None
        self._kind = -1
        return kind, self._body

    def _give_up(self) -> None:
        self._kind, self._body = -1, b""

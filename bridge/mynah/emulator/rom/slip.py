"""SLIP (RFC 1055), as the chip's boot ROM frames its packets."""

from typing import Final

END: Final = b"\xc0"
_ESCAPE: Final = b"\xdb"
_ESCAPED_END: Final = b"\xdb\xdc"
_ESCAPED_ESCAPE: Final = b"\xdb\xdd"


def packed(packet: bytes) -> bytes:
    """A packet as it goes over the wire."""
    return END + packet.replace(_ESCAPE, _ESCAPED_ESCAPE).replace(END, _ESCAPED_END) + END


class Unpacker:
    """Bytes in, in any pieces; packets out."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The packets that these bytes complete."""
        *whole, self._pending = (self._pending + data).split(END)
        return [_plain(piece) for piece in whole if piece]


def _plain(piece: bytes) -> bytes:
    # The escape itself last: what it stands for must not begin another.
    return piece.replace(_ESCAPED_END, END).replace(_ESCAPED_ESCAPE, _ESCAPE)

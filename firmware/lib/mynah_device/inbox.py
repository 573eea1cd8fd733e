"""What came of a long transfer and waits to be used."""

JOINED_BYTES = 256  # below it a piece's own bytes are few beside what the heap takes for each


class Inbox:
    """Bytes in the pieces they came in: a heap in use has no room for long ones to grow in."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: "list[bytes]" = []

    def put(self, data: bytes) -> None:
        """Behind all others."""
        if not data:
            return
        if self._pieces and len(self._pieces[-1]) + len(data) <= JOINED_BYTES:
            self._pieces[-1] += data
        else:
            self._pieces.append(data)
        self.size += len(data)

    def first(self, count: int) -> bytes:
        """A few, which stay."""
        data = b""
        for piece in self._pieces:
            if len(data) >= count:
                break
            data += piece[:count]
        return data[:count]

    def take(self, count: int) -> "list[bytes]":
        """The first of them, no more than there are."""
        taken: "list[bytes]" = []
        while count and self._pieces:
            piece = self._pieces.pop(0)
            if len(piece) > count:
                self._pieces.insert(0, piece[count:])
                piece = piece[:count]
            taken.append(piece)
            count -= len(piece)
            self.size -= len(piece)
        return taken

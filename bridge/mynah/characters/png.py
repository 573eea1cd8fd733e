"""PNG and APNG as a row of chunks, with what cards keep in their text chunks. No pixel is read."""

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mynah.errors import UserError

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"

_HEAD: Final = struct.Struct(">I4s")
_CHECKSUM: Final = struct.Struct(">I")
_TEXT: Final = b"tEXt"
_END: Final = b"IEND"


@dataclass(frozen=True, slots=True)
class Chunk:
    """As it stands in the file, its length and checksum included."""

    kind: bytes
    whole: bytes

    @property
    def data(self) -> bytes:
        return self.whole[_HEAD.size : -_CHECKSUM.size]

    @property
    def keyword(self) -> str:
        """Of a text chunk, in lower case as programs compare it; else empty."""
        return self.data.partition(b"\0")[0].decode("latin-1").lower() if self.is_text else ""

    @property
    def is_text(self) -> bool:
        return self.kind == _TEXT


@dataclass(frozen=True, slots=True)
class Png:
    """A picture, taken apart."""

    chunks: tuple[Chunk, ...]
    tail: bytes
    """What follows the picture's end: nothing, or what somebody hid there."""
    whole: bool
    """False if the file was cut off."""

    def texts(self, keyword: str) -> list[bytes]:
        """What the text chunks of that name hold, as they stand."""
        return [chunk.data.partition(b"\0")[2] for chunk in self.chunks if chunk.keyword == keyword]

    def text_chunks(self) -> Iterator[tuple[str, bytes]]:
        """Every text chunk: its name as written, and what it holds."""
        for chunk in self.chunks:
            if chunk.is_text:
                name, _, content = chunk.data.partition(b"\0")
                yield name.decode("latin-1"), content

    def with_texts(self, texts: dict[str, bytes], without: frozenset[str] = frozenset()) -> bytes:
        """The file with these text chunks, and no others of their names or those in `without`."""
        stale = frozenset(texts) | without
        fresh = [_chunk(_TEXT, name.encode("latin-1") + b"\0" + it) for name, it in texts.items()]
        kept = [chunk for chunk in self.chunks if chunk.kind != _END]
        first = next((at for at, each in enumerate(kept) if each.keyword in stale), len(kept))
        before, after = kept[:first], [each for each in kept[first:] if each.keyword not in stale]
        row = [*before, *fresh, *after, _chunk(_END, b"")]
        return SIGNATURE + b"".join(chunk.whole for chunk in row) + self.tail


def parse(content: bytes) -> Png:
    """UserError if it is no PNG; one that was cut off is read as far as it goes."""
    if not content.startswith(SIGNATURE):
        raise UserError("not a PNG picture")
    chunks: list[Chunk] = []
    at = len(SIGNATURE)
    while at + _HEAD.size + _CHECKSUM.size <= len(content):
        length, kind = _HEAD.unpack_from(content, at)
        end = at + _HEAD.size + length + _CHECKSUM.size
        if end > len(content):
            break
        chunks.append(Chunk(kind, content[at:end]))
        at = end
        if kind == _END:
            return Png(tuple(chunks), content[at:], whole=True)
    return Png(tuple(chunks), b"", whole=False)


def packed(content: bytes) -> bytes:
    """As cards keep their words in a text chunk."""
    return base64.b64encode(content)


def unpacked(content: bytes, what: str) -> bytes:
    """The reverse; UserError if `what` is not base64. Line ends and lost padding are forgiven."""
    bare = b"".join(content.split()).rstrip(b"=")
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
    except binascii.Error as error:
        raise UserError(f"{what}: not base64: {error}") from error


def plain(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A picture of one colour, for who has no portrait."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes(colour) * width) * height, 9)
    row = [_chunk(b"IHDR", head), _chunk(b"IDAT", rows), _chunk(_END, b"")]
    return SIGNATURE + b"".join(chunk.whole for chunk in row)


def _chunk(kind: bytes, data: bytes) -> Chunk:
    checksum = _CHECKSUM.pack(zlib.crc32(kind + data))
    return Chunk(kind, _HEAD.pack(len(data), kind) + data + checksum)

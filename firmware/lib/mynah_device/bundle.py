"""An update as it travels: a signed head that lists every file, then the files.

    head            magic, size of the head, build, architecture, boards, files: see `Head`
    32 bytes        the public key of who signed
    64 bytes        Ed25519 over SIGNED and the head's SHA-256
    files           one after the other, in the head's order, nothing between

Numbers are little-endian; a text is its length in one byte, then ASCII. Nothing of a file is
written before the signature holds, and then only what the head lists.
"""

import hashlib
import struct

from .ed25519 import KEY_BYTES, SIGNATURE_BYTES

MAGIC = b"mynahup1"  # the product, and the version of this format
SIGNED = b"mynah update 1"  # with a SHA-256 behind it: one block of SHA-512
SEAL_BYTES = KEY_BYTES + SIGNATURE_BYTES
START_BYTES = 16  # what tells how long the head is
HEAD_LIMIT_BYTES = 12_288  # three blocks of flash; RAM holds it while it is checked
FILE_LIMIT_BYTES = 65_536
BUNDLE_LIMIT_BYTES = 524_288  # two slots of this leave half of the smallest file system to speech
FILES_LIMIT = 160
PATH_LIMIT_BYTES = 48
DEPTH_LIMIT = 4
SOURCE = "source"  # the architecture of a bundle that any interpreter compiles for itself

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_"
_KINDS = ("mpy", "py")
_SPACE, _DELETE = 0x20, 0x7F  # between them is what ASCII can print
_APPLICATIONS = ("app.mpy", "app.py")


class BundleError(ValueError):
    """No head of ours; the message has at most 64 characters."""


class File:
    """One that is to lie in the slot."""

    def __init__(self, path: str, size: int, sha256: bytes) -> None:
        self.path = path
        self.size = size
        self.sha256 = sha256


class Head:
    """What a bundle holds, and for whom."""

    def __init__(
        self, build: int, architecture: str, boards: "list[str]", files: "list[File]"
    ) -> None:
        self.build = build
        self.architecture = architecture
        self.boards = boards
        self.files = files

    @property
    def files_bytes(self) -> int:
        """What all of them take."""
        return sum([file.size for file in self.files])


def head_bytes(start: bytes) -> int:
    """How long the head is that begins so, its seal not counted."""
    if len(start) < START_BYTES:
        raise BundleError("the head is cut short")
    size = int.from_bytes(start[8:12], "little")
    if start[:8] != MAGIC:
        raise BundleError("no update for this ring: it begins otherwise")
    if not START_BYTES < size <= HEAD_LIMIT_BYTES:
        raise BundleError("a head of %d bytes; at most %d" % (size, HEAD_LIMIT_BYTES))
    return size


def signed_part(head: "list[bytes]") -> bytes:
    """What the signature is over; the head may come in any pieces."""
    digest = hashlib.sha256()
    for piece in head:
        digest.update(piece)
    return SIGNED + digest.digest()


def encode(head: Head) -> bytes:
    """The head's bytes."""
    body = bytearray(_text(head.architecture))
    body.append(len(head.boards))
    for board in head.boards:
        body += _text(board)
    body += struct.pack("<H", len(head.files))
    for file in head.files:
        body += _text(file.path) + struct.pack("<I", file.size) + file.sha256
    return struct.pack("<8sII", MAGIC, START_BYTES + len(body), head.build) + bytes(body)


def decode(pieces: "list[bytes]") -> Head:
    """The head in exactly these bytes; BundleError for whatever is not as it should be."""
    reader = _Reader(pieces)
    start = reader.take(START_BYTES)
    if head_bytes(start) != sum([len(piece) for piece in pieces]):
        raise BundleError("the head is cut short")
    architecture = reader.text()
    boards = [reader.text() for _ in range(reader.number(1))]
    files: "list[File]" = []
    for _ in range(reader.number(2)):
        files.append(File(reader.text(), reader.number(4), reader.take(32)))
    if reader.more():
        raise BundleError("the head holds more than it says")
    head = Head(int.from_bytes(start[12:], "little"), architecture, boards, files)
    _check(head)
    return head


def _check(head: Head) -> None:
    paths = [file.path for file in head.files]
    if len(paths) > FILES_LIMIT:
        raise BundleError("%d files; at most %d" % (len(paths), FILES_LIMIT))
    if len(set(paths)) != len(paths):
        raise BundleError("it holds a file twice")
    if not any(name in paths for name in _APPLICATIONS):
        raise BundleError("it holds no app")
    for file in head.files:
        if not is_safe(file.path):
            raise BundleError("not a path for a slot: %s" % file.path[:32])
        if not 0 < file.size <= FILE_LIMIT_BYTES:
            raise BundleError("%d bytes in %s" % (file.size, file.path[-32:]))
    if head.files_bytes > BUNDLE_LIMIT_BYTES:
        raise BundleError("%d bytes; at most %d" % (head.files_bytes, BUNDLE_LIMIT_BYTES))


def is_safe(path: str) -> bool:
    """Whether it names a module below the slot: nothing absolute or upwards, no odd letter."""
    folders, _, kind = path.rpartition(".")
    names = folders.split("/")
    if kind not in _KINDS or len(path) > PATH_LIMIT_BYTES or len(names) > DEPTH_LIMIT:
        return False
    return all(name and all(letter in _LETTERS for letter in name) for name in names)


def _text(text: str) -> bytes:
    data = text.encode()
    return bytes((len(data),)) + data


class _Reader:
    """Bytes in pieces, from the front; BundleError at their end."""

    def __init__(self, pieces: "list[bytes]") -> None:
        self._pieces = pieces
        self._index = 0
        self._at = 0  # in the piece

    def more(self) -> bool:
        return self._index < len(self._pieces)

    def take(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count:
            if not self.more():
                raise BundleError("the head is cut short")
            piece = self._pieces[self._index]
            data = piece[self._at : self._at + count - len(taken)]
            taken += data
            self._at += len(data)
            if self._at == len(piece):
                self._index, self._at = self._index + 1, 0
        return taken

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "little")

    def text(self) -> str:
        data = self.take(self.number(1))
        if any(not _SPACE < byte < _DELETE for byte in data):
            raise BundleError("a name that is not ASCII")
        return data.decode()

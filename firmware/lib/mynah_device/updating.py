"""An update, from its OFFER to the restart: what is taken, what is refused, what the flash does.

It fills the slot that does not run. While a file `part` lies there the loader does not start it;
when everything in it is as signed, `part` becomes `head` by one rename, and then one number in NVS
has the slot tried once. So the power may go between any two jobs.
"""

import hashlib
from collections import deque

from mynah_wire import making
from mynah_wire.message import Message

from .bundle import (
    HEAD_LIMIT_BYTES,
    SEAL_BYTES,
    SOURCE,
    START_BYTES,
    BundleError,
    File,
    Head,
    decode,
    head_bytes,
    signed_part,
)
from .ed25519 import KEY_BYTES, checking
from .inbox import Inbox
from .slot_jobs import READ, RENAME, RESTART, ROOM, SIZE, STEP, TRY, WIPE, WRITE, Job

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    Work = Generator["Job", Any, None]

PIECE_BYTES = 4096  # a block of flash: what is written, and told, at once
WINDOW_BYTES = 2 * PIECE_BYTES  # so far may a host be ahead of what it was told
PART = "part"
HEAD = "head"

_SHA256_BYTES = 32
_READ_BYTES = 1024  # at once: a heap in use has no long room
_NEWS_LIMIT = 8
_FILE_OVERHEAD_BYTES = PIECE_BYTES  # LittleFS: the last block half full, and a share of a folder's
_IDLE, _HEAD, _FILES, _WHOLE, _CHECKING = range(5)


class Place:
    """Where this runs, and whom it trusts."""

    def __init__(
        self,
        build: int,
        architecture: str,
        board: str,
        folders: "tuple[str, str]",
        keys: "list[bytes]",
    ) -> None:
        """`folders` are those of the slot that runs and of the other, empty where there is none."""
        self.build = build
        self.architecture = architecture
        self.board = board
        self.running, self.spare = folders
        self.keys = keys


class Updating:
    """Messages come in by `take`, jobs out by `next`, and what the host shall hear by `news`."""

    def __init__(self, place: Place) -> None:
        self.refused = 0  # since boot
        self.news: "deque[tuple[int, int, int, str]]" = deque((), _NEWS_LIMIT)
        self._place = place
        self._offer: "making.Offer | None" = None
        self._state = _IDLE
        self._head: "Head | None" = None
        self._head_bytes = 0  # with its seal
        self._at = 0  # bytes of the bundle that are in flash
        self._inbox = Inbox()  # what follows them
        self._gap = False  # the host was told that something is missing
        self._work: "Work | None" = None
        self._begun = False

    def take(self, message: Message, hindrance: str = "") -> None:
        """An OFFER, a BLOCK or an INSTALL; `hindrance` is why none may begin now, or empty."""
        if isinstance(message, making.Block):
            self._take_block(message)
        elif isinstance(message, making.Offer):
            self._take_offer(message, hindrance)
        elif isinstance(message, making.Install):
            self._take_install(message, hindrance)

    def next(self, result: "Any" = None) -> "Job | None":
        """The next job, given what the last one gave; None if there is nothing to do."""
        while True:
            if self._work is None:
                self._work, self._begun = self._due(), False
                if self._work is None:
                    return None
            begun, self._begun = self._begun, True
            try:
                return self._work.send(result if begun else None)
            except StopIteration:
                self._work = None
            except BundleError as error:
                self._refuse(str(error))

    def failed(self, why: str) -> None:
        """The job could not be done: what is in flash stays, for the next OFFER."""
        self._refuse(why)

    def _take_offer(self, offer: making.Offer, hindrance: str) -> None:
        if self._state != _IDLE and self._is_known(offer):
            self._offer = offer
            self._gap = False
            state = making.TAKING
            if self._state in (_WHOLE, _CHECKING):
                state = making.COMPLETE if self._state == _WHOLE else making.CHECKING
            self._tell(state, self._expected)
            return
        self._offer = offer
        if hindrance:
            self._refuse(hindrance)
        else:
            self._restart(self._begin(offer))

    def _is_known(self, offer: making.Offer) -> bool:
        # In all that was checked of the one before, or it would pass for something else.
        known = self._offer
        return (
            known is not None
            and known.sha256 == offer.sha256
            and known.build == offer.build
            and known.size == offer.size
        )

    def _take_install(self, install: making.Install, hindrance: str) -> None:
        if self._offer is None or self._state != _WHOLE:
            self._count(install.token, "nothing is here to install: offer it first")
        elif hindrance:
            self._count(install.token, hindrance)
        else:
            self._restart(self._install())

    def _take_block(self, block: making.Block) -> None:
        taking = self._offer is not None and self._state in (_HEAD, _FILES)
        room = WINDOW_BYTES + (HEAD_LIMIT_BYTES if self._state == _HEAD else 0)
        fits = self._inbox.size + len(block.data) <= room
        if not taking or block.offset != self._expected or not fits:
            if taking and not self._gap:
                self._tell(making.TAKING, self._expected, "out of order")
            self._gap = True
            return
        self._gap = False
        before = self._inbox.size
        self._inbox.put(block.data)
        another = before // PIECE_BYTES != self._inbox.size // PIECE_BYTES
        if self._state == _HEAD and another and not self._holds_head():
            self._tell(making.TAKING, self._expected)

    @property
    def _expected(self) -> int:
        return self._at + self._inbox.size

    def _restart(self, work: "Work") -> None:
        self._work, self._begun = work, False

    def _due(self) -> "Work | None":
        offer = self._offer
        if self._state == _HEAD and offer is not None:
            return self._due_head(offer)
        if self._state != _FILES or offer is None or not self._inbox.size:
            return None
        full = self._inbox.size >= PIECE_BYTES or self._expected == offer.size
        return self._store(offer) if full else None

    def _holds_head(self) -> bool:
        # Then no more is asked for: while it is checked nothing can be written.
        try:
            return head_bytes(self._inbox.first(START_BYTES)) + SEAL_BYTES <= self._inbox.size
        except BundleError:
            return True

    def _due_head(self, offer: making.Offer) -> "Work | None":
        if self._inbox.size < min(START_BYTES, offer.size):
            return None
        try:
            size = head_bytes(self._inbox.first(START_BYTES)) + SEAL_BYTES
        except BundleError as error:
            self._refuse(str(error))
            return None
        if size > offer.size:
            self._refuse("the head is cut short")
            return None
        return self._accept(size) if self._inbox.size >= size else None

    def _begin(self, offer: making.Offer) -> "Work":
        self._state, self._at, self._inbox, self._gap = _IDLE, 0, Inbox(), False
        place = self._place
        if not place.spare:
            raise BundleError("it has no loader: flash it by USB once")
        if not place.keys:
            raise BundleError("it trusts no key for updates yet")
        if offer.build == place.build:
            kept = yield Job(READ, place.running + "/" + HEAD, 0, _SHA256_BYTES)
            if kept != offer.sha256:
                raise BundleError("build %d runs already" % place.build)
            self._tell(making.CONFIRMED, offer.size)
            return
        if offer.build < place.build:
            raise BundleError("build %d is older than %d" % (offer.build, place.build))
        for name in (PART, HEAD):
            kept = yield Job(READ, self._path(name), 0, _SHA256_BYTES)
            if kept == offer.sha256:
                try:
                    yield from self._go_on(name)
                except BundleError:
                    break  # it was torn: from the beginning
                return
        self._state = _HEAD
        self._tell(making.TAKING, 0)

    def _go_on(self, marker: str) -> "Work":
        """With what an earlier boot, or an earlier connection, left in the slot."""
        sealed, at = Inbox(), _SHA256_BYTES
        while data := (yield Job(READ, self._path(marker), at, _READ_BYTES)):
            sealed.put(data)
            at += len(data)
            if sealed.size > HEAD_LIMIT_BYTES + SEAL_BYTES:
                raise BundleError("the head is too long")
        yield from self._check_head(sealed)
        if marker == HEAD:
            # At once: an empty `part` may lie there too, of a WIPE that the power ended.
            yield Job(RENAME, self._path(HEAD), other=self._path(PART))
        self._at = self._head_bytes
        for file in self._files():
            if (yield Job(SIZE, self._path(file.path))) != file.size:
                break  # the whole file again: who knows how it ends
            self._at += file.size
        else:
            self._state = _WHOLE
            self._tell(making.COMPLETE, self._at)
            return
        self._state = _FILES
        self._tell(making.TAKING, self._at)

    def _accept(self, size: int) -> "Work":
        """The head is here: nothing is written, and nothing given up, before it is checked."""
        sealed, pieces = Inbox(), self._inbox.take(size)
        for piece in pieces:
            sealed.put(piece)
        self._at = size
        yield from self._check_head(sealed)
        free_bytes, held_bytes = yield Job(ROOM, self._place.spare)
        wanted = sum([file.size + _FILE_OVERHEAD_BYTES for file in self._files()])
        if wanted > free_bytes + held_bytes:
            kilo = (wanted // 1024, (free_bytes + held_bytes) // 1024)
            raise BundleError("full: it takes %d KiB, %d KiB are free" % kilo)
        yield Job(WIPE, self._place.spare)
        offer = self._offer
        if offer is not None:
            yield Job(WRITE, self._path(PART), pieces=[offer.sha256] + pieces)
        self._state = _FILES
        self._tell(making.TAKING, self._at)

    def _check_head(self, sealed: Inbox) -> "Work":
        """The signature first: what nobody we know has signed is not even looked at."""
        size = head_bytes(sealed.first(START_BYTES))
        if sealed.size != size + SEAL_BYTES:
            raise BundleError("the head is cut short")
        data = sealed.take(size)
        seal = sealed.first(SEAL_BYTES)
        key = seal[:KEY_BYTES]
        if key not in self._place.keys:
            print_ = hashlib.sha256(key).digest()[:4].hex()
            raise BundleError("signed by key %s, which it does not trust" % print_)
        for verdict in checking(key, signed_part(data), seal[KEY_BYTES:]):
            if verdict is False:
                raise BundleError("the signature is wrong")
            yield Job(STEP)
        head = decode(data)
        self._head_bytes = size + SEAL_BYTES
        self._fit(head, self._head_bytes)
        self._head = head

    def _fit(self, head: Head, sealed_bytes: int) -> None:
        place, offer = self._place, self._offer
        if head.architecture not in (place.architecture, SOURCE):
            raise BundleError("made for %s, this is %s" % (head.architecture, place.architecture))
        if place.board not in head.boards:
            raise BundleError("not made for the board %s" % place.board)
        if offer is None or head.build != offer.build:
            raise BundleError("offered as another build than %d" % head.build)
        # Again, and of what is signed: an OFFER is anybody's word who has the link's key.
        if head.build <= place.build:
            raise BundleError("build %d is not newer than %d" % (head.build, place.build))
        if sealed_bytes + head.files_bytes != offer.size:
            raise BundleError("%d bytes do not fit its head" % offer.size)

    def _store(self, offer: making.Offer) -> "Work":
        while self._inbox.size and (
            self._inbox.size >= PIECE_BYTES or self._expected == offer.size
        ):
            file, at = self._file_at(self._at)
            count = min(PIECE_BYTES - at % PIECE_BYTES, file.size - at, self._inbox.size)
            pieces = self._inbox.take(count)
            self._at += count
            yield Job(WRITE, self._path(file.path), at, pieces=pieces)
        if self._at < offer.size:
            self._tell(making.TAKING, self._at)
        else:
            self._state = _WHOLE
            self._tell(making.COMPLETE, self._at)

    def _install(self) -> "Work":
        self._state = _CHECKING
        self._tell(making.CHECKING, self._at)
        whole = hashlib.sha256()
        yield from self._hash(PART, _SHA256_BYTES, self._head_bytes, (whole,))
        for file in self._files():
            digest = hashlib.sha256()
            yield from self._hash(file.path, 0, file.size, (digest, whole))
            if digest.digest() != file.sha256:
                yield from self._spoil("%s is not what was signed" % file.path[-40:])
        sha256 = whole.digest()
        if self._offer is None or sha256 != self._offer.sha256:
            yield from self._spoil("it is not what was offered")
        yield Job(RENAME, self._path(PART), other=self._path(HEAD))
        kept = yield Job(READ, self._path(HEAD), 0, _SHA256_BYTES)
        if kept != sha256:
            raise BundleError("its flash lost the head: offer it again")
        if not (yield Job(TRY)):
            raise BundleError("its NVS takes nothing: flash it by USB")
        self._tell(making.INSTALLED, self._at)
        yield Job(RESTART)
        self._state = _IDLE

    def _hash(self, name: str, first: int, size: int, digests: "tuple[Any, ...]") -> "Work":
        """So many bytes of a file."""
        for at in range(0, size, _READ_BYTES):
            count = min(_READ_BYTES, size - at)
            data = yield Job(READ, self._path(name), first + at, count)
            for digest in digests:
                digest.update(data)

    def _spoil(self, why: str) -> "Work":
        """What lies there is no good, whoever is to blame: the next OFFER begins anew."""
        yield Job(WRITE, self._path(PART))
        raise BundleError(why)

    def _files(self) -> "list[File]":
        return [] if self._head is None else self._head.files

    def _file_at(self, offset: int) -> "tuple[File, int]":
        at = offset - self._head_bytes
        for file in self._files():
            if at < file.size:
                return file, at
            at -= file.size
        raise BundleError("no file lies at %d" % offset)

    def _path(self, name: str) -> str:
        return self._place.spare + "/" + name

    def _tell(self, state: int, offset: int, detail: str = "") -> None:
        token = 0 if self._offer is None else self._offer.token
        self.news.append((token, state, offset, detail))

    def _refuse(self, why: str) -> None:
        self._work, self._state, self._head, self._at = None, _IDLE, None, 0
        self._inbox = Inbox()
        self._count(0 if self._offer is None else self._offer.token, why)

    def _count(self, token: int, why: str) -> None:
        self.refused += 1
        self.news.append((token, making.REFUSED, 0, why))

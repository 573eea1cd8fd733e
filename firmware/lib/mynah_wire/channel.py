"""One connection, either end: handshake, then sealed messages. No I/O, no clock; use it once.

Records in, messages and records out. The table at the top is the whole of the handshake: what it
does not list is skipped and counted, and changes nothing.
"""

from .errors import ForgedError, LocalError, MalformedError
from .fragments import Reassembler, split
from .gatt import AUDIO_MTU, PROTOCOL_VERSION, record_limit
from .handshake import (
    HOST,
    NONCE_BYTES,
    REFUSED_KEY,
    REFUSED_NO_KEY,
    RING,
    Hello,
    Proof,
    Refuse,
    decode_plain,
    proof,
    refusal_of,
    refused,
    session_keys,
)
from .keys import same
from .kinds import FROM_HOST, FROM_RING, decode
from .message import Message, encode
from .record import COUNTER_BYTES, OVERHEAD_BYTES, SEALED, Aead, Opener, Sealer
from .uplink import Audio

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

SILENT = "silent"  # nothing was said
GREETED = "greeted"  # our HELLO is out
PROVING = "proving"  # host only: our PROOF is out
OPEN = "open"  # both proved the key
CLOSED = "closed"  # refused by one side

_TRANSITIONS = {
    (RING, SILENT, Hello.KIND): "_answer_hello",
    (RING, GREETED, Proof.KIND): "_check_host",
    (HOST, GREETED, Hello.KIND): "_prove",
    (HOST, GREETED, Refuse.KIND): "_refused",
    (HOST, PROVING, Proof.KIND): "_check_ring",
    (HOST, PROVING, Refuse.KIND): "_refused",
}


class Channel:
    """The protocol's state for one connection."""

    def __init__(
        self,
        role: int,
        key: "bytes | None",
        aead: "Callable[[bytes], Aead]",
        nonce: bytes,
        mtu: int,
    ) -> None:
        """`aead` makes a cipher from 16 bytes; `key` is None for a ring never paired."""
        if len(nonce) != NONCE_BYTES:
            raise LocalError("a nonce has %d bytes, not %d" % (NONCE_BYTES, len(nonce)))
        self.role = role
        self.state = SILENT
        self.skipped = 0  # records and messages that were not for us, or of a kind unknown here
        self.mtu = mtu  # after the HELLOs: the smaller of both sides' views
        self.farewell = b""  # what to send before hanging up, after a RefusedError
        self._key = key
        self._aead = aead
        self._hello = encode(Hello(PROTOCOL_VERSION, nonce, mtu))
        self._host_hello = self._hello if role == HOST else b""
        self._ring_hello = self._hello if role == RING else b""
        self._known = FROM_RING if role == HOST else FROM_HOST
        self._sealer: "Sealer | None" = None
        self._opener: "Opener | None" = None
        self._reassembler = Reassembler()
        self._buffer = bytearray(record_limit(1 << 16))

    @property
    def room(self) -> int:
        """How many bytes of plaintext one sealed record holds."""
        return record_limit(self.mtu) - OVERHEAD_BYTES

    @property
    def missed(self) -> int:
        """Sealed records of the peer that never arrived."""
        return 0 if self._opener is None else self._opener.missed

    def greet(self) -> bytes:
        """The host's first record."""
        if self.role != HOST or self.state != SILENT:
            raise LocalError("greet: the ring is silent until it is written to, and only once")
        self.state = GREETED
        return self._hello

    def receive_plain(self, record: "bytes | memoryview") -> bytes:
        """A record of the handshake in, the answer out (empty if there is none).

        RefusedError ends it; the answer that tells the peer why is in `farewell`.
        """
        message = decode_plain(record)
        handler = None
        if message is not None:
            handler = _TRANSITIONS.get((self.role, self.state, message.KIND))
        if handler is None:
            self.skipped += 1
            return b""
        answer: bytes = getattr(self, handler)(message, bytes(record))
        return answer

    def open(self, record: bytearray, size: int) -> int:
        """Open a sealed record in place: the plaintext is record[4:4 + the length returned]."""
        if self._opener is None:
            raise ForgedError("a sealed record before the handshake")
        return self._opener.open(record, size)

    def assemble(self, plaintext: "bytes | memoryview") -> "Message | None":
        """A plaintext in, a message out if it is whole and its kind is known."""
        whole = self._reassembler.feed(plaintext, self.missed)
        if whole is None:
            return None
        message = decode(self._known, whole[0], whole[1])
        if message is None:
            self.skipped += 1
        return message

    def receive(self, record: "bytes | memoryview") -> "Message | None":
        """A sealed record in, a message out: `open` and `assemble` in one."""
        size = len(record)
        if size > len(self._buffer):
            raise MalformedError("a record of %d bytes, at most %d" % (size, len(self._buffer)))
        self._buffer[:size] = record
        length = self.open(self._buffer, size)
        return self.assemble(bytes(self._buffer[COUNTER_BYTES : COUNTER_BYTES + length]))

    def pieces(self, message: Message) -> "list[bytes]":
        """The plaintexts of a message, each small enough for one record."""
        pieces = split(encode(message), self.room)
        if len(pieces) > 1 and message.KIND == Audio.KIND:
            raise LocalError("audio needs an MTU of %d, this link has %d" % (AUDIO_MTU, self.mtu))
        return pieces

    def seal(self, record: bytearray, length: int) -> int:
        """Seal the plaintext at record[4:4 + length] in place, just before it is sent."""
        if self._sealer is None:
            raise LocalError("nothing can be sealed in state %s" % self.state)
        return self._sealer.seal(record, length)

    def seal_piece(self, plaintext: bytes) -> bytes:
        """One plaintext as a sealed record."""
        record = bytearray(len(plaintext) + OVERHEAD_BYTES)
        record[COUNTER_BYTES : COUNTER_BYTES + len(plaintext)] = plaintext
        self.seal(record, len(plaintext))
        return bytes(record)

    def _answer_hello(self, hello: Hello, record: bytes) -> bytes:
        self._host_hello = record
        refusal = refusal_of(hello, self.mtu)
        if refusal is None and self._key is None:
            refusal = Refuse(REFUSED_NO_KEY, 0, 0)
        if refusal is not None:
            self._refuse(refusal)
        self.mtu = min(self.mtu, hello.mtu)
        self.state = GREETED
        return self._hello

    def _prove(self, hello: Hello, record: bytes) -> bytes:
        self._ring_hello = record
        refusal = refusal_of(hello, self.mtu)
        if refusal is not None:
            self._refuse(refusal)
        self.mtu = min(self.mtu, hello.mtu)
        self.state = PROVING
        return encode(Proof(self._proof(HOST)))

    def _check_host(self, message: Proof, _record: bytes) -> bytes:
        if not same(message.mac, self._proof(HOST)):
            self._refuse(Refuse(REFUSED_KEY, 0, 0))
        self._open_session()
        return encode(Proof(self._proof(RING)))

    def _check_ring(self, message: Proof, _record: bytes) -> bytes:
        if not same(message.mac, self._proof(RING)):
            self._refuse(Refuse(REFUSED_KEY, 0, 0))
        self._open_session()
        return b""

    def _refused(self, refusal: Refuse, _record: bytes) -> bytes:
        self.state = CLOSED
        raise refused(refusal)

    def _refuse(self, refusal: Refuse) -> None:
        self.state = CLOSED
        self.farewell = encode(refusal)
        raise refused(refusal)

    def _proof(self, role: int) -> bytes:
        if self._key is None:
            raise LocalError("no key: pair the ring first")
        return proof(self._key, role, self._host_hello, self._ring_hello)

    def _open_session(self) -> None:
        if self._key is None:
            raise LocalError("no key: pair the ring first")
        host_key, ring_key = session_keys(self._key, self._host_hello, self._ring_hello)
        mine, theirs = (host_key, ring_key) if self.role == HOST else (ring_key, host_key)
        self._sealer = Sealer(self._aead(mine), self.role)
        self._opener = Opener(self._aead(theirs), 1 - self.role)
        self.state = OPEN


def is_sealed(record: "bytes | memoryview") -> bool:
    """Whether a record claims to be sealed."""
    return len(record) > 0 and bool(record[0] & SEALED)

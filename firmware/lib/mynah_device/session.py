"""The ring's end of a connection: being found, the handshake, and hanging up on strangers."""

from mynah_wire.advertising import ROTATION_MS, SALT_BYTES, advertisement, tag
from mynah_wire.channel import OPEN, Channel
from mynah_wire.clock import after_ms
from mynah_wire.errors import ForgedError, RefusedError, WireError
from mynah_wire.gatt import AUDIO_MTU, SMALLEST_MTU, record_limit
from mynah_wire.handshake import NONCE_BYTES, RING
from mynah_wire.message import Message
from mynah_wire.record import COUNTER_BYTES, Aead

from . import actions

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

UNPROVEN_MS = 5000  # a stranger may hold the only connection no longer
# A host that was lost before it proved anything may be the owner at the edge of range, who must be
# back within seconds however often that happens. So it costs the same each time, and no guess is
# made cheaper, for a guess is refused. What a stranger who comes and goes can drain is bounded too:
# two tags and two nonces a second, and between them a connection such as the owner's, all day long.
LOST_MS = 500
BACKOFF_MS = 1000  # after a refusal the ring hides, twice as long each time ...
BACKOFF_LIMIT_MS = 32_000  # ... up to this: guessing is slowed, a mistaken owner soon back
FORGED_LIMIT = 16  # bad records in one connection; noise makes none, the radio has its own CRC


class Identity:
    """What makes this ring this ring, and the two things that only a chip has."""

    def __init__(
        self,
        device_id: bytes,
        boot_id: int,
        board: bytes,
        capabilities: int,
        aead: "Callable[[bytes], Aead]",
        random: "Callable[[int], bytes]",
    ) -> None:
        """`aead(key)` makes a cipher; `random(n)` gives n unpredictable bytes."""
        self.device_id = device_id
        self.boot_id = boot_id
        self.board = board
        self.capabilities = capabilities
        self.aead = aead
        self.random = random


class Session:
    """One host at a time, from advertising to hanging up."""

    def __init__(self, identity: Identity, key: "bytes | None") -> None:
        """`key` is None for a ring that was never paired."""
        self.key = key
        self.channel: "Channel | None" = None
        self.mtu = SMALLEST_MTU
        self.interval = 0  # in units of 1.25 ms, 0 until the central tells
        self.refused = 0  # handshakes refused or timed out, since boot
        self.forged = 0  # records forged, repeated or malformed, since boot
        self.linked = False  # a central is connected
        self._identity = identity
        self._buffer = bytearray(record_limit(1 << 16))
        self._failures = 0  # handshakes refused or timed out in a row
        self._failed = False  # so was the one of this connection
        self._bad_records = 0  # in this connection
        self._proof_due_ms: "int | None" = None
        self._advertise_due_ms: "int | None" = None
        self._advertise_now = True  # at boot no moment is known yet

    @property
    def proven(self) -> bool:
        """Whether the host at the other end holds our key."""
        return self.channel is not None and self.channel.state == OPEN

    @property
    def carries_audio(self) -> bool:
        """Whether a frame of audio fits this connection's records."""
        return self.channel is not None and self.channel.mtu >= AUDIO_MTU

    def connected(self, now_ms: int) -> "list[tuple[str, object]]":
        """A central connected: say nothing, wait for its HELLO."""
        self.mtu = SMALLEST_MTU
        self.interval = 0
        self._bad_records = 0
        self._failed = False
        self.channel = None
        self.linked = True
        self._advertise_now = False
        self._advertise_due_ms = None
        self._proof_due_ms = after_ms(now_ms, UNPROVEN_MS)
        return []

    def disconnected(self, now_ms: int) -> "list[tuple[str, object]]":
        """The central went: be found again, later if it failed to prove itself."""
        wait_ms = 0 if self._proof_due_ms is None else LOST_MS
        if self._failed:
            self._failures += 1
            wait_ms = min(BACKOFF_MS << min(self._failures, 8) >> 1, BACKOFF_LIMIT_MS)
        self.channel = None
        self.linked = False
        self._proof_due_ms = None
        self._advertise_due_ms = after_ms(now_ms, wait_ms)
        return []

    def paired(self, key: "bytes | None", now_ms: int) -> "list[tuple[str, object]]":
        """Another owner, or none: whoever is connected goes, and the tag is the new one's."""
        self.key = key
        self._failures = 0
        if not self.linked:
            self._advertise_due_ms = now_ms
        return self.hang_up()

    def hang_up(self) -> "list[tuple[str, object]]":
        """Have the central go: not a word more for it, however long that takes."""
        if not self.linked:
            return []
        self.channel = None
        return [(actions.DISCONNECT, None)]

    def tick(self, now_ms: int) -> "list[tuple[str, object]]":
        """Do what is due: advertise with a fresh tag, hang up on who did not prove the key."""
        todo: "list[tuple[str, object]]" = []
        if self._advertise_now or actions.is_due(self._advertise_due_ms, now_ms):
            self._advertise_now = False
            self._advertise_due_ms = after_ms(now_ms, ROTATION_MS)
            todo.append((actions.ADVERTISE, self._advertisement()))
        if actions.is_due(self._proof_due_ms, now_ms):
            self._proof_due_ms = after_ms(now_ms, UNPROVEN_MS)  # again, until it is gone
            self.refused += 1
            self._failed = True
            todo.append((actions.DISCONNECT, None))
        return todo

    def deadline_ms(self, now_ms: int) -> "int | None":
        """When `tick` has something to do."""
        if self._advertise_now:
            return now_ms
        return actions.earliest([self._advertise_due_ms, self._proof_due_ms], now_ms)

    def received_plain(self, record: bytes) -> "list[tuple[str, object]]":
        """A record of the handshake."""
        if self.channel is None:
            identity = self._identity
            nonce = identity.random(NONCE_BYTES)
            self.channel = Channel(RING, self.key, identity.aead, nonce, self.mtu)
        try:
            answer = self.channel.receive_plain(record)
        except RefusedError:
            self.refused += 1
            self._failed = True
            farewell = (actions.SEND_PLAIN, self.channel.farewell)
            return [farewell, (actions.DISCONNECT, None)]
        except WireError:
            return self.bad_record()
        if self.proven:
            self._failures = 0
            self._failed = False
            self._proof_due_ms = None
        return [(actions.SEND_PLAIN, answer)] if answer else []

    def open(self, record: bytes) -> "tuple[bytearray, int]":
        """A sealed record opened: its buffer and the end of the plaintext, which begins at 4."""
        if self.channel is None or len(record) > len(self._buffer):
            raise ForgedError("%d bytes that claim to be sealed" % len(record))
        self._buffer[: len(record)] = record
        length = self.channel.open(self._buffer, len(record))
        return self._buffer, COUNTER_BYTES + length

    def assemble(self, end: int) -> "Message | None":
        """The message that the record just opened holds, or completes."""
        if self.channel is None:
            return None
        return self.channel.assemble(bytes(self._buffer[COUNTER_BYTES:end]))

    def bad_record(self) -> "list[tuple[str, object]]":
        """Count a record that did not open or meant nothing; hang up when there are too many."""
        self.forged += 1
        self._bad_records += 1
        if self.proven and self._bad_records < FORGED_LIMIT:
            return []
        self._failed = not self.proven
        return [(actions.DISCONNECT, None)]

    def _advertisement(self) -> bytes:
        # A ring without a key is found by its service; its tag is random and matches nobody.
        random = self._identity.random
        if self.key is None:
            return advertisement(random(2 * SALT_BYTES))
        return advertisement(tag(self.key, random(SALT_BYTES)))

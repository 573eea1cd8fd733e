"""Who is attacked: the ring's own logic and the host's, in virtual time, with all they say."""

from array import array
from collections import deque

from mynah.emulator.simulated_ring import DEVICE_ID, SimulatedRing
from mynah.errors import DeviceError
from mynah.link.aead import Ccm
from mynah.link.session import HostSession
from mynah_device import actions
from mynah_wire.channel import Channel
from mynah_wire.errors import RefusedError
from mynah_wire.gatt import BEST_MTU
from mynah_wire.handshake import HOST, KEY_BYTES, NONCE_BYTES, RING
from mynah_wire.message import Message
from tests.attacks.cases import Told

KEY = bytes(range(KEY_BYTES))
OTHER_KEY = bytes(range(1, KEY_BYTES + 1))
NONCE = bytes(range(0x40, 0x40 + NONCE_BYTES))
QUIET_MS = 200  # after it the ring has said all that it has to say: its pacer is done
# What may change when a record is thrown away: counts of it, deadlines, and scratch space; and the
# sound that was recorded, a megabyte to compare, into which nobody but the microphone writes.
MAY_CHANGE = {
    "forged", "_bad_records", "bad_records", "refused", "skipped", "_failures", "_failed",
    "_proof_due_ms", "_advertise_due_ms", "_advertise_now",
    "_buffer", "_nonce", "_aead", "aead", "mtu", "pacer", "interval", "buffer",
}  # fmt: skip


def state_of(thing: object, seen: set[int] | None = None) -> object:
    """All that an object knows, to be compared; what MAY_CHANGE apart.

    What several know is there once, where it is `seen` first.
    """
    seen = set() if seen is None else seen
    if isinstance(thing, bytes | bytearray | memoryview | array):
        return bytes(thing)
    if isinstance(thing, list | tuple | deque):
        return tuple(state_of(each, seen) for each in thing)
    if isinstance(thing, dict):
        return tuple((key, state_of(value, seen)) for key, value in thing.items())
    if hasattr(thing, "__dict__") and not callable(thing):
        known = {} if id(thing) in seen else vars(thing)
        seen.add(id(thing))
        names = [name for name in known if name not in MAY_CHANGE]
        return tuple((name, state_of(known[name], seen)) for name in names)
    return thing


class _Ring(SimulatedRing):
    """Keeps what it advertised."""

    def __init__(self, key: bytes | None, seed: int) -> None:
        self.advertised: list[bytes] = []
        super().__init__(key, seed=seed)

    def _carry_out(self, action: str, value: object) -> None:
        if action == actions.ADVERTISE and isinstance(value, bytes):
            self.advertised.append(value)
        super()._carry_out(action, value)


class RingVictim:
    """A ring in somebody's reach."""

    def __init__(self, told: Told, key: bytes | None = KEY) -> None:
        told.victims += 1
        self.ring = _Ring(key, seed=told.victims)
        self.told = told
        self.now_ms = 0
        self.mtu = BEST_MTU
        self._aired = 0  # advertisements that were told of
        self.wait(0)

    @property
    def proven(self) -> bool:
        return self.ring.core.session.proven

    def state(self) -> object:
        return state_of(self.ring.core)

    def connect(self, mtu: int = BEST_MTU) -> None:
        self.mtu = mtu
        self.ring.connected(mtu, self.now_ms)
        self._note(self.ring.advance(self.now_ms))

    def disconnect(self) -> None:
        self.ring.disconnected(self.now_ms)

    def write(self, record: bytes) -> list[bytes]:
        """What it says to that, at once."""
        self.ring.receive(record, self.now_ms)
        return self._note(self.ring.advance(self.now_ms))

    def wait(self, span_ms: int) -> list[bytes]:
        """What it says meanwhile."""
        self.now_ms += span_ms
        return self._note(self.ring.advance(self.now_ms))

    def owner(self, key: bytes = KEY, nonce: bytes = NONCE) -> Channel:
        """Its owner connects and proves himself; all is quiet then."""
        self.connect()
        channel, _ = self.records_of(key, nonce)
        assert self.proven, "the owner is not served"
        for record in self.wait(QUIET_MS):
            channel.receive(record)
        return channel

    def records_of(self, key: bytes, nonce: bytes = NONCE) -> tuple[Channel, list[bytes]]:
        """A handshake with this key, as far as it comes: the host's end, and all records."""
        channel = Channel(HOST, key, Ccm, nonce, self.mtu)
        records = [channel.greet()]
        for _ in range(2):
            answers = self.write(records[-1])
            if not answers:
                break
            records.append(answers[0])
            try:
                answer = channel.receive_plain(answers[0])
            except RefusedError:
                break
            if not answer:
                break
            records.append(answer)
        return channel, records

    def say(self, channel: Channel, *messages: Message) -> list[bytes]:
        """Its owner says something; the records are returned, as a stranger hears them."""
        pieces = [piece for message in messages for piece in channel.pieces(message)]
        records = [channel.seal_piece(piece) for piece in pieces]
        for record in records:
            self.write(record)
        return records

    def _note(self, records: list[bytes]) -> list[bytes]:
        for payload in self.ring.advertised[self._aired :]:
            self.told.on_air(payload)
        self._aired = len(self.ring.advertised)
        if not self.proven:
            for record in records:
                self.told.by_ring(record, self.mtu)
        return records


class HostVictim:
    """A bridge that has connected to something that advertised our tag."""

    def __init__(self, told: Told, key: bytes = KEY, nonce: bytes | None = None) -> None:
        self.session = HostSession(key, BEST_MTU, 0, nonce, DEVICE_ID.hex())
        self.told = told
        self.heard: list[Message] = []
        self.gave_up = ""
        """Why it hung up."""

    def says(self) -> list[bytes]:
        """All that it has to say now."""
        records = []
        while (record := self.session.next()) is not None:
            records.append(record)
            if self.session.ready is None:
                self.told.by_host(record, BEST_MTU)
        return records

    def hear(self, record: bytes, now_ms: float = 1) -> list[bytes]:
        """What it says to that; nothing if it hangs up."""
        if self.gave_up:
            return []
        try:
            self.heard += self.session.receive(record, now_ms)
        except DeviceError as error:
            self.gave_up = str(error)
            return []
        return self.says()

    def state(self) -> object:
        return state_of(self.session)

    def ring(self, key: bytes = KEY) -> Channel:
        """The other end, after the handshake."""
        channel = Channel(RING, key, Ccm, NONCE, BEST_MTU)
        (hello,) = self.says()
        (proof,) = self.hear(channel.receive_plain(hello))
        answer = channel.receive_plain(proof)
        self.hear(answer)
        return channel

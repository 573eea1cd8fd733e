"""What the host reads from anybody, as targets for a fuzzer: each takes bytes and must survive."""

from collections.abc import Callable
from typing import Protocol

from mynah.errors import DeviceError
from mynah.link.aead import Ccm
from mynah.link.session import HostSession
from mynah.link.utterance import Utterance
from mynah_wire.channel import Channel
from mynah_wire.errors import WireError
from mynah_wire.framing import Deframer, frame
from mynah_wire.gatt import BEST_MTU
from mynah_wire.handshake import KEY_BYTES, NONCE_BYTES, RING
from mynah_wire.message import Message, encode
from mynah_wire.uplink import Audio, End, Ready, Start
from tests.fuzz.host_disk import DEVICE, JournalFile, Keeping, SaidFile
from tests.fuzz.mutation import Clear, Dice, Peer, Sealing, damaged, plain_seeds

KEY = bytes(range(KEY_BYTES))
NONCE = bytes(range(NONCE_BYTES))
READY = Ready(bytes.fromhex(DEVICE), 1, 1, 0xFF, 0xFF, 2000, 0, b"a board")
LIFE_RECORDS = 2000  # of one connection; then another begins, so that each state is met often
LATEST_FRAME = 2000  # a stream of 40 s is long enough here: its sound is held in memory
STEP_MS = 7.0


class Target(Protocol):
    """Something that reads what others wrote."""

    def take(self, data: bytes) -> None:
        """Survive it: anything but a return is a crash."""

    def make(self, dice: Dice) -> bytes:
        """The next input."""


class Proven:
    """The host's session below the seal: a ring that has our key and has gone mad."""

    def __init__(self, seed: int) -> None:
        self._peer = Peer(RING, seed)
        self._keeping = Keeping(self._peer.dice)
        self._renew()

    def make(self, dice: Dice) -> bytes:
        del dice
        return self._sealing.record(self._peer.next())

    def take(self, data: bytes) -> None:
        self._left -= 1
        self._now_ms += STEP_MS
        try:
            for message in self._session.receive(data, self._now_ms):
                self._listen(message)
            self._session.tick(self._now_ms)
        except DeviceError:
            self._left = 0
        while self._session.next() is not None:
            pass
        if self._left <= 0:
            self._renew()

    def _listen(self, message: Message) -> None:
        repr(message)
        self._keeping.take(message, self._now_ms)
        if isinstance(message, Start):
            try:
                self._utterance = Utterance(message)
            except WireError:
                self._utterance = None
        elif self._utterance is not None and isinstance(message, Audio):
            message.frame %= LATEST_FRAME
            self._utterance.add(message)
        elif self._utterance is not None and isinstance(message, End):
            message.frames %= LATEST_FRAME
            self._utterance.close(message)
            assert self._utterance.lost_frames >= 0, message

    def _renew(self) -> None:
        self._left, self._now_ms = LIFE_RECORDS, 0.0
        self._utterance: Utterance | None = None
        self._sealing = Sealing(self._peer.dice)
        self._session = proven_session()
        self._keeping.restart()
        for message in self._session.receive(self._sealing.record(encode(READY)), 0.0):
            self._keeping.take(message, 0.0)


class Unproven:
    """The host's session above the seal, in every state of the handshake."""

    def __init__(self, seed: int) -> None:
        del seed
        self._plain = plain_seeds()
        self._states = 0
        self._renew()

    def make(self, dice: Dice) -> bytes:
        kind = dice.below(3)
        if kind == 0:
            return damaged(dice, self._plain[dice.below(len(self._plain))], self._plain)
        if kind == 1:
            return dice.bytes(dice.below(40))
        return damaged(dice, self._sealed, self._plain)

    def take(self, data: bytes) -> None:
        self._left -= 1
        try:
            heard = self._session.receive(data, 1.0)
            assert data == self._sealed or not heard, heard
        except DeviceError:
            self._left = 0
        while self._session.next() is not None:
            pass
        if self._left <= 0:
            self._renew()

    def _renew(self) -> None:
        """In turn: nothing was said yet, both said HELLO, both proved."""
        self._left = 50
        self._states = (self._states + 1) % 3
        self._session = HostSession(KEY, BEST_MTU, 0.0, NONCE, DEVICE)
        ring = Channel(RING, KEY, Ccm, NONCE, BEST_MTU)
        record = self._session.next()
        for _ in range(self._states):
            if record:
                self._session.receive(ring.receive_plain(record), 0.0)
                record = self._session.next()
        self._sealed = bytes([0x80]) + bytes(40)
        if self._states == 2:
            self._sealed = ring.seal_piece(encode(READY))


class Cable:
    """The bytes of a serial port: frames, lines, and what noise makes of both."""

    def __init__(self, seed: int) -> None:
        self._peer = Peer(RING, seed)
        self._deframer = Deframer()
        self._frames = [frame(b""), b"mynah 00 build 1 board x unpaired\r\n", frame(bytes(244))]

    def make(self, dice: Dice) -> bytes:
        framed = frame(self._peer.next())
        self._frames[dice.below(3)] = framed
        return damaged(dice, framed, self._frames)

    def take(self, data: bytes) -> None:
        for record in self._deframer.feed(data):
            assert isinstance(record, bytes)
        for line in self._deframer.take_lines():
            assert isinstance(line, str)


def proven_session() -> HostSession:
    """A session whose ring has proved itself, and whose records are not sealed any more."""
    session = HostSession(KEY, BEST_MTU, 0.0, NONCE, DEVICE)
    ring = Channel(RING, KEY, Ccm, NONCE, BEST_MTU)
    for _ in range(2):
        record = session.next()
        assert record is not None
        session.receive(ring.receive_plain(record), 0.0)
    assert session.channel._opener is not None
    session.channel._opener._aead = Clear()
    assert session.channel._sealer is not None
    session.channel._sealer._aead = Clear()
    return session


TARGETS: dict[str, Callable[[int], Target]] = {
    "mad_ring": Proven,
    "stranger": Unproven,
    "cable": Cable,
    "said_file": SaidFile,
    "journal": JournalFile,
}
"""By the name under which they are counted."""

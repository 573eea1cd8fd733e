"""A ring with fake metal, and a host at the other end; all in memory and in virtual time."""

from mynah.link.aead import Ccm
from mynah_device import actions
from mynah_device.acting import Acting
from mynah_device.memory import AUDIO_PLAINTEXT_BYTES, Memory
from mynah_device.playback import FRAME_SAMPLES, Playback
from mynah_device.ring import Ring
from mynah_device.session import Identity
from mynah_device.settings import Settings
from mynah_wire.adpcm import decode_frame
from mynah_wire.channel import Channel
from mynah_wire.clock import after_ms, elapsed_ms
from mynah_wire.codecs import IMA_ADPCM, codec
from mynah_wire.handshake import HOST
from mynah_wire.message import encode
from mynah_wire.uplink import BUTTON, HAPTIC, LIGHT, MICROPHONE, SPEAKER, Audio

KEY = bytes(range(32))
FRAME = b"\x00\x10".ljust(codec(IMA_ADPCM).frame_bytes, b"\x00")  # no silence
LATENCY_MS = 60


class Random:
    """Never the same bytes twice, always the same sequence."""

    def __init__(self):
        self._count = 0

    def __call__(self, size):
        self._count += 1
        return self._count.to_bytes(size)


def keep_as_it_is(pcm, samples, first, last):
    """A ramp that changes nothing."""


def identity(*, motor=False):
    capabilities = SPEAKER | MICROPHONE | BUTTON | LIGHT | (HAPTIC if motor else 0)
    return Identity(b"12345678", 7, b"a board", capabilities, Ccm, Random())


def make_ring(key=KEY, stored=None, *, frames=100, flash_bytes=0, acts=None):
    """`acts` is what is stored of them, for a ring with a motor."""
    who = identity(motor=acts is not None)
    parts = Settings(stored or {}), Playback(decode_frame, keep_as_it_is), Memory(frames)
    return Ring(who, key, *parts, flash_bytes, Acting(who.capabilities, acts or {}))


def hear(said, stream, frame, payload=0):
    """One frame from the microphone."""
    place = said.place()
    audio = Audio(stream, frame, bytes([payload & 0xFF]) * 163)
    said.memory.buffer[place : place + AUDIO_PLAINTEXT_BYTES] = encode(audio)
    said.commit()


class Shell:
    """Feeds a ring as the parts do, and keeps what it asked for."""

    def __init__(self, key=KEY, **memory):
        self.ring = make_ring(key, **memory)
        self.now_ms = 0
        self.done = []  # every action, in order
        self.said = []  # plain records
        self.received = []  # every record, in order
        self.microphone_open = False
        self.connected = False
        self._pcm = bytearray(2 * FRAME_SAMPLES)

    def event(self, name, value=None):
        """Something happens now; the actions' names."""
        if name == actions.RECEIVED:
            self.received.append(value)
        todo = self.ring.handle(name, self.now_ms, value)
        for action, argument in todo:
            self._do(action, argument)
        self.done += todo
        return [action for action, _ in todo]

    def _do(self, action, argument):
        if action == actions.SEND_PLAIN:
            self.said.append(argument)
        elif action == actions.OPEN_MICROPHONE:
            assert not self.microphone_open
            self.microphone_open = True
        elif action == actions.CLOSE_MICROPHONE:
            assert self.microphone_open

    def pass_time(self, span_ms):
        """Let time pass, with a TICK at every deadline on the way."""
        while (due_ms := self.ring.deadline_ms(self.now_ms)) is not None:
            wait_ms = max(0, elapsed_ms(due_ms, self.now_ms))
            if wait_ms > span_ms:
                break
            span_ms -= wait_ms
            self.now_ms = after_ms(self.now_ms, wait_ms)
            self.event(actions.TICK)
        self.now_ms = after_ms(self.now_ms, span_ms)

    def connect(self, mtu=247):
        self.connected = True
        self.event(actions.CONNECTED)
        self.event(actions.MTU, mtu)

    def disconnect(self):
        self.connected = False
        self.event(actions.DISCONNECTED)

    def microphone_starts(self):
        self.event(actions.MICROPHONE_STARTED, self.now_ms)

    def microphone_hears(self, frames=1):
        for number in range(frames):
            hear(self.ring.said, self.ring.talk.stream, number)

    def microphone_stops(self, frames=0, lost=0):
        self.microphone_open = False
        return self.event(actions.MICROPHONE_STOPPED, (frames, lost))

    def speaks(self):
        """20 ms of the speaker."""
        self.ring.playback.take(self._pcm, LATENCY_MS)
        self.now_ms = after_ms(self.now_ms, 20)
        self.ring.played(after_ms(self.now_ms, LATENCY_MS))
        return bytes(self._pcm)


class Host:
    """A bridge at the other end of a shell's radio."""

    def __init__(self, shell, key=KEY, mtu=247):
        self.shell = shell
        self.channel = Channel(HOST, key, Ccm, b"a host's nonce..", mtu)
        self.heard = []

    def shake_hands(self):
        """Prove ourselves; what the ring says first is in `heard`."""
        record = self.channel.greet()
        while record:
            self.shell.said.clear()
            self.shell.event(actions.RECEIVED, record)
            record = b""
            for answer in self.shell.said:
                record = self.channel.receive_plain(answer)
        self.listen()
        return self

    def tell(self, *messages):
        """Say something, and hear what the ring answers."""
        for message in messages:
            for piece in self.channel.pieces(message):
                self.shell.event(actions.RECEIVED, self.channel.seal_piece(piece))
        return self.listen()

    def listen(self):
        """Take all that the ring has to say, as its sender does."""
        ring, heard = self.shell.ring, []
        buffer = bytearray(244)
        while ring.session.proven:
            length = ring.next_plaintext(buffer, self.shell.now_ms)
            if not length:
                break
            record = bytes(buffer[: ring.session.channel.seal(buffer, length)])
            assert len(record) <= ring.session.mtu - 3
            message = self.channel.receive(record)
            if message is not None:
                heard.append(message)
        self.heard += heard
        return heard


def connected(mtu=247, **memory):
    """A shell, and a host that has proved itself to it."""
    shell = Shell(**memory)
    shell.pass_time(0)
    shell.connect(mtu)
    return shell, Host(shell, mtu=mtu).shake_hands()

"""A ring with a store, and a host that keeps what it hears: both in virtual time."""

from mynah.emulator.simulated_flash import SimulatedFlash
from mynah.emulator.simulated_ring import CODEC, SimulatedRing
from mynah.link.aead import Ccm
from mynah_device import actions
from mynah_wire.channel import Channel
from mynah_wire.downlink import Fetch, Kept
from mynah_wire.handshake import HOST
from mynah_wire.uplink import (
    CANCELLED,
    OPEN,
    Audio,
    End,
    Held,
    Past,
    PastEnd,
    Ready,
    Start,
)

KEY = bytes(range(32))
MARKER_MS = 60  # two jobs of the flash: so much after the press its marker is there


class Recorded(SimulatedRing):
    """Knows what was said to it."""

    def __init__(self, flash, boot_id, started, **options):
        self.boot_id = boot_id
        self.started = started  # (boot id, stream) → how it ended
        super().__init__(KEY, flash=flash, boot_id=boot_id, seed=boot_id, **options)

    def coded(self, frame, _now_ms):
        return payload(self.boot_id, self.core.talk.stream, frame)

    def _event(self, name, now_ms, value=None):
        talk = self.core.talk
        if not self.dead and name == actions.MICROPHONE_STARTED:
            self.started[self.boot_id, talk.stream] = "open"
        if not self.dead and name == actions.MICROPHONE_STOPPED:
            over = "cancelled" if talk.verdict == CANCELLED else "over"
            short = value[0] * CODEC.frame_ms < MARKER_MS
            self.started[self.boot_id, talk.stream] = "too short" if short else over
        super()._event(name, now_ms, value)


def payload(boot_id, stream, frame):
    """A frame that is like no other."""
    return b"%08x %04x %08x" % (boot_id, stream, frame) + bytes(163 - 22)


class Letter:
    """What the host has of one utterance."""

    def __init__(self):
        self.frames = {}
        self.length = None  # on the sample clock, once it is known
        self.verdict = None
        self.missing = 0  # told lost

    @property
    def first_missing(self):
        return next(frame for frame in range(len(self.frames) + 1) if frame not in self.frames)

    @property
    def is_complete(self):
        return self.length is not None and len(self.frames) + self.missing >= self.length


class StoringHost:
    """Keeps what it hears on a disk that it never loses; fetches what it is told of."""

    def __init__(self):
        self.letters = {}
        self.kept = set()
        self.waiting = []  # HELD, to be fetched
        self.fetched = None
        self.channel = None
        self.boot_id = None
        self.heard = []
        self.token = 0

    def connect(self, ring, now_ms):
        """Shake hands, and hear what it says first."""
        self.waiting, self.fetched = [], None
        ring.connected(247, now_ms)
        channel = Channel(HOST, KEY, Ccm, b"a host's nonce..", 247)
        record = channel.greet()
        while record:
            ring.receive(record, now_ms)
            record, answers = b"", ring.advance(now_ms)
            for answer in answers:
                if answer[0] & 0x80:
                    self.channel = channel
                    self.hear(ring, answer, now_ms)
                else:
                    record = channel.receive_plain(answer)
        self.channel = channel if channel.state == "open" else None

    def hear(self, ring, record, now_ms):
        message = self.channel.receive(record)
        self.heard.append(message)
        if isinstance(message, Ready):
            self.boot_id = message.boot_id
        elif isinstance(message, Start):
            self._letter((self.boot_id, message.stream))
        elif isinstance(message, Audio):
            self._add((self.boot_id, message.stream), message.frame, message.data)
        elif isinstance(message, End) and message.verdict == CANCELLED:
            self._cancel(ring, (self.boot_id, message.stream), now_ms)
        elif isinstance(message, Held) and message.verdict == CANCELLED:
            assert message.frames == 0
            self._cancel(ring, (message.boot_id, message.stream), now_ms)
        elif isinstance(message, End):
            self._end((self.boot_id, message.stream), message)
        elif isinstance(message, Held):
            self._letter((message.boot_id, message.stream))
            self.waiting.append((message.boot_id, message.stream))
        elif isinstance(message, Past) and message.token == self.token:
            self._add(self.fetched, message.frame, message.data)
        elif isinstance(message, PastEnd) and message.token == self.token:
            self._past_end(message)
        self.act(ring, now_ms)

    def act(self, ring, now_ms):
        """Say KEPT for what is complete, fetch what is told of."""
        for key, letter in self.letters.items():
            if letter.is_complete and key not in self.kept:
                self.keep(ring, key, now_ms)
        while self.fetched is None and self.waiting:
            key = self.waiting.pop(0)
            if key in self.kept:
                self.keep(ring, key, now_ms)
            else:
                self.fetched = key
                self.token += 1
                self._say(ring, Fetch(self.token, *key, self._letter(key).first_missing), now_ms)

    def keep(self, ring, key, now_ms):
        self.kept.add(key)
        self._say(ring, Kept(*key), now_ms)

    def _say(self, ring, message, now_ms):
        for piece in self.channel.pieces(message):
            ring.receive(self.channel.seal_piece(piece), now_ms)

    def _letter(self, key):
        return self.letters.setdefault(key, Letter())

    def _add(self, key, frame, data):
        assert data == payload(*key, frame)
        self._letter(key).frames[frame] = data

    def _cancel(self, ring, key, now_ms):
        self.letters.pop(key, None)
        self.waiting = [each for each in self.waiting if each != key]
        if self.fetched == key:
            self.fetched = None
        self.keep(ring, key, now_ms)

    def _end(self, key, end):
        letter = self._letter(key)
        assert len(letter.frames) + end.dropped <= end.frames
        letter.length, letter.verdict, letter.missing = end.frames, end.verdict, end.dropped

    def _past_end(self, end):
        letter = self._letter(self.fetched)
        assert end.verdict not in (OPEN, CANCELLED)
        assert len(letter.frames) + end.dropped >= end.frames
        letter.length, letter.verdict = max(end.frames, len(letter.frames)), end.verdict
        letter.missing = letter.length - len(letter.frames)
        self.fetched = None


class Bench:
    """A ring, its flash, and a host, or none."""

    def __init__(self, flash=None, **options):
        self.now_ms = 0
        self.started = {}
        self.flash = flash or SimulatedFlash()
        self.host = StoringHost()
        self.options = options
        self.boots = 0
        self.connected = False
        self.boot()

    def boot(self):
        self.boots += 1
        self.ring = Recorded(self.flash, self.boots, self.started, **self.options)
        self.connected = False

    def wait(self, span_ms):
        end_ms = self.now_ms + span_ms
        while self.now_ms < end_ms:
            due_ms = self.ring.deadline_ms()
            self.now_ms = end_ms if due_ms is None else max(self.now_ms, min(end_ms, due_ms))
            for record in self.ring.advance(self.now_ms):
                if self.connected:
                    self.host.hear(self.ring, record, self.now_ms)

    def connect(self):
        self.connected = True
        self.host.connect(self.ring, self.now_ms)

    def cut(self):
        self.connected = False
        self.ring.disconnected(self.now_ms)

    def power_cut(self, torn=0):
        self.ring.power_cut(torn)
        self.boot()

    def hold(self, span_ms):
        self.ring.press(self.now_ms)
        self.wait(span_ms)
        self.ring.release(self.now_ms)
        self.wait(40)

    def told(self, kind):
        """What the host heard of one kind since it was asked the last time."""
        heard, self.host.heard = self.host.heard, []
        return [message for message in heard if isinstance(message, kind)]


class NoDisk(Bench):
    """Its host hears, and does nothing that it is not told to."""

    def __init__(self, flash=None, **options):
        super().__init__(flash, **options)
        self.host.act = lambda *_: None

    def say(self, *messages):
        for message in messages:
            self.host._say(self.ring, message, self.now_ms)

    @property
    def held(self):
        return self.ring.core.said.held.all

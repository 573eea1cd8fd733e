"""A ring with a store and a host with an inbox, without audio, air or clock: what must hold."""

from collections import Counter

from mynah.inbox import records
from mynah.inbox.fake_disk import FakeDisk, KilledError
from mynah.inbox.files import Files
from mynah.inbox.inbox import Inbox
from mynah.inbox.key import Key
from mynah.inbox.wants import (
    AllHeld,
    Append,
    Deliver,
    Failed,
    Hear,
    Lost,
    Note,
    Noted,
    Report,
    Sync,
    Synced,
    Tell,
    Tick,
    Told,
)
from mynah_wire import uplink
from mynah_wire.codecs import IMA_ADPCM
from mynah_wire.downlink import Fetch, Kept

DEVICE = "0001020304050607"
TICK_MS = 1000.0
HELD_MS = 5000.0
NOTE_BYTES = 1024  # more than the journal's note of one outcome takes


def frame(stream, index):
    return bytes((stream % 256, index % 256)) * 81 + b"\0"


class ModelRing:
    """Keeps what it says until it is told KEPT."""

    def __init__(self):
        self.boot = 1
        self.stream = 0
        self.stored = {}  # (boot, stream) -> frames so far
        self.said = set()
        self.open = None  # (boot, stream)
        self.live = None  # the same, where it began on this connection
        self.fetch = None  # what is sent, and the next frame
        self.connected = False
        self.deaf = False  # what the host says is lost on the air

    def ready(self):
        self.connected = True
        return uplink.Ready(bytes.fromhex(DEVICE), self.boot, 1, uplink.STORE, 2, 0, 0, b"")

    def press(self):
        self.stream += 1
        self.open = (self.boot, self.stream)
        self.stored[self.open] = 0
        self.said.add(Key(DEVICE, *self.open))
        if not self.connected:
            return []
        self.live = self.open
        return [uplink.Start(self.stream, IMA_ADPCM, uplink.HOLD, 0)]

    def speak(self):
        index = self.stored[self.open]
        self.stored[self.open] += 1
        if self.live == self.open:
            return [uplink.Audio(self.stream, index, frame(self.stream, index))]
        return []

    def release(self):
        key, self.open = self.open, None
        live, self.live = self.live == key, None
        frames = self.stored[key]
        return [uplink.End(key[1], uplink.SAID, frames, 0, 0)] if live else []

    def held(self):
        return [
            uplink.Held(*key, IMA_ADPCM, self.verdict(key), frames, 0)
            for key, frames in self.stored.items()
            if key != self.live
        ]

    def verdict(self, key):
        return uplink.OPEN if key == self.open else uplink.SAID

    def hear(self, message):
        if self.deaf:
            return
        if isinstance(message, Kept):
            key = (message.boot_id, message.stream)
            assert key != self.open, "a KEPT of what is still being said"
            self.stored.pop(key, None)
        elif isinstance(message, Fetch):
            self.fetch = message, message.frame

    def past(self, most):
        """What it sends of what is fetched."""
        said = []
        while self.fetch is not None and len(said) < most:
            fetch, index = self.fetch
            key = (fetch.boot_id, fetch.stream)
            frames = self.stored.get(key, 0)
            if index < frames:
                said.append(uplink.Past(fetch.token, index, frame(fetch.stream, index)))
                self.fetch = fetch, index + 1
                continue
            if key == self.open:
                break
            said.append(uplink.PastEnd(fetch.token, uplink.SAID, frames, 0))
            self.fetch = None
        return said

    def goes_on(self):
        """Live speech goes before what is fetched, and HELD is told again after that."""
        return self.speak() if self.live and self.fetch else self.held()

    def cut(self):
        self.connected, self.live, self.fetch = False, None, None


class Host:
    """The inbox, on a disk that forgets; a conversation that answers when it is told to."""

    def __init__(self, disk=None):
        self.disk = disk or FakeDisk()
        self.now_ms = 0.0
        self.ring = ModelRing()
        self.told = Counter()  # how often
        self.unsure = set()  # killed in between, or told while the disk took no note of anything
        self.lost = {}
        self.said = {}  # key -> how many frames it had when it was over
        self.air = []  # from the ring
        self.missed = False  # some of that, on this connection
        self.start()

    def start(self):
        self.files = Files(DEVICE, self.disk)
        self.inbox = Inbox(DEVICE, 0.0, *self.files.load())
        self.hearing = set()  # live turns, begun
        self.waiting = []  # to be answered: live and late ones
        self.contents = {}  # of what is delivered

    def handle(self, event):
        for action in self.inbox.handle(event, self.now_ms):
            self._carry_out(action)

    def _carry_out(self, action):
        match action:
            case Hear(message):
                self._hear(message)
            case Tell(message):
                self._check(message)
                self.ring.hear(message)
            case Report(key, reason):
                self.lost[key] = reason
            case Deliver(key, first):
                kept = self.files.read(key)
                self.contents[key] = {at: kept.frames[at] for at in kept.frames if at >= first}
                self.waiting.append(key)
            case _:
                refused = self.files.carry_out([action])
                if refused and isinstance(action, Append | Sync):
                    self.handle(Failed(action.key))
                elif isinstance(action, Sync):
                    self.handle(Synced(action.key))
                elif isinstance(action, Note):
                    self.handle(Noted(action.key))

    def _hear(self, message):
        if isinstance(message, uplink.Start):
            self.hearing.add(self.inbox.key(message.stream))
        elif isinstance(message, uplink.End):
            key = self.inbox.key(message.stream)
            if key in self.hearing:
                self.hearing.discard(key)
                self.waiting.append(key)

    def _check(self, message):
        """KEPT is said of nothing that a loss of power could take away."""
        if not isinstance(message, Kept):
            return
        key = Key(DEVICE, message.boot_id, message.stream)
        if key in self.told or key in self.lost or key in self.unsure or key == self.telling:
            return
        survives = self.disk.survives(key.name + ".said")
        kept = records.read(survives)
        assert kept is not None, "KEPT before a sync"
        assert kept.ending is not None, "KEPT before all of it was synced"

    telling = None

    def answer(self):
        """The turn in hand is over."""
        if self.waiting:
            self.telling = key = self.waiting.pop(0)
            if self.disk.fails or self.disk.room_bytes < NOTE_BYTES:
                self.unsure.add(key)
            try:
                self.handle(Told(key))
            except KilledError:
                self.unsure.add(key)
                raise
            finally:
                self.telling = None
            self.told[key] += 1

    # The world

    def connect(self):
        if not self.ring.connected:
            self.handle(self.ring.ready())
            self.air += [*self.ring.held(), AllHeld()]
            self.missed = False

    def cut(self):
        if self.ring.connected:
            self.ring.cut()
            self.air.clear()
            self.handle(Lost())
            self.hearing.clear()
            self.waiting.clear()

    def kill(self):
        self.ring.cut()
        self.air.clear()
        self.disk.kill()
        self.disk.before, self.disk.fails = None, False
        self.start()

    def pass_on(self, loses=lambda: False):
        """What is under way arrives, or is lost."""
        air, self.air = self.air, []
        for message in air:
            if isinstance(message, AllHeld):
                if not self.missed:
                    self.handle(message)
            elif loses():
                self.missed = True
            else:
                self.handle(message)

    def wait(self, ms=TICK_MS):
        """The ring goes on, as often as it tells HELD."""
        end_ms = self.now_ms + ms
        while self.now_ms < end_ms:
            self.now_ms = min(end_ms, self.now_ms + HELD_MS)
            due_ms = self.inbox.deadline_ms()
            if due_ms is not None and due_ms <= self.now_ms:
                self.handle(Tick())
            if self.ring.connected:
                self.air += self.ring.goes_on()
                self.pass_on()

    def settle(self):
        """Nothing goes wrong any more: all that was said is answered."""
        self.ring.deaf = False
        self.disk.fails, self.disk.room_bytes, self.disk.before = False, 1 << 30, None
        if self.ring.open is not None:
            self.air += self.ring.release()
        self.connect()
        for _ in range(200):
            self.air += self.ring.past(1000)
            self.pass_on()
            self.answer()
            self.wait()
            if not self.ring.stored and not len(self.inbox.letters):
                return
        raise AssertionError(f"left: {self.ring.stored}, {list(self.inbox.letters)}")

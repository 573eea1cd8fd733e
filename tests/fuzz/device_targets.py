"""What the ring reads from anybody, as targets for a fuzzer; runs under both interpreters."""

from mutation import Clear, Dice, Peer, Sealing, damaged, plain_seeds

from mynah_device import actions, console, flash_jobs, log_records
from mynah_device.memory import Memory
from mynah_device.playback import FRAME_SAMPLES, Playback
from mynah_device.ring import Ring
from mynah_device.said import Said
from mynah_device.session import Identity
from mynah_device.settings import Settings
from mynah_wire.channel import Channel
from mynah_wire.downlink import Fetch, Kept
from mynah_wire.framing import Deframer, frame
from mynah_wire.handshake import HOST

try:
    from mynah_parts.adpcm_viper import decode_frame
    from mynah_parts.ccm import Ccm
    from mynah_parts.samples_viper import ramp
except ImportError:  # CPython, which has the bridge's own
    from mynah.link.aead import Ccm
    from mynah_wire.adpcm import decode_frame

    def ramp(pcm, samples, first, last):
        """Changes nothing: it is not what is tried here."""


KEY = bytes(range(32))
NONCE = bytes(range(16))
LIFE_RECORDS = 500  # of one connection
STEP_MS = 7
SPEAKER_EVERY = 16  # records between two frames that sound
PRESS_EVERY = 100  # records between two utterances, so that there is something to FETCH
FLASH_BYTES = 40_000  # two of them: it is full, and forgets, again and again
FRAMES = 12  # of an utterance
PING = b"\x12\x01\x00\x00\x00"


class Flash:
    """Files by their number; a read past the end is short, as of any file."""

    def __init__(self):
        self.files = {}

    def do(self, job):
        """A job's result."""
        file = self.files.get(job.file, b"")
        if job.kind == flash_jobs.READ:
            piece = file[job.offset : job.offset + len(job.data)]
            job.data[: len(piece)] = piece
            return len(piece)
        if job.kind == flash_jobs.WIPE:
            self.files.clear()
        elif job.kind == flash_jobs.REMOVE:
            self.files.pop(job.file, None)
        elif job.kind == flash_jobs.REPLACE:
            self.files[job.file] = bytes(job.data)
        else:
            self.files[job.file] = file[: job.offset] + bytes(job.data)
        return flash_jobs.DONE

    def read(self, file, offset, count):
        """For what is found at boot."""
        return self.files[file][offset : offset + count] if offset >= 0 else b""


class MadHost:
    """A ring below the seal: its host has its key and says anything; it is pressed at times."""

    def __init__(self, seed):
        self._peer = Peer(HOST, seed)
        self._pcm = bytearray(2 * FRAME_SAMPLES)
        self._record = bytearray(244)
        self._now_ms = 0
        self._ring = None
        self._flash = Flash()
        self._renew()

    def make(self, dice):
        return self._sealing.record(self._peer.next())

    def take(self, record):
        ring = self._ring
        self._left -= 1
        self._now_ms = (self._now_ms + STEP_MS) & 0x3FFFFFFF
        todo = ring.handle(actions.RECEIVED, self._now_ms, record)
        if self._left % SPEAKER_EVERY == 0:
            self._pass_time()
        if self._left % PRESS_EVERY == 0:
            self._say()
        self._drain()
        if self._left <= 0 or (actions.DISCONNECT, None) in todo:
            self._renew()

    def _pass_time(self):
        ring = self._ring
        if ring.playback.wanted:
            ring.playback.take(self._pcm, 60)
        ring.played(self._now_ms)
        ring.handle(actions.TICK, self._now_ms)
        job = ring.flash_job()
        if job is not None:
            ring.flash_done(self._flash.do(job), self._now_ms)

    def _say(self):
        ring = self._ring
        todo = ring.handle(actions.PRESSED, self._now_ms)
        if (actions.OPEN_MICROPHONE, None) not in todo:
            ring.handle(actions.RELEASED, self._now_ms)
            return
        ring.handle(actions.MICROPHONE_STARTED, self._now_ms, self._now_ms)
        for index in range(FRAMES):
            at = ring.said.place()
            ring.said.memory.buffer[at] = 0x21
            ring.said.memory.buffer[at + 3] = index
            ring.said.commit()
        self._now_ms = (self._now_ms + 500) & 0x3FFFFFFF
        ring.handle(actions.RELEASED, self._now_ms)
        ring.handle(actions.MICROPHONE_STOPPED, self._now_ms, (FRAMES, 0))

    def _drain(self):
        ring = self._ring
        for _ in range(300):
            if ring.next_plaintext(self._record, self._now_ms) == 0:
                return
        raise AssertionError("it never stops talking")

    def _renew(self):
        """Another host; now and then another ring."""
        self._left = LIFE_RECORDS
        if self._ring is None or self._peer.dice.below(20) == 0:
            self._flash = Flash()
            self._ring = new_ring(FLASH_BYTES)
        else:
            self._ring.handle(actions.DISCONNECTED, self._now_ms)
            self._say()  # away from its host
            self._pass_time()
        shake_hands(self._ring, self._now_ms)
        channel = self._ring.session.channel
        channel._opener._aead = Clear()
        channel._sealer._aead = Clear()
        self._sealing = Sealing(self._peer.dice)
        self._drain()


class Stranger:
    """Above the seal: whoever connects, in every state of the handshake, with the real cipher."""

    def __init__(self, seed):
        self._plain = plain_seeds()
        self._ring = new_ring()
        self._state = 0
        self._renew()

    def make(self, dice):
        kind = dice.below(3)
        if kind == 0:
            return damaged(dice, self._plain[dice.below(len(self._plain))], self._plain)
        if kind == 1:
            return dice.bytes(dice.below(40))
        return damaged(dice, self._sealed, self._plain)

    def take(self, record):
        self._left -= 1
        if record == self._sealed:
            return
        was_proven = self._ring.session.proven
        todo = self._ring.handle(actions.RECEIVED, 0, record)
        assert self._ring.session.proven == was_proven
        if self._left <= 0 or (actions.DISCONNECT, None) in todo:
            self._renew()

    def _renew(self):
        """In turn: nothing was said yet, both said HELLO, both proved."""
        self._left = 30
        self._state = (self._state + 1) % 3
        ring = self._ring
        ring.handle(actions.DISCONNECTED, 0)
        self._sealed = b"\x80" + bytes(40)
        if self._state == 2:
            self._sealed = shake_hands(ring, 0).seal_piece(PING)
            return
        ring.handle(actions.CONNECTED, 0)
        ring.handle(actions.MTU, 0, 247)
        if self._state == 1:
            ring.handle(actions.RECEIVED, 0, self._plain[0])


class Cable:
    """The console's bytes: frames, commands, and what noise makes of both."""

    def __init__(self, seed):
        self._peer = Peer(HOST, seed)
        self._deframer = Deframer()
        self._others = [frame(b""), b"mynah key " + b"0f" * 32 + b"\n", b"mynah id\n"]

    def make(self, dice):
        if dice.below(3) == 0:
            return damaged(dice, self._others[dice.below(3)], self._others)
        return damaged(dice, frame(self._peer.next()), self._others)

    def take(self, data):
        for record in self._deframer.feed(data):
            assert isinstance(record, bytes)
        for line in self._deframer.take_lines():
            console.parse(line)


class Files:
    """An utterance's file as flash may have it after a power cut or a worn block."""

    def __init__(self, seed):
        self._whole = new_file()

    def make(self, dice):
        """Damaged, and often with checksums that are right all the same."""
        data = damaged(dice, self._whole, [self._whole])
        return mended(data) if dice.below(2) else data

    def take(self, data):
        flash, said = Flash(), Said(1, KEY, Memory(4), FLASH_BYTES)
        flash.files[1] = data
        said.found(1, len(data), flash.read)
        said.met(0)
        record = bytearray(244)
        while (held := said.telling()) is not None:
            repr(held)
            said.fetch(Fetch(1, held.boot_id, held.stream, 0))
            for _ in range(8 * FRAMES):
                job = said.job(True)
                if job is not None:
                    said.done(flash.do(job), 0)
                elif said.past(record, 0) == 0:
                    break
            else:
                raise AssertionError("what is fetched never ends")
            said.kept(Kept(held.boot_id, held.stream))


def new_file():
    """What a ring writes of an utterance."""
    said = Said(1, KEY, Memory(4), FLASH_BYTES)
    data = log_records.start_record(log_records.Start(said.saving.owner, 7, 3, 1, 1000))
    record = bytearray(log_records.FRAME_BYTES)
    for index in range(FRAMES):
        record[log_records.HEAD_BYTES] = index
        log_records.seal_frame(record, 0)
        data += bytes(record)
    return data + log_records.end_record(0, FRAMES, 0)


def mended(data):
    """With every record's length and checksum made right again, where a record should be."""
    sizes = [log_records.START_BYTES] + [log_records.FRAME_BYTES] * FRAMES
    sizes.append(log_records.END_BYTES)
    head, at, pieces = log_records.HEAD_BYTES, 0, []
    for size in sizes:
        piece = data[at : at + size]
        at += size
        if len(piece) == size:
            piece = log_records._record(piece[6], piece[head:])
        pieces.append(piece)
    return b"".join(pieces)


def new_ring(flash_bytes=0):
    """A ring that is paired, and alone."""
    identity = Identity(b"12345678", 7, b"a board", 15, Ccm, lambda size: bytes(range(size)))
    playback = Playback(decode_frame, ramp)
    return Ring(identity, KEY, Settings({}), playback, Memory(40), flash_bytes)


def shake_hands(ring, now_ms):
    """The owner's host connects and proves itself."""
    host = Channel(HOST, KEY, Ccm, NONCE, 247)
    ring.handle(actions.CONNECTED, now_ms)
    ring.handle(actions.MTU, now_ms, 247)
    record = host.greet()
    while record:
        answers = ring.handle(actions.RECEIVED, now_ms, record)
        record = host.receive_plain(answers[0][1]) if answers else b""
    assert ring.session.proven
    return host


TARGETS = {"mad_host": MadHost, "stranger": Stranger, "cable": Cable, "flash": Files}
assert Dice

"""What was said, from the microphone until a host has KEPT it: memory, flash, and who is told."""

from mynah_wire import uplink
from mynah_wire.downlink import Fetch, Kept
from mynah_wire.keys import hmac_sha256

from .fetching import Fetching
from .flash_jobs import Job
from .held import Held, Utterance
from .log_records import OWNER_BYTES
from .memory import AUDIO_PLAINTEXT_BYTES, ON_THE_WAY, STEP_OFFSET, Memory
from .saving import Saving

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[int, int, int], bytes]

# The index of the codec's step follows the loudness: steady noise 45 dB below full scale, which is
# a room of 50 dB, reaches 49, and recorded speech 65 to 85. Not measured on hardware.
LOUD_STEP = 50
_NOTHING = -1  # no frame is said live


class Said:
    """Every stream that was started is delivered, held, or told lost.

    When memory is full, what flash has too and what a host was sent give their place, and what is
    live on a connection takes that of older utterances. Else the newest frames are lost, of the
    utterance being said: a button squeezed in a bag must not push out what was said before, and of
    a long speech its beginning says more than a piece from its middle.
    """

    def __init__(self, boot_id: int, key: "bytes | None", memory: Memory, flash_bytes: int) -> None:
        """`flash_bytes` is how much of the flash may be used; 0 without a flash."""
        self.boot_id = boot_id
        self.memory = memory
        self.held = Held()
        self.fetching = Fetching(memory)
        self.saving = Saving(memory, self.held, self.fetching, flash_bytes)
        self.saving.owner = _owner(key)
        self.dropped = 0  # frames, since boot, that were lost before any host had them
        self.live = _NOTHING  # the count of the frame to be sent live next
        self._current: "Utterance | None" = None
        self._has_place = False
        self._at = 0  # where in memory's buffer the next frame is written
        self._loudest = 0  # step of what is being said

    @property
    def loud(self) -> bool:
        """Whether what is being said is more than silence, as far as a ring can tell."""
        return self._loudest >= LOUD_STEP

    @property
    def is_live(self) -> bool:
        """Whether what is being said is live on this connection since its START."""
        return self._current is not None and self._current.live

    @property
    def sent(self) -> int:
        """How far the live frames have gone: a count in memory."""
        return self.memory.newest if self.live == _NOTHING else self.live

    # The microphone.

    def begin(self, stream: int, codec: int, at_ms: int, live: bool) -> None:
        """A stream begins."""
        self._loudest = 0
        if self.saving.owner is None or self.held.full:
            return  # nobody will ever ask for it
        newest = self.memory.newest
        self._current = Utterance(self.boot_id, stream, codec, at_ms, newest)
        self._current.live = self._current.known = live
        self.held.add(self._current, at_ms)
        if not live:
            self.live = _NOTHING
        elif self.live == _NOTHING:
            self.live = newest

    def place(self) -> int:
        """Where in memory's buffer to write the next frame's plaintext; then `commit`."""
        current = self._current
        self._has_place = current is not None and self._make_room(current)
        memory = self.memory
        self._at = memory.place(memory.newest) if self._has_place else memory.spare
        return self._at

    def commit(self) -> None:
        """The frame is complete."""
        current = self._current
        self._loudest = max(self._loudest, self.memory.buffer[self._at + STEP_OFFSET])
        if current is None:
            return
        if not self._has_place:
            current.lost += 1
            self.dropped += 1
            return
        memory = self.memory
        memory.newest += 1
        current.end = memory.newest
        if self.live != _NOTHING and memory.newest - self.live > memory.frames:
            self.live = memory.newest - memory.frames

    def finish(self, verdict: int, frames: int, lost: int, now_ms: int, proven: bool) -> int:
        """The stream is over, `frames` long; how many of them the ring lost."""
        utterance = self._current
        self._current = None
        if utterance is None:
            return lost
        utterance.lost += lost
        utterance.verdict = verdict
        utterance.frames = frames
        lost = utterance.lost
        if verdict == uplink.CANCELLED:
            self._cancel(utterance)
        if proven:
            self.held.give_time(utterance, now_ms)
        else:
            utterance.overdue = True
        return lost

    # The link.

    def met(self, now_ms: int) -> None:
        """A host has proved itself."""
        self.held.met(now_ms)

    def cut(self) -> None:
        """The link is gone."""
        for utterance in self.held.all:
            utterance.sent = max(utterance.sent, self._sent_of(utterance))
        self.live = _NOTHING
        self.fetching.stop()
        self.held.cut()

    def wipe(self, key: "bytes | None") -> None:
        """Another owner, or none: what was said to the old one is not for him."""
        self.live = _NOTHING
        self._current = None
        self.held.all.clear()
        self.fetching.stop()
        self.memory.clear()
        self.saving.wipe(_owner(key))

    def fetch(self, fetch: Fetch) -> None:
        """The host wants one."""
        utterance = self.held.find(fetch.boot_id, fetch.stream)
        if utterance is not None and utterance.verdict == uplink.CANCELLED:
            utterance.told = False  # the host could not know yet: there is nothing to fetch
            return
        self.fetching.begin(fetch.token, utterance, fetch.frame)

    def kept(self, kept: Kept) -> None:
        """The host has one."""
        utterance = self.held.find(kept.boot_id, kept.stream)
        if utterance is not None and utterance.over:
            self._forget(utterance)

    def telling(self) -> "uplink.Held | None":
        """The next to tell of; it has been told then."""
        if self._current is not None and self._current.first < self._current.end:
            self._current.frames = self.memory.index(self._current.end - 1) + 1
        return self.held.telling()

    def audio(self, record: bytearray) -> int:
        """Write the next live frame to record[4:]; its length, 0 if there is none."""
        if self.sent == self.memory.newest:
            return 0
        self.memory.load(self.live, record)
        self.live += 1
        return AUDIO_PLAINTEXT_BYTES

    def past(self, record: bytearray, now_ms: int) -> int:
        """Write the next frame, or the end, of what is fetched to record[4:]; its length."""
        utterance = self.fetching.utterance
        length = self.fetching.next(record)
        if utterance is not None and not self.fetching.active:
            self.held.give_time(utterance, now_ms)  # KEPT is on its way
        return length

    # Time and the flash.

    def tick(self, now_ms: int) -> None:
        """Do what is due."""
        self.held.tick(now_ms, self.sent, self.fetching.active)

    def deadline_ms(self, now_ms: int) -> "int | None":
        """When to `tick`."""
        return self.held.deadline_ms(now_ms)

    def found(self, file: int, size: int, read: "Read") -> None:
        """A file was in flash at boot; `read(file, offset, count)` reads it. The oldest first."""
        self.saving.found(file, size, read)

    def has_room(self, free_bytes: int) -> None:
        """At boot, after all that was found: so much is free of the flash."""
        self.saving.has_room(free_bytes)

    def job(self, quiet: bool) -> "Job | None":
        """What the flash is to do now; `quiet` is when nobody speaks or listens."""
        return self.saving.job(self._current, quiet)

    def done(self, result: int, now_ms: int) -> None:
        """It has done it."""
        self.saving.done(result, now_ms)

    def _cancel(self, utterance: Utterance) -> None:
        """Nothing was meant to be said: of what a host has begun to hear, the name is kept."""
        if not utterance.known:
            self._forget(utterance)
            return
        self._free(utterance)
        utterance.first = utterance.end
        utterance.file = utterance.size = utterance.records = utterance.frames = 0
        utterance.whole = True

    def _forget(self, utterance: Utterance) -> None:
        self.held.all.remove(utterance)
        self._free(utterance)

    def _free(self, utterance: Utterance) -> None:
        if self.fetching.utterance is utterance:
            self.fetching.stop()
        self.saving.let_go(utterance)

    def _make_room(self, current: Utterance) -> bool:
        memory = self.memory
        while True:
            oldest = self.held.oldest_in_memory()
            if oldest is None or memory.newest - oldest.first < memory.frames:
                return True
            if oldest.whole:
                oldest.first = oldest.end
                continue
            sent = oldest.first < max(oldest.sent, self._sent_of(oldest))
            if not sent and not (current.live and oldest is not current):
                return False
            if not sent:
                self.dropped += 1
            oldest.first += 1
            if oldest.over and oldest.first == oldest.end:
                oldest.verdict = uplink.CROWDED
                oldest.told = False

    def _sent_of(self, utterance: Utterance) -> int:
        """How far it went live, but for what a cut would take."""
        if not utterance.live:
            return utterance.first
        return min(self.sent - ON_THE_WAY, utterance.end)


def _owner(key: "bytes | None") -> "bytes | None":
    # Not the key's fingerprint, which the console tells anybody.
    if key is None:
        return None
    return hmac_sha256(key, b"mynah said")[:OWNER_BYTES]

"""The reply on its way to the speaker: a bounded buffer of coded frames, decoded when due.

One reply at a time, named by its id. It is loaded silently, released by GO, and can be paused,
ducked, and flushed; every change of loudness is a ramp over one frame, so that nothing clicks.
What comes late for a reply that is over is thrown away, and its credit given back.
"""

from array import array
from collections import deque

from mynah_wire.adpcm import LAST_INDEX
from mynah_wire.codecs import IMA_ADPCM, Codec, codec
from mynah_wire.uplink import DONE, FLUSHED, PAUSED, PLAYING, STARTED

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    Decode = Callable[[bytearray, int, bytearray], None]
    Ramp = Callable[[bytearray, int, int, int], None]

CODEC = codec(IMA_ADPCM)  # the one that a ring speaks
FRAME_MS = CODEC.frame_ms
FRAME_SAMPLES = CODEC.frame_samples
SLOT_BYTES = CODEC.frame_bytes
SLOTS = 100  # frames: 2 s, the credit that READY grants; 16 kB
PREBUFFER_FRAMES = 4  # 80 ms: two connection intervals of 30 ms, and the block that is due next
INTERVALS = 2  # that a longer interval asks for as well: one may pass without a packet
REBUFFER_MORE = 2  # frames, after running dry: one longer gap instead of a stutter
CURSOR_FRAMES = 10  # a cursor every 200 ms
REPORTS = 8  # more than any host has cause for between two frames; then the oldest goes
FULL = 256  # unity gain
DUCKED = 64  # -12 dB: clearly aside, still understood

IDLE = "idle"
LOADED = "loaded"  # held silently until GO
FILLING = "filling"  # released, waiting for its pre-buffer
SOUNDING = "sounding"
HUSHED = "hushed"  # paused
FADING = "fading"  # flushed: one more frame, going down
DRAINING = "draining"  # its last frame is in the amplifier's queue

# What a field of 32 bits holds: 49 days of credit, 74 hours of a reply. No honest host gets there.
_MOST = 0xFFFFFFFF
_SILENCE = bytes(CODEC.pcm_bytes)
_INDEX_OFFSET = 2  # of the codec's state in a frame: beyond LAST_INDEX there is nothing to decode


class Playback:
    """What `take` puts into the speaker's next 20 ms."""

    def __init__(
        self, decode: "Decode", ramp: "Ramp", spoken: Codec = CODEC, slots: int = SLOTS
    ) -> None:
        """`decode(data, offset, pcm)`, `ramp(pcm, samples, from_256, to_256)`: viper or plain.

        Any codec will do whose frames are as long as FRAME_MS. `slots` frames are room for 20 ms
        each.
        """
        self._decode = decode
        self._ramp = ramp
        self._spoken = spoken
        self._slots = slots
        self._buffer = bytearray(slots * spoken.frame_bytes)
        self._frames = array("i", [0] * slots)  # each slot's index on the reply's sample clock
        self._volume = FULL
        self._prebuffer = PREBUFFER_FRAMES
        self.state = IDLE
        self.reply = 0
        self.underruns = 0  # since boot
        self._consumed_ms = 0  # of all audio ever sent: played, thrown away, or lost on the way
        # What to tell: (reply, cursor state, samples, ms they were heard before this frame's end).
        self._reports: "deque[tuple[int, int, int, int]]" = deque((), REPORTS)
        self._clear()

    def _clear(self) -> None:
        self._oldest = 0
        self._newest = 0
        self._position = 0  # in frames, next to be taken
        self._end = -1  # the reply's length in frames, once FINISH told
        self._gain = 0  # what the last frame ended with
        self._target = FULL
        self._needed = self._prebuffer
        self._drained_ms = 0
        self._hushed_ms = 0  # since its last sample, if it is paused
        self._since_report = 0  # in frames
        self._unheard = 0  # samples of its position that were cut off in the speaker's queue

    @property
    def active(self) -> bool:
        """Whether the speaker must be fed."""
        return self.state != IDLE

    @property
    def wanted(self) -> bool:
        """Whether `take` has something to do now; until then the speaker's queue may run dry."""
        if self.state == SOUNDING:
            return not self.starving
        if self.state == FILLING and self._is_filled():
            return True
        return self._gain > 0 or self.state == DRAINING

    @property
    def starving(self) -> bool:
        """Whether a reply sounds whose next frame is not there: `take` would give it up for now."""
        return self.state == SOUNDING and self._newest == self._oldest and self._end < 0

    @property
    def calls(self) -> bool:
        """Whether the speaker is wanted, if only to tell something."""
        return self.wanted or bool(self._reports)

    @property
    def sounds(self) -> bool:
        """Whether a reply is being played, so that a press means: stop."""
        return self.state in (FILLING, SOUNDING, HUSHED, DRAINING)

    @property
    def credit_until_ms(self) -> int:
        """The total of audio that the host may have sent by now."""
        return min(self._consumed_ms + self._slots * FRAME_MS, _MOST)

    def set_volume(self, percent: int) -> None:
        """Loudness; heard at the next frame. Squared: the ear's halves are not the wire's."""
        self._volume = FULL * percent * percent // 10_000

    def set_interval(self, interval_ms: int) -> None:
        """The link's connection interval, from the next reply on."""
        wanted = -(-INTERVALS * interval_ms // FRAME_MS) + 1
        self._prebuffer = max(PREBUFFER_FRAMES, min(wanted, self._slots // 2))

    def new_host(self) -> None:
        """A host proved itself: what another one sent is gone, and credit counts from zero."""
        self._clear()
        self._reports = deque((), REPORTS)
        self.state = IDLE
        self._consumed_ms = 0

    def preload(self, reply: int, codec_id: int, sent_ms: int) -> bool:
        """Begin a reply, silently; False if its codec is not spoken here.

        One that still sounds is cut off, told as flushed; to let it fade, flush it first.
        """
        if codec_id != self._spoken.id:
            return False
        if self.state not in (IDLE, LOADED):
            self._tell(FLUSHED, self._hushed_ms)
        self._clear()
        self.state = LOADED
        self.reply = reply
        # No host may have sent more than its credit, whatever it says.
        self._consumed_ms = min(sent_ms, self.credit_until_ms)
        return True

    def push(self, reply: int, frame: int, record: bytearray, offset: int, length: int) -> None:
        """A frame has come: `length` bytes at record[offset:]."""
        wanted = reply == self.reply and self.state not in (IDLE, DRAINING, FADING)
        newest = (self._newest - 1) % self._slots
        in_order = self._newest == self._oldest or frame > self._frames[newest]
        fits = self._newest - self._oldest < self._slots
        sound = length == self._spoken.frame_bytes and self._can_decode(record, offset)
        if not (wanted and in_order and frame >= self._position and fits and sound):
            self._consumed_ms += FRAME_MS
            return
        index = self._newest % self._slots
        at = index * length
        self._buffer[at : at + length] = record[offset : offset + length]
        self._frames[index] = frame
        self._newest += 1

    def finish(self, reply: int, frames: int) -> None:
        """All frames of the reply have been sent."""
        if reply == self.reply:
            self._end = frames

    def go(self, reply: int) -> bool:
        """Release it; False if that reply is not held."""
        if reply != self.reply or self.state != LOADED:
            return False
        self.state = FILLING
        return True

    def pause(self, reply: int) -> None:
        """Fall silent, keep the place."""
        if reply == self.reply and self.state in (FILLING, SOUNDING):
            self.state = HUSHED
            if self._gain == 0:
                self._tell(PAUSED, 0)

    def resume(self, reply: int) -> bool:
        """Go on at full volume; also ends a duck. True if the speaker must be woken."""
        if reply != self.reply:
            return False
        self._target = FULL
        if self.state != HUSHED:
            return False
        self.state = FILLING
        self._hushed_ms = 0
        return True

    def duck(self, reply: int) -> None:
        """Go on softly."""
        if reply == self.reply:
            self._target = DUCKED

    def drop(self, reply: int) -> None:
        """Forget a reply that was never released."""
        if reply == self.reply and self.state == LOADED:
            self._discard()
            self.state = IDLE

    def flush(self, reply: int) -> None:
        """Fall silent for good, and tell what was heard."""
        if reply == self.reply and self.state not in (IDLE, FADING):
            self.state = FADING
            if self._gain == 0:
                self._flushed()

    def take(self, pcm: bytearray, latency_ms: int) -> None:
        """Fill the next 20 ms of sound; `latency_ms` from being taken to being heard."""
        if self.state == FILLING and self._is_filled():
            self.state = SOUNDING
            if self._position == 0:
                self._tell(STARTED, FRAME_MS)
        if self.state == SOUNDING:
            self._take_frame(pcm)
        elif self._gain > 0:  # paused or flushed: one more frame, fading, instead of a click
            self._fade_out(pcm)
        else:
            pcm[:] = _SILENCE
            if self.state == DRAINING:
                self._drain(latency_ms)
            elif self.state == HUSHED:
                self._hushed_ms += FRAME_MS

    def cut(self, unheard_ms: int) -> None:
        """The speaker was switched off at once: so much of what it took last nobody heard."""
        self._unheard = min(unheard_ms * FRAME_SAMPLES // FRAME_MS, self._position * FRAME_SAMPLES)
        sounded, self._gain = self._gain > 0, 0
        if self.state == DRAINING:
            self.state = IDLE
            self._tell(DONE, 0)
        elif self.state == FADING:
            self._flushed()
        elif self.state == HUSHED and sounded:
            self._tell(PAUSED, 0)
        elif self.state == SOUNDING:
            self.state = FILLING
        self._unheard = 0

    def cursor(self) -> "tuple[int, int, int, int] | None":
        """The next thing to tell: (reply, state, samples, ms before the end of this frame)."""
        return self._reports.popleft() if self._reports else None

    def _can_decode(self, record: bytearray, offset: int) -> bool:
        return not self._spoken.state_bytes or record[offset + _INDEX_OFFSET] <= LAST_INDEX

    def _tell(self, state: int, behind_ms: int) -> None:
        self._since_report = 0
        samples = min(self._position * FRAME_SAMPLES - self._unheard, _MOST)
        self._reports.append((self.reply, state, samples, behind_ms))

    def _is_filled(self) -> bool:
        return self._newest - self._oldest >= self._needed or self._end >= 0

    def _take_frame(self, pcm: bytearray) -> None:
        if self._end >= 0 and self._position >= self._end:
            self.state = DRAINING
            self._drained_ms = FRAME_MS  # this one is silent already
            self._discard()  # there may be more than FINISH promised
            self._gain = 0
            pcm[:] = _SILENCE
            return
        if self._newest == self._oldest and not self._end_was_lost():
            self.underruns += 1
            self.state = FILLING
            self._needed = self._prebuffer + REBUFFER_MORE
            self._gain = 0
            pcm[:] = _SILENCE
            return
        self._decode_next(pcm)
        target = self._volume * self._target // FULL
        self._ramp(pcm, FRAME_SAMPLES, self._gain, target)
        self._gain = target
        self._since_report += 1
        if self._since_report >= CURSOR_FRAMES:
            self._tell(PLAYING, 0)

    def _end_was_lost(self) -> bool:
        # All was sent, nothing is left, yet frames are missing: they are not coming any more.
        return self._end >= 0 and self._position < self._end

    def _decode_next(self, pcm: bytearray) -> None:
        index = self._oldest % self._slots
        if self._newest > self._oldest and self._frames[index] == self._position:
            self._decode(self._buffer, index * self._spoken.frame_bytes, pcm)
            self._oldest += 1
        else:
            pcm[:] = _SILENCE  # lost on the way: its own 20 ms, no more
        self._position += 1
        self._consumed_ms += FRAME_MS

    def _fade_out(self, pcm: bytearray) -> None:
        if self._newest > self._oldest:
            self._decode_next(pcm)
            self._ramp(pcm, FRAME_SAMPLES, self._gain, 0)
        else:
            pcm[:] = _SILENCE
        self._gain = 0
        if self.state == FADING:
            self._flushed()
        elif self.state == HUSHED:
            self._tell(PAUSED, 0)

    def _drain(self, latency_ms: int) -> None:
        self._drained_ms += FRAME_MS
        if self._drained_ms >= latency_ms:
            self.state = IDLE
            self._tell(DONE, self._drained_ms)

    def _flushed(self) -> None:
        self._discard()
        self.state = IDLE
        self._tell(FLUSHED, self._hushed_ms)

    def _discard(self) -> None:
        self._consumed_ms += (self._newest - self._oldest) * FRAME_MS
        self._oldest = self._newest

"""A reply on its way to the computer's speaker: the ring's own buffer, ramps and cursors. Pure."""

from array import array
from collections import deque
from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np

from mynah.audio import Samples
from mynah.audio.card_rate import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES
from mynah.audio.speaker import Played
from mynah_device.playback import FULL, LOADED, Playback
from mynah_wire.codecs import PCM16, Codec

_Bytes: TypeAlias = bytes | bytearray | memoryview
_Room: TypeAlias = bytearray | memoryview

LOUDEST: Final = 100
"""Percent: the system has a control of its own."""


class ComputerReply:
    """One reply at a time. What does not fit the buffer waits, as a ring's credit has it wait."""

    def __init__(self, volume: int = LOUDEST) -> None:
        """`volume` in percent."""
        self._playback = Playback(_decode, ramp, PLAIN)
        self._playback.set_volume(volume)
        self._waiting: deque[bytearray] = deque()
        self._rest = bytearray()  # samples that do not fill a frame yet
        self._reply = 0
        self._moved = 0  # frames of this reply, to the buffer
        self._finished = False
        self._sent_ms = 0  # to the buffer, since it was new

    @property
    def active(self) -> bool:
        """Whether there is one, from `begin` until its last cursor."""
        return self._playback.active

    @property
    def queued_ms(self) -> int:
        """What waits for room in the buffer."""
        return len(self._waiting) * FRAME_MS

    def begin(self, reply: int) -> None:
        """A reply begins, held silently until `go`; the one before it is cut off."""
        self._clear(reply)
        self._playback.preload(reply, PLAIN.id, self._sent_ms)

    def push(self, reply: int, samples: Samples) -> None:
        """More of it."""
        if reply != self._reply:
            return
        self._rest += samples.astype("<i2").tobytes()
        while len(self._rest) >= FRAME_BYTES:
            self._waiting.append(self._rest[:FRAME_BYTES])
            del self._rest[:FRAME_BYTES]
        self._move()

    def go(self, reply: int) -> None:
        """Let it sound."""
        self._playback.go(reply)

    def finish(self, reply: int) -> None:
        """That was all of it."""
        if reply != self._reply:
            return
        if self._rest:
            self._waiting.append(self._rest.ljust(FRAME_BYTES, b"\0"))
            self._rest = bytearray()
        self._finished = True
        self._move()

    def duck(self, reply: int) -> None:
        """Go on softly."""
        self._playback.duck(reply)

    def pause(self, reply: int) -> None:
        """Fall silent, keep the place."""
        self._playback.pause(reply)

    def resume(self, reply: int) -> None:
        """Go on from there, at full volume."""
        self._playback.resume(reply)

    def drop(self, reply: int) -> None:
        """Forget one that was not released."""
        if reply == self._reply and self._playback.state == LOADED:
            self._clear(0)
            self._playback.drop(reply)

    def flush(self, reply: int) -> None:
        """Silence it."""
        if reply == self._reply:
            self._clear(0)
            self._playback.flush(reply)

    def forget(self) -> None:
        """Nothing of it will be heard any more, or told."""
        self._clear(0)
        self._sent_ms = 0
        self._playback.new_host()

    def take(self, pcm: bytearray, latency_ms: int) -> None:
        """Fill the next 20 ms of sound; `latency_ms` from being taken to being heard."""
        self._playback.take(pcm, latency_ms)
        self._move()

    def told(self, end_ms: float) -> Iterator[Played]:
        """What there is to tell, when what `take` gave last will have been heard to its end."""
        while (cursor := self._playback.cursor()) is not None:
            reply, state, samples, before_ms = cursor
            yield Played(reply, state, samples, end_ms - before_ms)

    def _move(self) -> None:
        while self._waiting and self._sent_ms + FRAME_MS <= self._playback.credit_until_ms:
            frame = self._waiting.popleft()
            self._sent_ms += FRAME_MS
            self._playback.push(self._reply, self._moved, frame, 0, FRAME_BYTES)
            self._moved += 1
        if self._finished and not self._waiting:
            self._playback.finish(self._reply, self._moved)

    def _clear(self, reply: int) -> None:
        self._reply = reply
        self._waiting.clear()
        self._rest = bytearray()
        self._moved = 0
        self._finished = False


def ramp(pcm: bytearray, samples: int, from_256: int, to_256: int) -> None:
    """Move from one loudness to the next, in place."""
    if from_256 == to_256 == FULL:
        return
    loudness = np.linspace(from_256, to_256, samples, endpoint=False) / FULL
    sound = np.frombuffer(bytes(pcm), "<i2", samples) * loudness
    pcm[: 2 * samples] = np.rint(sound).astype("<i2").tobytes()


def _encode(pcm: _Bytes, out: _Room, offset: int, _state: "array[int]") -> None:
    out[offset : offset + FRAME_BYTES] = pcm[:FRAME_BYTES]


def _decode(data: _Bytes, offset: int, pcm: _Room, pcm_offset: int = 0) -> None:
    pcm[pcm_offset : pcm_offset + FRAME_BYTES] = data[offset : offset + FRAME_BYTES]


PLAIN: Final = Codec(PCM16, "plain", FRAME_SAMPLES, 0, FRAME_BYTES, _encode, _decode)
"""Samples as they are, in frames of 20 ms: no radio has to carry them. Never on the wire."""

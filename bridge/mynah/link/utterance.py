"""One stream of speech as it arrives: frames onto the sample clock, gaps counted. Pure."""

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.levels import dbfs
from mynah_wire.codecs import codec
from mynah_wire.errors import WireError
from mynah_wire.uplink import Audio, End, Start

GROW_FRAMES = 500
"""Ten seconds at a time: copying is rare, and a short word costs 320 kB."""

LEVEL_SAMPLES = SPEECH_HZ // 10
"""100 ms: a meter that follows syllables."""

LONGEST_FRAMES = 50 * 60 * 20
"""Twenty minutes; the ring itself closes a stream after fifteen."""

FURTHEST_FRAMES = 50 * 60
"""A minute: no link survives a fade of more than 6 s, so a frame further ahead is nonsense. All
that it skips is silence to be searched for pauses, and 20 minutes of it would stop the loop."""


class Utterance:
    """What one press of the button said, at its place in time; what was lost stays silent."""

    def __init__(self, start: Start, furthest_frames: int = FURTHEST_FRAMES) -> None:
        """A frame may skip so many others; WireError if the codec is unknown."""
        self.stream = start.stream
        self.cause = start.cause
        self.start_ms = start.device_ms
        self.end: End | None = None
        self.frames = 0
        """Received."""
        self._codec = codec(start.codec)
        self._furthest_frames = furthest_frames
        self._pcm = bytearray()
        self._seen = bytearray()  # one byte a frame
        self._length = 0  # frames, gaps included

    @property
    def samples(self) -> Samples:
        """Everything so far; gaps are zeros, so that time stays true."""
        return self.since(0)

    def since(self, sample: int) -> Samples:
        """What came after a sample, in whole frames."""
        size = self._codec.pcm_bytes
        sound = bytes(self._pcm[2 * sample : self._length * size])
        return np.frombuffer(sound, "<i2").astype(np.int16, copy=False)

    @property
    def duration_ms(self) -> int:
        """How long it is so far."""
        return self._length * self._codec.frame_ms

    @property
    def level_dbfs(self) -> float:
        """How loud its last 100 ms are."""
        return dbfs(self.since(max(0, self._length * self._codec.frame_samples - LEVEL_SAMPLES)))

    @property
    def lost_frames(self) -> int:
        """Gaps on the sample clock from START to END, whatever made them."""
        expected = self._length if self.end is None else max(self.end.frames, self._length)
        return expected - self.frames

    def add(self, audio: Audio) -> bool:
        """A frame; False if it is a repetition, malformed, or absurdly far off."""
        index = audio.frame
        furthest = min(self._length + self._furthest_frames, LONGEST_FRAMES - 1)
        if index > furthest or len(audio.data) != self._codec.frame_bytes:
            return False
        self._grow(index + 1)
        if self._seen[index]:
            return False
        try:
            self._codec.decode_frame(audio.data, 0, self._pcm, index * self._codec.pcm_bytes)
        except WireError:
            return False
        self._seen[index] = 1
        self.frames += 1
        self._length = max(self._length, index + 1)
        return True

    def close(self, end: End) -> None:
        """The ring ended the stream."""
        self.end = end
        self._grow(min(end.frames, LONGEST_FRAMES))
        self._length = max(self._length, min(end.frames, LONGEST_FRAMES))

    def _grow(self, frames: int) -> None:
        if frames > len(self._seen):
            room = -(-frames // GROW_FRAMES) * GROW_FRAMES
            self._seen.extend(bytes(room - len(self._seen)))
            self._pcm.extend(bytes(room * self._codec.pcm_bytes - len(self._pcm)))

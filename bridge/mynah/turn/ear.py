"""Voice in a stream, found while it comes: since when, how much of it, until when. Pure."""

from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.levels import SILENCE_DBFS, dbfs
from mynah.speech.vad import FRAME_SAMPLES, SPEECH_PROBABILITY
from mynah.turn.endpoint import Detector
from mynah_wire.codecs import codec
from mynah_wire.errors import WireError
from mynah_wire.uplink import Audio

DIP_MS: Final = 96
"""Silence that ends a voice: between the syllables of one word Silero doubts for a frame or two."""

FURTHEST_MS: Final = 60_000
"""A frame further ahead is nonsense: no link survives a fade of more than 6 s."""

_DIP: Final = DIP_MS * SPEECH_HZ // 1000


class Ear:
    """One stream on its sample clock; what was lost is silence. Places are samples."""

    def __init__(self, codec_id: int, detector: Detector) -> None:
        """The detector must not have heard anything else; WireError if the codec is unknown."""
        self.heard = 0
        """Judged so far."""
        self.voice_begin: int | None = None
        """Where the voice that goes on began; None while there is none."""
        self.voice_end = 0
        """Where voice was last."""
        self.level_dbfs = SILENCE_DBFS
        """How loud it was last."""
        self._voice_frames = 0
        self._codec = codec(codec_id)
        self._detector = detector
        self._rest = np.zeros(0, np.int16)
        self._pcm = bytearray(self._codec.pcm_bytes)

    @property
    def next_frame(self) -> int:
        """The frame that continues what was heard."""
        return (self.heard + len(self._rest)) // self._codec.frame_samples

    @property
    def voice_ms(self) -> int:
        """How much voice there is in the one that goes on, without its dips."""
        return 0 if self.voice_begin is None else milliseconds(self._voice_frames * FRAME_SAMPLES)

    def place(self, frame: int) -> int:
        """Where a frame begins."""
        return frame * self._codec.frame_samples

    def frame_at(self, place: int) -> int:
        """The frame that holds a sample."""
        return place // self._codec.frame_samples

    def is_far(self, frame: int) -> bool:
        """Whether a frame is absurdly far ahead."""
        return milliseconds(self.place(frame - self.next_frame)) > FURTHEST_MS

    def wait(self, frame: int) -> None:
        """What is missing before this frame will not come: it was silence."""
        missing = max(0, frame - self.next_frame)
        self._judge(np.zeros(self.place(missing), np.int16))

    def hear(self, audio: Audio) -> None:
        """The next frame; one that is malformed is silence, one that comes late is not judged."""
        if audio.frame < self.next_frame:
            return
        self.wait(audio.frame)
        sound = np.zeros(self._codec.frame_samples, np.int16)
        if len(audio.data) == self._codec.frame_bytes:
            try:
                self._codec.decode_frame(audio.data, 0, self._pcm, 0)
            except WireError:
                pass
            else:
                sound = np.frombuffer(bytes(self._pcm), "<i2").astype(np.int16, copy=False)
        self._judge(sound)

    def forget(self) -> None:
        """The voice so far does not count any more."""
        self.voice_begin = None

    def _judge(self, samples: Samples) -> None:
        self._rest = np.concatenate((self._rest, samples))
        while len(self._rest) >= FRAME_SAMPLES:
            frame, self._rest = self._rest[:FRAME_SAMPLES], self._rest[FRAME_SAMPLES:]
            begin, self.heard = self.heard, self.heard + FRAME_SAMPLES
            self.level_dbfs = dbfs(frame)
            if self._detector.probability(frame) >= SPEECH_PROBABILITY:
                if self.voice_begin is None:
                    self.voice_begin, self._voice_frames = begin, 0
                self._voice_frames += 1
                self.voice_end = self.heard
            elif self.heard - self.voice_end >= _DIP:
                self.voice_begin = None


def milliseconds(samples: int) -> int:
    """How long so many samples last."""
    return samples * 1000 // SPEECH_HZ

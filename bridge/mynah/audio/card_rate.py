"""Between 20 ms at 16 kHz and what a card asks for: its own rate, in blocks of 20 ms."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.audio.resample import Resampler

FRAME_MS: Final = 20
"""The ring's own; a callback each 20 ms is no load, and what is flushed is silent as soon."""

FRAMES_PER_S: Final = 1000 // FRAME_MS
FRAME_SAMPLES: Final = SPEECH_HZ // FRAMES_PER_S
FRAME_BYTES: Final = 2 * FRAME_SAMPLES


class CardPlays:
    """Gives a card its blocks, taken from `fill(pcm, in_ms)`."""

    def __init__(self, fill: Callable[[bytearray, float], None], rate_hz: int) -> None:
        self._fill = fill
        self._rate_hz = rate_hz
        self._resampler = None if rate_hz == SPEECH_HZ else Resampler(SPEECH_HZ, rate_hz)
        self._pcm = bytearray(FRAME_BYTES)
        self._ready: Samples = np.zeros(0, np.int16)
        self._filled_ms = 0  # of sound asked for
        self._given = 0  # samples, at the card's rate

    def next(self, in_ms: float) -> bytes | bytearray:
        """The next 20 ms, at the card's rate; it will be heard in so many ms."""
        if self._resampler is None:
            self._fill(self._pcm, in_ms)
            return self._pcm
        wanted = self._rate_hz // FRAMES_PER_S
        while len(self._ready) < wanted:
            # What was asked for, yet not given, is heard first: the filter holds some of it.
            ahead_ms = self._filled_ms - self._given * 1000 / self._rate_hz
            self._fill(self._pcm, in_ms + ahead_ms)
            self._filled_ms += FRAME_MS
            sound = self._resampler.push(_floating(np.frombuffer(self._pcm, "<i2")))
            self._ready = np.concatenate([self._ready, sound])
        block, self._ready = self._ready[:wanted], self._ready[wanted:]
        self._given += wanted
        return block.tobytes()


class CardHears:
    """Gives `hear(samples, lost)` 20 ms at a time of what a card heard."""

    def __init__(self, hear: Callable[[Samples, bool], None], rate_hz: int) -> None:
        self._hear = hear
        self._resampler = None if rate_hz == SPEECH_HZ else Resampler(rate_hz, SPEECH_HZ)
        self._rest: Samples = np.zeros(0, np.int16)
        self._lost = False

    def push(self, block: bytes, *, lost: bool) -> None:
        """What the card heard next, and whether it lost some before."""
        samples = np.frombuffer(block, "<i2")
        if self._resampler is not None:
            samples = self._resampler.push(_floating(samples))
        self._lost |= lost
        sound = np.concatenate([self._rest, samples])
        whole = len(sound) - len(sound) % FRAME_SAMPLES
        for start in range(0, whole, FRAME_SAMPLES):
            self._hear(sound[start : start + FRAME_SAMPLES], self._lost)
            self._lost = False
        self._rest = sound[whole:]


def _floating(samples: Samples) -> NDArray[np.float32]:
    return samples.astype(np.float32) / np.float32(FULL_SCALE)

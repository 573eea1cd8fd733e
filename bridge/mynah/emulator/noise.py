"""The noise floor of a recording, to be gone on with for as long as anyone listens. Pure.

A floor is steady noise with the spectrum and level of the quietest stretch, in random phases: it
has no seam where it repeats and no rhythm that an ear or a voice detector could take for speech.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples

QUIETEST_MS: Final = 150
"""Long enough for a spectrum, short enough to lie between two words."""

ROOM_DBFS: Final = -70.0
"""What stands in for the floor where a recording has none: a quiet room near the microphone."""

_LOOP_SAMPLES: Final = 1 << 16  # 4 s: nobody notices that the same hiss comes back
_FRAME_SAMPLES: Final = 512  # 32 ms: 31 Hz apart, finer would copy the stretch's own accidents
_STEP_SAMPLES: Final = SPEECH_HZ // 100
_SILENT_RMS: Final = 1.0  # below one step of 16 bits it would be rounded to zeros


class NoiseFloor:
    """Endless noise; what it sounds like at a sample depends on nothing but its number."""

    def __init__(self, loop: Samples) -> None:
        self._loop = loop

    def at(self, first: int, count: int) -> Samples:
        """The floor from sample `first` on."""
        return np.take(self._loop, np.arange(first, first + count), mode="wrap")


def room(seed: int = 0) -> NoiseFloor:
    """The floor of a quiet room."""
    rms = FULL_SCALE * 10 ** (ROOM_DBFS / 20)
    return NoiseFloor(_noise(np.ones(2), rms, seed))


def floor_of(clip: Samples, seed: int = 0) -> NoiseFloor:
    """A recording's own floor; a room's where its quietest stretch is digital silence."""
    quiet = _quietest(clip)
    rms = float(np.sqrt(np.mean(quiet**2))) if len(quiet) else 0.0
    if rms < _SILENT_RMS:
        return room(seed)
    return NoiseFloor(_noise(_spectrum(quiet), rms, seed))


def _quietest(clip: Samples) -> NDArray[np.float64]:
    length = SPEECH_HZ * QUIETEST_MS // 1000
    sound = clip.astype(np.float64)
    if len(sound) <= length:
        return sound
    energy = np.concatenate(([0.0], np.cumsum(sound**2)))
    starts = np.arange(0, len(sound) - length + 1, _STEP_SAMPLES)
    start = int(starts[np.argmin(energy[starts + length] - energy[starts])])
    return sound[start : start + length]


def _spectrum(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean amplitude over half-overlapping frames."""
    padded = np.pad(sound, (0, max(0, _FRAME_SAMPLES - len(sound))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME_SAMPLES)
    power = np.abs(np.fft.rfft(frames[:: _FRAME_SAMPLES // 2] * np.hanning(_FRAME_SAMPLES))) ** 2
    return np.asarray(np.sqrt(power.mean(axis=0)))


def _noise(spectrum: NDArray[np.float64], rms: float, seed: int) -> Samples:
    bins = _LOOP_SAMPLES // 2 + 1
    amplitude = np.interp(np.linspace(0, 1, bins), np.linspace(0, 1, len(spectrum)), spectrum)
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi, bins)
    sound = np.fft.irfft(amplitude * np.exp(1j * phase))
    sound *= rms / np.sqrt(np.mean(sound**2))
    return np.clip(np.rint(sound), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)

"""The noise floor of a recording, to be gone on with for as long as anyone listens. Pure.

A floor is steady noise in random phases: it has no seam where it repeats and no rhythm that an ear
or a voice detector could take for speech. At each frequency it is as loud as the quietest stretch,
but no louder than what lasts throughout: where nobody pauses, the quietest stretch is a vowel.
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
_WINDOW: Final = np.hanning(_FRAME_SAMPLES)
_STEP_SAMPLES: Final = SPEECH_HZ // 100
_LASTING_SHARE: Final = 0.05  # even in a hurried sentence so much is between the words
# Half a minute has a pause. All of ten minutes took 0.6 s, in which the ring heard the old floor.
_JUDGED_SAMPLES: Final = SPEECH_HZ * 30
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
    judged = clip[:_JUDGED_SAMPLES]
    power = np.minimum(_powers(_quietest(judged)).mean(axis=0), _lasting(judged))
    rms = float(np.sqrt(2 * power.sum() / (_FRAME_SAMPLES * np.sum(_WINDOW**2))))
    if rms < _SILENT_RMS:
        return room(seed)
    return NoiseFloor(_noise(np.sqrt(power), rms, seed))


def _quietest(clip: Samples) -> NDArray[np.float64]:
    length = SPEECH_HZ * QUIETEST_MS // 1000
    sound = clip.astype(np.float64)
    if len(sound) <= length:
        return sound
    energy = np.concatenate(([0.0], np.cumsum(sound**2)))
    starts = np.arange(0, len(sound) - length + 1, _STEP_SAMPLES)
    start = int(starts[np.argmin(energy[starts + length] - energy[starts])])
    return sound[start : start + length]


def _lasting(clip: Samples) -> NDArray[np.float64]:
    """The mean power of the steady noise that is louder in all but a few frames of the clip."""
    quiet = np.quantile(_powers(clip.astype(np.float64)), _LASTING_SHARE, axis=0)
    # The power of noise is spread exponentially: this is where its quantile lies below its mean.
    return np.asarray(quiet / -np.log(1 - _LASTING_SHARE))


def _powers(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """The spectra of half-overlapping frames."""
    padded = np.pad(sound, (0, max(0, _FRAME_SAMPLES - len(sound))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME_SAMPLES)
    spectra = np.fft.rfft(frames[:: _FRAME_SAMPLES // 2] * _WINDOW)
    return np.asarray(np.square(np.abs(spectra)))


def _noise(spectrum: NDArray[np.float64], rms: float, seed: int) -> Samples:
    bins = _LOOP_SAMPLES // 2 + 1
    amplitude = np.interp(np.linspace(0, 1, bins), np.linspace(0, 1, len(spectrum)), spectrum)
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi, bins)
    sound = np.fft.irfft(amplitude * np.exp(1j * phase))
    sound *= rms / np.sqrt(np.mean(sound**2))
    return np.clip(np.rint(sound), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)

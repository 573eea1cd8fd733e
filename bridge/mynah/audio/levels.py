"""How loud sound is: decibels below full scale, and where sound begins. Pure."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples

BLOCK_MS: Final = 10
"""Loudness is judged over 10 ms: shorter follows the waveform, longer blurs an onset."""

SOUND_DBFS: Final = -40.0
"""What counts as a sound that a wearer notices; quieter is breath, hiss or Piper's lead-in."""

SILENCE_DBFS: Final = -120.0
"""What digital silence is called, instead of minus infinity: below one bit of 16."""


def dbfs(samples: Samples) -> float:
    """Root mean square in dB; a full-scale square wave is 0, a full-scale sine -3.01."""
    if not len(samples):
        return SILENCE_DBFS
    return float(_decibels(np.mean(np.square(samples, dtype=np.float64), keepdims=True))[0])


def block_levels(samples: Samples, rate_hz: int = SPEECH_HZ) -> NDArray[np.float64]:
    """The level of each whole 10 ms block."""
    length = rate_hz * BLOCK_MS // 1000
    blocks = samples[: len(samples) // length * length].reshape(-1, length)
    return _decibels(np.mean(np.square(blocks, dtype=np.float64), axis=1))


def first_sound(
    samples: Samples, rate_hz: int = SPEECH_HZ, threshold_dbfs: float = SOUND_DBFS
) -> int | None:
    """The first sample of the first 10 ms block that is loud enough; None if none is."""
    loud = np.flatnonzero(block_levels(samples, rate_hz) >= threshold_dbfs)
    return int(loud[0]) * (rate_hz * BLOCK_MS // 1000) if len(loud) else None


def _decibels(mean_square: NDArray[np.float64]) -> NDArray[np.float64]:
    floor = 10 ** (SILENCE_DBFS / 10) * FULL_SCALE**2
    return np.asarray(10 * np.log10(np.maximum(mean_square, floor) / FULL_SCALE**2))

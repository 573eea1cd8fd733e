"""Clauses cut so that they join: sound at once, a pause no longer than it should be, no click."""

from typing import Final

import numpy as np

from mynah.audio import Samples
from mynah.audio.levels import BLOCK_MS, SOUND_DBFS, block_levels

END_DBFS: Final = -50.0
"""Where a clause has died away: lower than where one begins, for words end softly."""

FADE_MS: Final = BLOCK_MS
"""From silence into what is kept before the first sound, and at the end into silence again."""

LEAST_PAUSE_MS: Final = 50
"""The filter that changes the rate holds back up to 40 ms: what it holds should be silence."""


def trimmed(sound: Samples, rate_hz: int, pause_ms: int) -> Samples:
    """From 10 ms before the first sound to `pause_ms` after the last at most; faded at both ends.

    There is always some silence at the end; empty if there is no sound in it.
    """
    block = rate_hz * BLOCK_MS // 1000
    levels = block_levels(np.pad(sound, (0, -len(sound) % block)), rate_hz)
    loud = np.flatnonzero(levels >= SOUND_DBFS)
    if not len(loud):
        return sound[:0]
    start = max(0, int(loud[0]) - 1) * block
    end = min(len(sound), (int(np.flatnonzero(levels >= END_DBFS)[-1]) + 1) * block)
    kept = _faded(sound[start : end + rate_hz * pause_ms // 1000], rate_hz * FADE_MS // 1000)
    missing = end - start + rate_hz * LEAST_PAUSE_MS // 1000 - len(kept)
    return np.pad(kept, (0, max(0, missing)))


def _faded(sound: Samples, length: int) -> Samples:
    """A raised cosine over so many samples at both ends."""
    rising = (1 - np.cos(np.linspace(0, np.pi, min(length, len(sound) // 2), endpoint=False))) / 2
    gain = np.ones(len(sound))
    gain[: len(rising)] = rising
    gain[len(sound) - len(rising) :] = rising[::-1]
    return np.rint(sound * gain).astype(np.int16)

"""Taking the silence off the front of a stream of sound. Pure."""

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.levels import BLOCK_MS, SOUND_DBFS, first_sound


class LeadTrimmer:
    """Holds sound back until some is heard; lets 10 ms before it through, so that onsets live."""

    def __init__(self, rate_hz: int = SPEECH_HZ, threshold_dbfs: float = SOUND_DBFS) -> None:
        self._rate_hz = rate_hz
        self._threshold_dbfs = threshold_dbfs
        self._block = rate_hz * BLOCK_MS // 1000
        self._held = np.zeros(0, np.int16)
        self._open = False

    def push(self, samples: Samples) -> Samples:
        """What may be played now; nothing while it was silent throughout."""
        if self._open:
            return samples
        held = np.concatenate([self._held, samples])
        start = first_sound(held, self._rate_hz, self._threshold_dbfs)
        if start is None:
            # Whole blocks go, so that the grid of blocks stays where it was; one quiet one stays.
            quiet = max(0, len(held) // self._block - 1) * self._block
            self._held = held[quiet:]
            return held[:0]
        self._open = True
        return held[max(0, start - self._block) :]

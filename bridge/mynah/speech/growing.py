"""Voice activity of a sound that grows: what was heard before is not computed again."""

import numpy as np

from mynah.audio import Samples
from mynah.speech.vad import FRAME_SAMPLES, Probabilities, SileroVad


class GrowingVad:
    """For a turn that is decoded while it is spoken: a minute takes 75 ms each time, this 1 ms."""

    def __init__(self, vad: SileroVad | None = None) -> None:
        self._vad = vad or SileroVad()
        self._heard = np.zeros(0, np.int16)
        self._found = np.zeros(0, np.float32)

    def probabilities(self, samples: Samples) -> Probabilities:
        """One number for each 32 ms; what is left at the end is taken for what came before it."""
        known = len(self._heard)
        if not (known <= len(samples) and np.array_equal(samples[:known], self._heard)):
            self._vad.reset()
            self._found = self._found[:0]
            known = 0
        whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
        if whole > known:
            new = self._vad.probabilities(samples[known:whole])
            self._found = np.concatenate([self._found, new])
        self._heard = samples[:whole].copy()
        rest = self._found[-1:] if len(samples) > whole else self._found[:0]
        return np.concatenate([self._found, rest])

"""Changing the rate of a stream of sound."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE, Samples


class Resampler:
    """One for each utterance: its filter remembers, so that pieces join without a click."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        import soxr

        self._stream = soxr.ResampleStream(from_hz, to_hz, num_channels=1, dtype="float32")

    def push(self, sound: NDArray[np.float32]) -> Samples:
        """What is known so far; the filter holds back some milliseconds."""
        return _whole(self._stream.resample_chunk(sound))

    def finish(self) -> Samples:
        """What the filter held back."""
        return _whole(self._stream.resample_chunk(np.zeros(0, np.float32), last=True))


_LOUDEST: Final = FULL_SCALE - 1


def _whole(sound: NDArray[np.float32]) -> Samples:
    # The filter overshoots at full scale: clipped, where a plain cast would wrap around.
    return np.clip(np.rint(sound * FULL_SCALE), -FULL_SCALE, _LOUDEST).astype(np.int16)

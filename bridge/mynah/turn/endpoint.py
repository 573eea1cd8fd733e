"""When a wearer who tapped the ring, and holds no button, is done: silence after speech. Pure.

The plain rule that Home Assistant uses; it waits long, and is wrong wherever people pause.
"""

from typing import Final, Protocol

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.speech.vad import FRAME_SAMPLES, SPEECH_PROBABILITY

SILENCE_MS: Final = 700
"""After the last speech: Home Assistant's default."""

PATIENCE_MS: Final = 6000
"""For the first word after a tap: then it was a tap by mistake."""


class Detector(Protocol):
    """What tells speech from other sound."""

    def probability(self, frame: Samples) -> float:
        """Of speech in the next FRAME_SAMPLES."""


class Endpoint:
    """One utterance: `hear` all of it, in pieces."""

    def __init__(self, detector: Detector) -> None:
        """The detector must not have heard anything else."""
        self._detector = detector
        self._rest = np.zeros(0, np.int16)
        self._judged = 0
        self.speech_end: int | None = None
        """The sample at which speech last ended."""

    @property
    def heard(self) -> int:
        """Samples taken so far."""
        return self._judged + len(self._rest)

    def hear(self, samples: Samples) -> bool:
        """More sound; true once the wearer is done."""
        self._rest = np.concatenate((self._rest, samples))
        while len(self._rest) >= FRAME_SAMPLES:
            frame, self._rest = self._rest[:FRAME_SAMPLES], self._rest[FRAME_SAMPLES:]
            self._judged += FRAME_SAMPLES
            if self._detector.probability(frame) >= SPEECH_PROBABILITY:
                self.speech_end = self._judged
        silent = self._judged - (self.speech_end or 0)
        wait_ms = PATIENCE_MS if self.speech_end is None else SILENCE_MS
        return silent * 1000 >= wait_ms * SPEECH_HZ

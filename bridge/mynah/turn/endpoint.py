"""Where the wearer pauses in an utterance, and when silence has lasted long enough. Pure.

The plain rule waits SILENCE_MS whatever was said, as Home Assistant does: long, and wrong wherever
people pause. See delay.py for a better one.
"""

from enum import StrEnum
from typing import Final, Protocol

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.speech.vad import FRAME_SAMPLES, SPEECH_PROBABILITY

SILENCE_MS: Final = 700
"""After the last speech: Home Assistant's default."""

PATIENCE_MS: Final = 6000
"""For the first word after a tap: then it was a tap by mistake."""

PAUSE_MS: Final = 64
"""Of silence are a pause: two frames, since within words single ones are doubted."""

RESUMED_FRAMES: Final = 2
"""Of voice in a row end a pause; one alone is a breath, or lips that close."""


class Detector(Protocol):
    """What tells speech from other sound."""

    def probability(self, frame: Samples) -> float:
        """Of speech in the next FRAME_SAMPLES."""


class Change(StrEnum):
    """What became of the voice."""

    PAUSED = "paused"
    RESUMED = "resumed"


class Endpoint:
    """One utterance: `hear` all of it, in pieces."""

    def __init__(self, detector: Detector, wait_ms: float = SILENCE_MS) -> None:
        """The detector must not have heard anything else."""
        self.wait_ms = wait_ms
        """The silence after which the wearer is done."""
        self.speech_end: int | None = None
        """The sample at which speech last ended."""
        self.paused = False
        """Whether nothing but silence came after what was said."""
        self.pause_ms = 0.0
        """How long the last pause was that the wearer ended by going on."""
        self._detector = detector
        self._rest = np.zeros(0, np.int16)
        self._judged = 0
        self._voiced = 0  # frames in a row
        self._paused_from = 0  # sample

    @property
    def heard(self) -> int:
        """Samples taken so far."""
        return self._judged + len(self._rest)

    @property
    def done(self) -> bool:
        """Whether it has been silent for long enough."""
        silent = self._judged - (self.speech_end or 0)
        wait_ms = PATIENCE_MS if self.speech_end is None else self.wait_ms
        return silent * 1000 >= wait_ms * SPEECH_HZ

    def hear(self, samples: Samples) -> list[Change]:
        """More sound; what changed with it, in order."""
        self._rest = np.concatenate((self._rest, samples))
        changes = []
        while len(self._rest) >= FRAME_SAMPLES:
            frame, self._rest = self._rest[:FRAME_SAMPLES], self._rest[FRAME_SAMPLES:]
            self._judged += FRAME_SAMPLES
            voiced = self._detector.probability(frame) >= SPEECH_PROBABILITY
            change = self._voice() if voiced else self._silence()
            if change is not None:
                changes.append(change)
        return changes

    def _voice(self) -> Change | None:
        self.speech_end = self._judged
        self._voiced += 1
        if not self.paused or self._voiced < RESUMED_FRAMES:
            return None
        self.paused = False
        begin = self._judged - self._voiced * FRAME_SAMPLES
        self.pause_ms = (begin - self._paused_from) * 1000 / SPEECH_HZ
        return Change.RESUMED

    def _silence(self) -> Change | None:
        self._voiced = 0
        if self.paused or self.speech_end is None:
            return None
        if (self._judged - self.speech_end) * 1000 < PAUSE_MS * SPEECH_HZ:
            return None
        self.paused, self._paused_from = True, self.speech_end
        return Change.PAUSED

"""Sound as a backend sends it, and which of its words begin where. No I/O."""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import SPEECH_HZ
from mynah.audio.resample import Resampler
from mynah.companions.base import Sound
from mynah.companions.plausible import PlausibleText
from mynah.errors import CompanionError

MOST_S: Final = 600
"""Ten minutes: as long as the longest text that is taken for an answer."""

_WHOLE: Final = re.compile(r".*[\s。！？，、；：…]", re.DOTALL)
"""Up to where no word is cut in two."""


class Captioned:
    """One reply. Words are told when they come; they belong to the sound that comes next.

    What is heard is counted by it, so that a word must stand neither before nor long after its
    sound: where a backend tells words ahead, they stand at the first sound after them.
    """

    def __init__(self, whose: str, from_hz: int) -> None:
        """`whose` begins the message of an error."""
        self._resampler = Resampler(from_hz, SPEECH_HZ)
        self._plausible = PlausibleText(whose)
        self._whose = whose
        self._text = ""  # told, and not given to a sound yet
        self._left = MOST_S * from_hz
        self._sounded = False

    def tell(self, text: str) -> None:
        """More words; CompanionError if they do not end."""
        self._text += self._plausible.push(text)
        self._plausible.check()

    def silent(self) -> str:
        """The words that no sound came for: another voice has to say them."""
        text, self._text = self._text, ""
        return text if text.strip() else ""

    def push(self, sound: NDArray[np.float32]) -> Iterator[Sound]:
        """More sound, -1 to 1; CompanionError if it does not end."""
        self._left -= len(sound)
        if self._left < 0:
            raise CompanionError(
                f"{self._whose} spoke without end and was stopped after {MOST_S // 60} minutes; "
                "ask again"
            )
        samples = self._resampler.push(sound)
        if len(samples):
            self._sounded = True
            yield Sound(samples, self._whole_words())

    def finish(self) -> Iterator[Sound]:
        """What the filter held back, with what is left of the words."""
        samples = self._resampler.finish()
        if self._sounded:
            yield Sound(samples, self.silent())

    def _whole_words(self) -> str:
        whole = _WHOLE.match(self._text)
        end = whole.end() if whole else 0
        text, self._text = self._text[:end], self._text[end:]
        return text

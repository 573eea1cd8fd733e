"""How the voice fell before a pause. Pure.

In loudness alone: pitch and the last syllable's length, measured too, told nothing of speakers that
the weights had not been fitted on.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.levels import BLOCK_MS, block_levels

BEFORE_MS: Final = 1500
"""Looked at: a clause or so; of two clauses the first says nothing of how the second ends."""

TAIL_MS: Final = 250
"""The last syllable or two, where a voice falls at an end and is held at a hesitation."""

_BLOCK: Final = SPEECH_HZ * BLOCK_MS // 1000
_BEFORE: Final = BEFORE_MS // BLOCK_MS
_TAIL: Final = TAIL_MS // BLOCK_MS
_VOWELS: Final = 0.8  # the quantile of levels that vowels reach
_MOST: Final = 0.7  # a voice that falls deeper ends a clause as often as a turn


@dataclass(frozen=True, slots=True)
class Prosody:
    """Measures of the last words; 0 where they can't be told."""

    level_fall: float
    """The tail's loudness below that of what came before: in 10 dB, -0.7 to 0.7."""


NEUTRAL: Final = Prosody(0.0)
"""Of a sound too short to fall."""


def prosody(sound: Samples) -> Prosody:
    """Of the speech that ends where the sound ends; 0.3 ms."""
    levels = block_levels(sound[len(sound) % _BLOCK :])[-_BEFORE:]  # whole blocks up to the end
    if len(levels) <= _TAIL:
        return NEUTRAL
    fall_db = _loud(levels[:-_TAIL]) - _loud(levels[-_TAIL:])
    return Prosody(float(np.clip(fall_db / 10, -_MOST, _MOST)))


def _loud(levels: NDArray[np.float64]) -> float:
    return float(np.quantile(levels, _VOWELS))

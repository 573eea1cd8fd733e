"""Numbers as chords: an utterance that says which one it is, through microphone and codec. Pure.

Each bit of the number is one of two tones; all sound at once, so that any tenth of a second of it
is enough to know it again.
"""

from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples

BITS: Final = 12
LARGEST: Final = (1 << BITS) - 1
LOWEST_HZ: Final = 500.0
STEP_HZ: Final = 125.0
"""Twelve pairs of tones from 500 to 3,375 Hz, where the codec is at its best."""

LOUDNESS: Final = 1500.0
"""Of each; twelve together stay below the largest sample."""

SHORTEST: Final = SPEECH_HZ // 10
"""Samples: in 100 ms tones that lie 125 Hz apart are twelve bins apart."""

WINDOW: Final = SPEECH_HZ // 5
"""Samples: a chord of half a second has two whole ones at least."""

WAVE: Final = SPEECH_HZ // 100
"""At both ends it may be near zero for so long."""

SURE: Final = 4.0
"""The louder of two tones has so many times the power, or nobody knows the bit."""


def chord(number: int, samples: int) -> Samples:
    """The sound of a number."""
    if not 0 <= number <= LARGEST:
        raise ValueError(f"a chord says 0 to {LARGEST}, not {number}")
    time_s = np.arange(samples) / SPEECH_HZ
    tones = [np.sin(2 * np.pi * _hz(bit, number >> bit & 1) * time_s + bit) for bit in range(BITS)]
    sound: Samples = np.round(LOUDNESS * np.sum(tones, axis=0)).astype(np.int16)
    return sound


def number_of(sound: Samples) -> int | None:
    """The number that sounds; None if it is too short or not one of ours."""
    heard = np.flatnonzero(np.abs(sound) > LOUDNESS)
    if not len(heard) or heard[-1] - heard[0] < SHORTEST - WAVE:
        return None
    part = sound[heard[0] : heard[-1] + 1] * np.hanning(heard[-1] - heard[0] + 1)
    number = 0
    for bit in range(BITS):
        low, high = (_power(part, _hz(bit, value)) for value in (0, 1))
        if max(low, high) < SURE * min(low, high):
            return None
        number |= int(high > low) << bit
    return number


def numbers_of(sound: Samples) -> list[int]:
    """All numbers that sound one after the other, each once."""
    found: list[int] = []
    for begin in range(0, len(sound), WINDOW):
        number = number_of(sound[begin : begin + WINDOW])
        if number is not None and number not in found:
            found.append(number)
    return found


def _hz(bit: int, value: int) -> float:
    return LOWEST_HZ + STEP_HZ * (2 * bit + value)


def _power(sound: "np.ndarray[tuple[int], np.dtype[np.float64]]", hz: float) -> float:
    turns = np.exp(-2j * np.pi * hz / SPEECH_HZ * np.arange(len(sound)))
    return float(abs(sound @ turns) ** 2)

"""Cutting a recording into windows that Whisper can hear whole, at pauses. Pure.

What is left out is only what the voice detector calls silence.
"""

from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ
from mynah.speech.vad import FRAME_SAMPLES, Probabilities

MAYBE_SPEECH: Final = 0.3
"""Below Silero's usual 0.5: a mumbled word that is lost costs more than noise that is decoded."""

MARGIN_FRAMES: Final = 13
"""416 ms kept before and after speech: soft onsets and endings lie outside what the VAD sees."""

LONGEST_FRAMES: Final = 15 * SPEECH_HZ // FRAME_SAMPLES
"""15 s: decoded in 0.25 s by tiny.en, where 28 s take 0.6; over four minutes of joined recordings
5 % of the words are wrong either way. Most turns are one window."""

SHORTEST_CUT_FRAMES: Final = LONGEST_FRAMES // 2
"""A long recording is cut in the second half of a window: fewer cuts, fewer broken sentences."""


def windows(probabilities: Probabilities) -> list[tuple[int, int]]:
    """(start, end) in samples of each window; none if there is no speech."""
    speech = np.flatnonzero(probabilities >= MAYBE_SPEECH)
    found: list[tuple[int, int]] = []
    while len(speech):
        start = max(0, int(speech[0]) - MARGIN_FRAMES, found[-1][1] if found else 0)
        last = min(len(probabilities), int(speech[-1]) + 1 + MARGIN_FRAMES)
        end = last if last - start <= LONGEST_FRAMES else _cut(probabilities, start)
        heard = speech[speech < end]
        if len(heard):
            found.append((start, min(end, int(heard[-1]) + 1 + MARGIN_FRAMES)))
        speech = speech[speech >= end]
    return [(start * FRAME_SAMPLES, end * FRAME_SAMPLES) for start, end in found]


def _cut(probabilities: Probabilities, start: int) -> int:
    """The middle of the longest pause in the second half of a window; else the quietest frame."""
    first = start + SHORTEST_CUT_FRAMES
    span = probabilities[first : start + LONGEST_FRAMES]
    best_length = length = best_end = 0
    for number, probability in enumerate(span, 1):
        length = length + 1 if probability < MAYBE_SPEECH else 0
        if length >= max(best_length, 1):
            best_length, best_end = length, number
    if not best_length:
        return first + int(np.argmin(span))
    return first + best_end - best_length // 2

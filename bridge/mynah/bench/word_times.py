"""Where the words of a recording end, and which of them end a clause: where people may pause."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.audio.levels import BLOCK_MS, block_levels
from mynah.bench.memo import Memo

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

CLAUSE_ENDS: Final = (",", ";", ":", ".", "!", "?", "-", "\u2013", "\u2014")

NEAR_MS: Final = 100
"""Whisper's times are right to within that; in between lies the quietest place, the boundary."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Between two words."""

    sample: int
    ends_clause: bool


class WordTimes:
    """Whisper's own word times, on a model of its own, loaded when it is first needed."""

    def __init__(self, model: Path) -> None:
        self._path = model
        self._memo = Memo(f"words-{model.name}")
        self._model: WhisperModel | None = None

    def boundaries(self, sound: Samples) -> list[Boundary]:
        """Between its words, in order."""
        words = self._memo.get(sound)
        if words is None:
            words = self._ask(sound)
            self._memo.keep(sound, words)
            self._memo.save()
        return between(words, sound)

    def _ask(self, sound: Samples) -> list[tuple[str, float, float]]:
        if self._model is None:
            from faster_whisper import WhisperModel

            self._model = WhisperModel(
                str(self._path), device="cpu", compute_type="int8", cpu_threads=1
            )
        segments, _ = self._model.transcribe(
            sound.astype(np.float32) / FULL_SCALE,
            language="en",
            beam_size=5,
            temperature=0.0,
            word_timestamps=True,
        )
        words = [word for segment in segments for word in segment.words or ()]
        return [(word.word, float(word.start), float(word.end)) for word in words]


def between(words: Sequence[tuple[str, float, float]], sound: Samples) -> list[Boundary]:
    """The boundaries between words of which (text, begin, end) in seconds is roughly known."""
    levels = block_levels(sound)
    found = []
    for (text, _, end_s), (_, begin_s, _) in pairwise(words):
        first = max(0, round(end_s * 1000 - NEAR_MS) // BLOCK_MS)
        last = min(len(levels), round(begin_s * 1000 + NEAR_MS) // BLOCK_MS)
        if first < last:
            block = first + int(np.argmin(levels[first:last]))
            sample = block * BLOCK_MS * SPEECH_HZ // 1000
            found.append(Boundary(sample, text.strip().endswith(CLAUSE_ENDS)))
    return found

"""Ears that hear numbers, for a bridge without models: the chords of `tones.py`."""

from collections.abc import AsyncGenerator, Iterable
from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.reliability.tones import LOUDNESS, numbers_of
from mynah.speech.asr import PATIENCE_MS, Transcript


class Counter:
    """A transcriber: its words are the numbers that sounded."""

    async def start(self) -> None:
        """There is nothing to load."""

    async def transcribe(self, samples: Samples, *, patience_ms: float = PATIENCE_MS) -> Transcript:
        del patience_ms
        text = " ".join(f"number {number}" for number in numbers_of(samples))
        return Transcript(text, "en", 0.0, 0.0 if text else 1.0, len(samples) / SPEECH_HZ)

    async def versions(
        self, samples: Samples, *, patience_ms: float = PATIENCE_MS
    ) -> AsyncGenerator[Transcript, None]:
        """The same, once."""
        del patience_ms
        yield await self.transcribe(samples)

    async def follow(self, samples: Samples, *, captions: bool = True) -> Transcript | None:
        """It hears whole turns alone."""

    async def stop(self) -> None:
        """There is nothing to free."""


class Loud:
    """A detector: what is as loud as a chord is a voice."""

    def probability(self, frame: Samples) -> float:
        return float(np.abs(frame).max(initial=0) > LOUDNESS)


class Brief:
    """A companion that says one word, so that the next turn is soon."""

    free: Final = True

    async def reply(self, _said: object) -> AsyncGenerator[str, None]:
        yield "Yes."

    async def close(self) -> None:
        """There is nothing to close."""


def counted(texts: Iterable[str]) -> list[int]:
    """The numbers in what was heard."""
    return [int(word) for text in texts for word in text.split() if word.isdecimal()]

"""The Whisper worker: `python -m mynah.speech.asr_worker MODEL`. A reply for each window."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE, SPEECH_HZ
from mynah.speech.child import ChildPipe, Reply
from mynah.speech.messages import Message
from mynah.speech.vad import SileroVad
from mynah.speech.windows import windows

TOKENS_PER_SECOND: Final = 8
TOKENS_AT_LEAST: Final = 12
"""Fast speech is 6 tokens a second; the cap ends a decoder that repeats itself."""

TIME_STAMPS_FROM_S: Final = 10.0
"""Without time stamps tiny.en forgets what follows a pause: over 16 s of joined recordings 19 %
of the words are wrong, with them 6 %. Short sound loses nothing, and is decoded 100 ms sooner."""


class Listener:
    """A loaded, warm model."""

    def __init__(self, model: Path, language: str, threads: int, beams: int) -> None:
        self._model = WhisperModel(
            str(model), device="cpu", compute_type="int8", cpu_threads=threads
        )
        known = self._model.supported_languages
        if language and language not in known:
            tongues = "English alone" if known == ["en"] else "en, de, zh and their like"
            raise ValueError(
                f"{model.name} knows {tongues}, and hearing.language is {language!r}; "
                "set it, or hearing.model"
            )
        self._language = language or (None if self._model.model.is_multilingual else "en")
        self._beams = beams
        self._vad = SileroVad()
        self._hear(np.zeros(SPEECH_HZ, np.float32))

    def answer(self, request: Message) -> Iterator[Reply]:
        """Silence has no windows, so that Whisper is never asked to invent words for it."""
        samples = np.frombuffer(request.payload, "<i2")
        self._vad.reset()
        for start, end in windows(self._vad.probabilities(samples)):
            yield self._hear(np.divide(samples[start:end], FULL_SCALE, dtype=np.float32))

    def _hear(self, sound: NDArray[np.float32]) -> Reply:
        seconds = len(sound) / SPEECH_HZ
        segments, info = self._model.transcribe(
            sound,
            language=self._language,
            beam_size=self._beams,
            # No second try at higher temperatures: it is seconds late, and invents.
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=seconds < TIME_STAMPS_FROM_S,
            max_new_tokens=int(TOKENS_PER_SECOND * seconds) + TOKENS_AT_LEAST,
        )
        heard = list(segments)
        fields = {
            "text": " ".join(segment.text.strip() for segment in heard),
            "language": info.language,
            "log_probability": float(np.mean([each.avg_logprob for each in heard] or [0.0])),
            "no_speech": float(np.mean([each.no_speech_prob for each in heard] or [1.0])),
            "seconds": seconds,
        }
        return fields, b""


def main() -> None:
    """Run until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--language", default="")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--beams", type=int, default=1)
    options = parser.parse_args()
    pipe = ChildPipe()
    listener = Listener(options.model, options.language, options.threads, options.beams)
    pipe.serve(listener.answer)


if __name__ == "__main__":
    main()

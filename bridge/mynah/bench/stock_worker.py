"""What we are compared with: faster-whisper as it comes, with five beams, in a process as ours."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel

from mynah.audio import FULL_SCALE, SPEECH_HZ
from mynah.speech.child import ChildPipe, Reply
from mynah.speech.messages import Message


class Stock:
    """Its own options throughout: time stamps, fallback to higher temperatures."""

    def __init__(self, model: Path, language: str) -> None:
        self._model = WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=1)
        self._language = language or None
        self._hear(np.zeros(SPEECH_HZ, np.int16))

    def answer(self, request: Message) -> Iterator[Reply]:
        yield {"text": self._hear(np.frombuffer(request.payload, "<i2"))}, b""

    def _hear(self, samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> str:
        sound = np.divide(samples, FULL_SCALE, dtype=np.float32)
        segments, _ = self._model.transcribe(sound, language=self._language, beam_size=5)
        return " ".join(segment.text.strip() for segment in segments)


def main() -> None:
    """Run until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--language", default="")
    options = parser.parse_args()
    pipe = ChildPipe()
    pipe.serve(Stock(options.model, options.language).answer)


if __name__ == "__main__":
    main()

"""Voice activity: Silero's model, asked frame by frame or over a whole recording."""

import importlib.util
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.errors import ModelError
from mynah.speech.onnx import session

FRAME_SAMPLES: Final = 512
"""32 ms, the only length that Silero takes at 16 kHz."""

FRAME_MS: Final = FRAME_SAMPLES * 1000 // SPEECH_HZ

CONTEXT_SAMPLES: Final = 64
"""Silero sees the last 4 ms of the frame before, in front of each frame."""

SPEECH_PROBABILITY: Final = 0.5
"""From here on a frame counts as speech; the design's definition of *done* rests on it."""

_STATE_SHAPE: Final = (1, 1, 128)
_BATCH_FRAMES: Final = 1024
"""33 s a run: as fast as one run for all, without its memory."""

Probabilities = NDArray[np.float32]


class SileroVad:
    """The probability that a frame holds speech, given all frames since `reset`."""

    def __init__(self, path: Path | None = None) -> None:
        self._session = session(path or model_path())
        self.reset()

    def reset(self) -> None:
        """Forget what was heard: another recording begins."""
        self._hidden = np.zeros(_STATE_SHAPE, np.float32)
        self._cell = np.zeros(_STATE_SHAPE, np.float32)
        self._context = np.zeros(CONTEXT_SAMPLES, np.float32)

    def probability(self, frame: Samples) -> float:
        """The next 512 samples; 0.2 ms."""
        return float(self.probabilities(frame)[0])

    def probabilities(self, samples: Samples) -> Probabilities:
        """The next frames, one number each; the last frame is filled up with zeros."""
        frames = -(-len(samples) // FRAME_SAMPLES)
        sound = np.zeros(frames * FRAME_SAMPLES, np.float32)
        sound[: len(samples)] = samples.astype(np.float32) / FULL_SCALE
        parts = [
            self._run(
                sound[start : start + _BATCH_FRAMES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
            )
            for start in range(0, len(sound), _BATCH_FRAMES * FRAME_SAMPLES)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _run(self, frames: NDArray[np.float32]) -> Probabilities:
        contexts = np.vstack([self._context, frames[:-1, -CONTEXT_SAMPLES:]])
        inputs = {"input": np.hstack([contexts, frames]), "h": self._hidden, "c": self._cell}
        result, self._hidden, self._cell = self._session.run(None, inputs)
        self._context = frames[-1, -CONTEXT_SAMPLES:].copy()
        return np.asarray(result, np.float32)


def speech_probabilities(samples: Samples) -> Probabilities:
    """One number for each 32 ms of a whole recording."""
    return SileroVad().probabilities(samples)


def last_speech_end(samples: Samples, threshold: float = SPEECH_PROBABILITY) -> int | None:
    """When the speaker was done: the end of the last frame of speech; None if there is none."""
    speech = np.flatnonzero(speech_probabilities(samples) >= threshold)
    return min(len(samples), (int(speech[-1]) + 1) * FRAME_SAMPLES) if len(speech) else None


def model_path() -> Path:
    """Silero's file in the faster-whisper distribution, found without importing it (1.5 s)."""
    spec = importlib.util.find_spec("faster_whisper")
    folders = (spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        for path in sorted(Path(folder, "assets").glob("silero_vad_v6*.onnx")):
            return path
    raise ModelError("the Silero voice detector is missing; install faster-whisper 1.2.1 or later")

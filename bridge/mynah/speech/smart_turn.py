"""smart-turn v3.2: a model that hears whether a turn is over. Don't expect wonders.

Over 390 pauses it told ends from pauses with an AUC of 0.67, and beside the words and the voice
that we go by anyway it added nothing that could be measured: it is a hint, off unless installed.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.speech.onnx import session
from mynah.speech.splice import Sound

NAME: Final = "smart-turn"
"""In the catalogue of models."""

FILE: Final = "smart-turn-v3.2-cpu.onnx"

HEARS_S: Final = 8
"""Shorter sound stands at the end of so many seconds, zeros before it."""

_FRAMES: Final = HEARS_S * 100
_LEAST_VARIANCE: Final = 1e-7


class SmartTurn:
    """A loaded model; 30 to 80 ms a question."""

    def __init__(self, path: Path) -> None:
        """Its file, or the folder it is in."""
        from faster_whisper.feature_extractor import FeatureExtractor

        self._session = session(path / FILE if path.is_dir() else path)
        self._features: Any = FeatureExtractor(chunk_length=HEARS_S)

    def probability(self, sound: Samples) -> float:
        """That a turn is over, which ends where the sound ends."""
        features = self._features(heard(sound), padding=0)[None, :, :_FRAMES].astype(np.float32)
        return float(np.ravel(self._session.run(None, {"input_features": features})[0])[0])


def heard(sound: Samples) -> Sound:
    """What it hears of a sound: the last seconds, as loud as any other."""
    longest = HEARS_S * SPEECH_HZ
    last = sound[-longest:].astype(np.float32) / FULL_SCALE
    padded = np.pad(last, (longest - len(last), 0))
    even: Sound = (padded - padded.mean()) / np.sqrt(padded.var() + _LEAST_VARIANCE)
    return even

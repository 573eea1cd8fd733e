"""smart-turn v3.2, where its file is: two of the peers ask it whether a turn is over."""

import importlib.util
import os
from pathlib import Path
from typing import Any, Final

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.bench.memo import Memo

VARIABLE: Final = "MYNAH_SMART_TURN"
"""Names the file, if it is not in an installed pipecat-ai."""

FILE: Final = "smart-turn-v3.2-cpu.onnx"

HEARS_S: Final = 8
"""Shorter sound stands at the end of so many seconds, zeros before it."""

_FRAMES: Final = HEARS_S * 100
_LEAST_VARIANCE: Final = 1e-7


def smart_turn_file() -> Path | None:
    """Where it is, found without importing pipecat; None if it is not here."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    spec = importlib.util.find_spec("pipecat")
    folders = (spec.submodule_search_locations or []) if spec else []
    paths = [Path(folder, "audio/turn/smart_turn/data", FILE) for folder in folders]
    return next((path for path in paths if path.is_file()), None)


class SmartTurn:
    """A loaded model; 80 ms a question, the same question once."""

    def __init__(self, path: Path) -> None:
        import onnxruntime
        from faster_whisper.feature_extractor import FeatureExtractor

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        providers = ["CPUExecutionProvider"]
        self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=providers)
        self._features: Any = FeatureExtractor(chunk_length=HEARS_S)
        self._memo = Memo(path.stem)

    def probability(self, sound: Samples) -> float:
        """That a turn is over, which ends where the sound ends."""
        kept = self._memo.get(sound)
        if kept is None:
            kept = self._ask(sound)
            self._memo.keep(sound, kept)
        return float(kept)

    def save(self) -> None:
        """What was asked, for the next time."""
        self._memo.save()

    def _ask(self, sound: Samples) -> float:
        longest = HEARS_S * SPEECH_HZ
        heard = sound[-longest:].astype(np.float32) / FULL_SCALE
        padded = np.pad(heard, (longest - len(heard), 0))
        even = (padded - padded.mean()) / np.sqrt(padded.var() + _LEAST_VARIANCE)
        features = self._features(even, padding=0)[None, :, :_FRAMES].astype(np.float32)
        return float(np.ravel(self._session.run(None, {"input_features": features})[0])[0])

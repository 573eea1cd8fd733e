"""What was computed once about a sound, kept in the user's cache: a benchmark repeats itself."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Final

import platformdirs

from mynah.audio import Samples

VARIABLE: Final = "MYNAH_BENCH_CACHE"
"""The folder, if it is not to be in the user's cache."""


class Memo:
    """Answers about sounds, by the sound and by what was asked; lost files cost time only."""

    def __init__(self, name: str, folder: Path | None = None) -> None:
        """`name` says what is asked, of which model."""
        self._path = (folder or memo_folder()) / f"{name}.json"
        self._answers: dict[str, Any] = self._read()

    def get(self, sound: Samples) -> Any | None:
        """What was kept; None if nothing was."""
        return self._answers.get(_key(sound))

    def keep(self, sound: Samples, answer: Any) -> None:
        """For `save`; JSON's types."""
        self._answers[_key(sound)] = answer

    def save(self) -> None:
        """All of it, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(self._answers, ensure_ascii=False), encoding="utf-8")
        beside.replace(self._path)

    def _read(self) -> dict[str, Any]:
        try:
            answers = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return answers if isinstance(answers, dict) else {}


def memo_folder() -> Path:
    """Where all of it is kept."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else platformdirs.user_cache_path("mynah") / "bench"


def _key(sound: Samples) -> str:
    return hashlib.sha256(sound.astype("<i2").tobytes()).hexdigest()[:32]

"""smart-turn, where its file is: two of the peers ask it whether a turn is over."""

import importlib.util
import os
from pathlib import Path
from typing import Final

from mynah.audio import Samples
from mynah.bench.memo import Memo
from mynah.speech import smart_turn
from mynah.speech.models import catalogue, is_here

VARIABLE: Final = "MYNAH_SMART_TURN"
"""Names the file, if it is neither among the models nor in an installed pipecat-ai."""


def smart_turn_file() -> Path | None:
    """Where it is, found without importing pipecat; None if it is not here."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    model = catalogue()[smart_turn.NAME]
    if is_here(model):
        return model.folder / smart_turn.FILE
    spec = importlib.util.find_spec("pipecat")
    folders = (spec.submodule_search_locations or []) if spec else []
    paths = [Path(folder, "audio/turn/smart_turn/data", smart_turn.FILE) for folder in folders]
    return next((path for path in paths if path.is_file()), None)


class SmartTurn:
    """A loaded model, which is asked the same question once."""

    def __init__(self, path: Path) -> None:
        self._model = smart_turn.SmartTurn(path)
        self._memo = Memo(path.stem)

    def probability(self, sound: Samples) -> float:
        """That a turn is over, which ends where the sound ends."""
        kept = self._memo.get(sound)
        if kept is None:
            kept = self._model.probability(sound)
            self._memo.keep(sound, kept)
        return float(kept)

    def save(self) -> None:
        """What was asked, for the next time."""
        self._memo.save()

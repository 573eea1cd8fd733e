"""The last conversation's figures, kept for `mynah why`. What was said is never kept here."""

import json
import logging
from pathlib import Path
from typing import Final

from mynah.turn.record import TurnRecord

_logger = logging.getLogger(__name__)

FOLDER_MODE: Final = 0o700

FIGURES: Final = (
    "turn",
    "v2v_ms",
    "waterfall",
    "bound_by",
    "done_ms",
    "reply_start_ms",
    "reply_end_ms",
    "late_s",
    "kept",
    "revisions",
    "guesses",
    "link",
    "loop_lag_ms",
    "events",
)
"""Of a turn's record: what `mynah why` and `mynah replay` read. Its other fields hold words; an
error may quote a companion's."""

FAILED: Final = "it failed; `mynah talk --out` keeps the reason"


def last_turns_file(data_folder: Path) -> Path:
    """Where the last conversation's figures are."""
    return data_folder / "last" / "turns.jsonl"


class LastTurns:
    """One conversation's; it replaces the one before with its first turn."""

    def __init__(self, data_folder: Path) -> None:
        self._path = last_turns_file(data_folder)
        self._mode = "w"

    def keep(self, record: TurnRecord) -> None:
        """Keep a turn's figures; a disk that refuses costs the figures, not the conversation."""
        whole = record.as_json()
        kept = {name: whole[name] for name in FIGURES}
        kept["error"] = FAILED if record.error else None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            with self._path.open(self._mode, encoding="utf-8") as file:
                file.write(json.dumps(kept) + "\n")
        except OSError as error:
            _logger.warning("the turn's figures were not kept: %s", error)
        self._mode = "a"

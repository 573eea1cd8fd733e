"""The trouble that each ring's link has, kept for `mynah doctor`."""

import json
import logging
from pathlib import Path
from typing import Final

from mynah.link.trouble import Kind

_logger = logging.getLogger(__name__)

FOLDER_MODE: Final = 0o700


class LastTrouble:
    """A file in the data folder; a disk that refuses costs what doctor says, no more."""

    def __init__(self, data_folder: Path) -> None:
        self._path = data_folder / "last" / "trouble.json"

    def read(self) -> dict[str, Kind]:
        """By ring; a file that is missing or damaged tells of none."""
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            return {str(ring): Kind(kind) for ring, kind in kept.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def note(self, ring: str, kind: Kind | None) -> None:
        """The ring has this trouble, or none any more."""
        before = self.read()
        after = {name: each for name, each in before.items() if name != ring}
        if kind is not None:
            after[ring] = kind
        if after == before:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            self._path.write_text(json.dumps(after), "utf-8")
        except OSError as error:
            _logger.warning("the ring's trouble was not kept: %s", error)

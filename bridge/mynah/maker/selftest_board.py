"""A board's file as far as advice needs it: its constants, and what the board calls its pins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynah.firmware import board_constants, firmware_folder

_LABEL: Final = re.compile(r"^(?P<name>[A-Z][A-Z0-9_]*) = [^#\n]+# (?P<label>.*)$", re.MULTILINE)
_LABEL_END: Final = re.compile(r"[,;:]")


@dataclass(frozen=True, slots=True)
class BoardFile:
    """Nothing is known of a board of a newer firmware: then there is nothing in it."""

    constants: dict[str, object]
    labels: dict[str, str]

    def has(self, name: str) -> bool:
        """Whether the board has that part, or is like that."""
        return bool(self.constants.get(name))

    def pin(self, name: str) -> str:
        """A pin in words: "GPIO 9 (D10)"."""
        if name not in self.constants:
            return "its pin"
        label = self.labels.get(name, "")
        number = f"GPIO {self.constants[name]}"
        return f"{number} ({label})" if label and label != str(self.constants[name]) else number


def board_file(name: str, firmware: Path | None = None) -> BoardFile:
    """The file of the board of that name."""
    path = (firmware or firmware_folder()) / "boards" / f"{name}.py"
    if not name.isidentifier() or not path.is_file():
        return BoardFile({}, {})
    return BoardFile(board_constants(path), dict(_labels(path.read_text("utf-8"))))


def _labels(source: str) -> Iterator[tuple[str, str]]:
    """What stands behind a constant, up to its first stop."""
    for said in _LABEL.finditer(source):
        yield said["name"], _LABEL_END.split(said["label"])[0].strip()

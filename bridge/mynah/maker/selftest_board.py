"""A board's file as far as advice needs it: its constants, and what the board calls its pins."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynah.firmware import firmware_folder

_LINE: Final = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*) = (?P<value>[^#]+?)(?:\s+# (?P<label>.*))?")
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
    lines = path.read_text("utf-8").splitlines() if name.isidentifier() and path.is_file() else []
    constants: dict[str, object] = {}
    labels: dict[str, str] = {}
    for line in lines:
        said = _LINE.fullmatch(line)
        if said is None:
            continue
        try:
            constants[said["name"]] = ast.literal_eval(said["value"])
        except (ValueError, SyntaxError):
            continue  # worked out from others: no pin is
        labels[said["name"]] = _LABEL_END.split(said["label"] or "")[0].strip()
    return BoardFile(constants, labels)

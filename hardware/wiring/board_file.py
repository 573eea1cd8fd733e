"""What a board file says: its constants, and the label of each pin from its comment."""

import ast
import re
from dataclasses import dataclass

from mynah.firmware import board_constants, firmware_folder

BOARDS = firmware_folder() / "boards"
PINS = ("_SCK", "_WS", "_SD", "_SDA", "_SCL", "_MCLK", "_ENABLE", "_PIN")
_LABEL_ENDS = re.compile(r"[,;]\s*|\s*:\s*")


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin that the firmware uses: which GPIO, the board's own label, what the file adds."""

    name: str
    gpio: int
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Board:
    """A board file, read without a chip."""

    constants: dict[str, object]
    pins: dict[str, Pin]
    about: str  # its docstring: where it says what it keeps free, and why

    @property
    def name(self) -> str:
        return str(self.constants["NAME"])

    @property
    def build(self) -> str:
        return str(self.constants["BUILD"])

    def get(self, name: str) -> str:
        """A constant as text; empty where the board has no such part."""
        return str(self.constants.get(name, ""))


def names() -> list[str]:
    """All boards."""
    return sorted(path.stem for path in BOARDS.glob("*.py"))


def read(name: str) -> Board:
    """A board by its name."""
    path = BOARDS / f"{name}.py"
    source = path.read_text(encoding="utf-8")
    constants = board_constants(path)
    return Board(constants, _pins(source, constants), ast.get_docstring(ast.parse(source)) or "")


def _pins(source: str, constants: dict[str, object]) -> dict[str, Pin]:
    found = {}
    for line in source.splitlines():
        name, _, value = line.partition(" = ")
        if name in constants and name.endswith(PINS):
            label, *rest = _LABEL_ENDS.split(value.partition("# ")[2], maxsplit=1)
            found[name] = Pin(name, int(str(constants[name])), label, "".join(rest))
    return found

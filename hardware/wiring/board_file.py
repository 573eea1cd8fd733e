"""What a board file says: its constants, and the label of each pin from its comment."""

import ast
import re
import runpy
from dataclasses import dataclass
from pathlib import Path

BOARDS = Path(__file__).resolve().parents[2] / "firmware" / "boards"
PINS = ("_SCK", "_WS", "_SD", "_SDA", "_SCL", "_MCLK", "_ENABLE", "_PIN")
_COMMENT = re.compile(r"#\s*(.*)")
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
    constants = {key: value for key, value in runpy.run_path(str(path)).items() if key.isupper()}
    return Board(constants, _pins(source), ast.get_docstring(ast.parse(source)) or "")


def _pins(source: str) -> dict[str, Pin]:
    lines, found = source.splitlines(), {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(PINS):
            name = ast.unparse(node.targets[0])
            comment = _COMMENT.search(lines[node.lineno - 1])
            label, *rest = _LABEL_ENDS.split(comment[1] if comment else "", maxsplit=1)
            found[name] = Pin(name, int(ast.literal_eval(node.value)), label, "".join(rest))
    return found

"""The boards that there is firmware for, as their files say: constants only, so nothing is run."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynah.errors import UserError
from mynah.firmware import firmware_folder

ARCHITECTURES: Final = {"esp32s3": "xtensawin", "esp32c3": "rv32imc", "esp32c6": "rv32imc"}
"""By esptool's name of the chip, mpy-cross's of its processor."""


@dataclass(frozen=True, slots=True)
class Board:
    """One of them."""

    name: str
    build: str
    chip: str
    """As esptool calls it."""
    image: str
    """What MicroPython calls the image for it."""
    about: str

    @property
    def architecture(self) -> str:
        return ARCHITECTURES[self.chip]

    @property
    def download(self) -> str:
        """The page that has its image."""
        return f"https://micropython.org/download/{self.image.partition('-')[0]}/"


def boards(firmware: Path | None = None) -> dict[str, Board]:
    """All of them, by name."""
    folder = (firmware or firmware_folder()) / "boards"
    found = (_read(path) for path in sorted(folder.glob("*.py")))
    return {board.name: board for board in found if board.chip in ARCHITECTURES}


def board_named(name: str) -> Board:
    """One; UserError if there is none of this name."""
    known = boards()
    if name not in known:
        raise UserError(f"no board {name!r}; there are {', '.join(known)}")
    return known[name]


def boards_with(chip: str) -> list[Board]:
    """Those with this chip; UserError if no board has it."""
    known = boards().values()
    fitting = [board for board in known if board.chip == chip]
    if not fitting:
        chips = ", ".join(sorted({board.chip for board in known}))
        raise UserError(
            f"this board has an {chip}, and no firmware of ours is for it: use one with {chips}"
        )
    return fitting


def _read(path: Path) -> Board:
    tree = ast.parse(path.read_text("utf-8"))
    said = {
        target.id: ast.literal_eval(statement.value)
        for statement in tree.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    about = (ast.get_docstring(tree) or path.stem).partition(".")[0]
    return Board(
        path.stem, said.get("BUILD", ""), said.get("CHIP", ""), said.get("IMAGE", ""), about
    )

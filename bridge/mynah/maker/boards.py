"""The boards that there is firmware for, as their files say: constants only, so nothing is run."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynah.errors import UserError
from mynah.firmware import board_constants, firmware_folder

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
    frozen: bool
    """By estimate its RAM does not hold the firmware as files, only frozen into the image."""

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
    said = board_constants(path)
    build, chip, image = (str(said.get(name, "")) for name in ("BUILD", "CHIP", "IMAGE"))
    about = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or path.stem
    frozen = bool(said.get("FROZEN"))
    return Board(path.stem, build, chip, image, about.partition(".")[0], frozen)

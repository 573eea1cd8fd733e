"""Constants of an emulated ring's board, as the board's file has them."""

import json
from pathlib import Path

from mynah.firmware import STANDARD_BOARD, board_constants


def board_constant(firmware: Path, storage: Path, name: str, otherwise: object) -> object:
    """A number or a text of the board that the ring's storage names; `otherwise` if it has none."""
    try:
        constants = board_constants(firmware / "boards" / f"{_board(storage)}.py")
    except OSError:
        return otherwise
    return constants.get(name, otherwise)


def _board(storage: Path) -> str:
    try:
        stored = json.loads(storage.read_text("utf-8"))
        return bytes.fromhex(stored["mynah"]["board"]).decode()
    except (OSError, ValueError, KeyError):
        return STANDARD_BOARD

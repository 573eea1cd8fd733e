"""Constants of an emulated ring's board, as the board's file has them."""

import ast
import json
from pathlib import Path
from typing import Final

DEFAULT: Final = "xiao_esp32s3"
"""What a ring takes itself for until it is told."""


def board_constant(firmware: Path, storage: Path, name: str, otherwise: object) -> object:
    """A number or a text of the board that the ring's storage names; `otherwise` if it has none."""
    try:
        source = (firmware / "boards" / f"{_board(storage)}.py").read_text("utf-8")
    except OSError:
        return otherwise
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and name in _names(statement):
            return ast.literal_eval(statement.value)
    return otherwise


def _board(storage: Path) -> str:
    try:
        stored = json.loads(storage.read_text("utf-8"))
        return bytes.fromhex(stored["mynah"]["board"]).decode()
    except (OSError, ValueError, KeyError):
        return DEFAULT


def _names(statement: ast.Assign) -> list[str]:
    return [target.id for target in statement.targets if isinstance(target, ast.Name)]

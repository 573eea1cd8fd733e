"""Where the ring's sources are, in the repository or the installed package, and its board files."""

import ast
from contextlib import suppress
from pathlib import Path
from typing import Final

from mynah.errors import MynahError

STANDARD_BOARD: Final = "xiao_esp32s3"
"""What a ring takes itself for until it is told: `mynah_parts/building.py` says the same."""

_HERE = Path(__file__).resolve().parent
_IN_THE_WHEEL = _HERE / "_firmware"
_IN_THE_REPOSITORY = _HERE.parents[1] / "firmware"


def firmware_folder() -> Path:
    """The folder with `main.py`, `app.py`, `lib` and `boards`: the same files that are flashed."""
    for folder in (_IN_THE_WHEEL, _IN_THE_REPOSITORY):
        if (folder / "main.py").is_file():
            return folder
    raise MynahError(
        f"no firmware at {_IN_THE_WHEEL} or {_IN_THE_REPOSITORY}: install mynah-companion again"
    )


def board_constants(path: Path) -> dict[str, object]:
    """What a board's file says plainly, read and not run; what it works out is left out."""
    found: dict[str, object] = {}
    for statement in ast.parse(path.read_text("utf-8")).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            with suppress(ValueError):
                found[statement.targets[0].id] = ast.literal_eval(statement.value)
    return found

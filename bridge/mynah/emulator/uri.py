"""`emulator:NAME?board=tap_only&loss=0.02`: which emulated ring, of which board, on what air."""

import difflib
import re
from urllib.parse import parse_qsl

from mynah.emulator.radio import RadioSettings
from mynah.errors import UserError
from mynah.firmware import firmware_folder

DEFAULT_NAME = "default"
BOARD = "board"
_NAME = re.compile(r"[A-Za-z0-9_-]{0,40}")  # it becomes the name of a file

_OPTIONS = {
    "interval": ("interval_ms", float),
    "phy": ("phy", int),
    "loss": ("loss", float),
    "seed": ("seed", int),
    "supervision": ("supervision_timeout_ms", int),
    "mtu": ("mtu", int),
}


def parse(rest: str) -> tuple[str, str, RadioSettings]:
    """What follows `emulator:`: name, board or nothing, air. UserError says what is wrong.

    Without a name of its own, a ring of some board is called as the board is.
    """
    name, _, query = rest.partition("?")
    if _NAME.fullmatch(name) is None:
        raise UserError(f"emulator: {name!r} can't be a name; use letters, digits, - and _")
    given: dict[str, str] = {}
    for option, value in parse_qsl(query, keep_blank_values=True):
        if option in given:
            raise UserError(f"emulator: {option} is given twice")
        given[option] = value
    board = _board(given.pop(BOARD, ""))
    radio = RadioSettings(**dict(map(_chosen, given, given.values())))  # type: ignore[arg-type]
    return name or board or DEFAULT_NAME, board, radio


def boards() -> list[str]:
    """All there are."""
    return sorted(path.stem for path in (firmware_folder() / "boards").glob("*.py"))


def _board(board: str) -> str:
    if board and board not in boards():
        raise UserError(f"emulator: no board is called {board!r}; there are {', '.join(boards())}")
    return board


def _chosen(option: str, value: str) -> tuple[str, float]:
    if option not in _OPTIONS:
        known = [*_OPTIONS, BOARD]
        close = difflib.get_close_matches(option, known, n=1)
        advice = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
        raise UserError(f"emulator: unknown option {option!r}; {advice}")
    field, kind = _OPTIONS[option]
    try:
        return field, kind(value)
    except ValueError as error:
        raise UserError(f"emulator: {option}={value!r} is not a number") from error

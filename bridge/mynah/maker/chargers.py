"""What a board's own charger gives a cell, and how small a cell may be that it charges."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from mynah.maker.boards import Board
from mynah.maker.milliamps import CHARGER, Cell, Range, cells

STEP_MAH: Final = 50
"""Cells are sold in about such steps; rounding up leaves room for a charger above its figure."""


@dataclass(frozen=True, slots=True)
class Charger:
    """One board's."""

    board: str
    milliamps: Range
    source: str

    @property
    def smallest_mah(self) -> int:
        """1 C at the very most: a smaller cell is charged off the board."""
        return ceil(self.milliamps.high / STEP_MAH) * STEP_MAH


def charger_of(board: Board, measured: dict[str, Range]) -> Charger | None:
    """What its owner `measured` comes first; None if nobody has told."""
    if CHARGER in measured:
        return Charger(board.name, measured[CHARGER], "--ma")
    found = [_charger(cell) for cell in cells(CHARGER) if cell["image"] == board.image]
    return found[0] if found else None


def table() -> str:
    """All of them in Markdown."""
    rows = ["| Board | Its charger gives | Smallest cell it may charge | Whose figures |"]
    rows.append("| --- | --- | --- | --- |")
    for each in map(_charger, cells(CHARGER)):
        smallest = f"**{each.smallest_mah} mAh**"
        rows.append(f"| {each.board} | {each.milliamps} mA | {smallest} | {each.source} |")
    return "\n".join(rows)


def warning(charger: Charger | None, capacity_mah: float) -> str | None:
    """Why this cell must not be charged on the board; None if it may."""
    if charger is None:
        return (
            "nobody has told what this board's charger gives: charge the cell off the board until "
            "you have measured it, and say so: --ma charger=MA"
        )
    if capacity_mah >= charger.smallest_mah:
        return None
    times = charger.milliamps * (1 / capacity_mah)
    return (
        f"never charge a cell below {charger.smallest_mah} mAh on this board: its charger gives "
        f"{charger.milliamps} mA, {times} C of {capacity_mah:g} mAh, where 1 C is the most and a "
        f"charger may exceed its figure ({charger.source}). Charge it off the board, and plug no "
        "cable in while it is connected. Yours may be another revision: measure it, and say so: "
        "--ma charger=MA"
    )


def _charger(cell: Cell) -> Charger:
    milliamps = Range(float(cell["low"]), float(cell["high"]))
    return Charger(str(cell["board"]), milliamps, str(cell["source"]))

"""Where everything stands on a wiring's drawing: the board, its parts, and the ways of wires.

The board stands in the middle as seen from above. No wire crosses another that it need not.
"""

from dataclasses import dataclass, field

from hardware.wiring.board_file import Board
from hardware.wiring.headers import HEADERS, Header
from hardware.wiring.netlist import Placed, Wire, parts

PITCH = 30  # between pins
BOARD_WIDTH, MODULE_WIDTH = 220, 250
TITLE = 34  # of a module, above its pins
FOOT = 24  # of a module that says something below them
BETWEEN = 26  # modules
LANE = 16  # between wires that run side by side
FLAG_WIDTH = 46
MARGIN = 24
HEAD = 92  # above everything: the title and what the flags mean

# Far apart in hue and lightness, and named in no text: the ends of a wire say what it is.
COLOURS = ("#1f6fb4", "#c8501e", "#2d8a4e", "#8a3fa0", "#b8860b", "#c2255c", "#0b7285", "#5c4033")


@dataclass(slots=True)
class Box:
    """A module on the sheet: its top, and on which side of the board it stands."""

    part: Placed
    side: int  # -1 left, 1 right
    top: float = 0.0

    @property
    def height(self) -> float:
        return TITLE + PITCH * len(self.part.wires) + (FOOT if self.part.module.about else 8)

    def row(self, at: int) -> float:
        """Height of its pin's middle on the sheet."""
        return self.top + TITLE + PITCH * (at + 0.5)


@dataclass(slots=True)
class Run:
    """A wire's way: from a pin of the board to a pin of a module."""

    wire: Wire
    start: tuple[int, float]  # side, height
    end: tuple[int, float]
    colour: str = ""


@dataclass(slots=True)
class Sheet:
    """Everything that has a place, and the widths between."""

    board: Board
    header: Header
    boxes: list[Box]
    runs: list[Run] = field(default_factory=list)
    lanes: dict[int, list[str]] = field(default_factory=dict)  # by side: labels, from the board out
    under: list[str] = field(default_factory=list)  # labels that cross below the board

    @property
    def rows(self) -> int:
        return max(len(self.header.left), len(self.header.right))

    @property
    def board_height(self) -> float:
        return PITCH * (self.rows + 1) + 20 * len(self.header.pads)

    @property
    def height(self) -> float:
        lowest = max([box.top + box.height for box in self.boxes] + [self.bottom + 30])
        return lowest + MARGIN

    @property
    def top(self) -> float:
        """Of the board."""
        tallest = max(
            sum(box.height + BETWEEN for box in self.boxes if box.side == side) for side in (-1, 1)
        )
        return HEAD + 22 + max(0.0, (tallest - self.board_height) / 2)

    @property
    def bottom(self) -> float:
        return self.top + self.board_height + LANE * (len(self.under) + 1)

    def channel(self, side: int) -> float:
        """Width of the space between the board and the modules on this side."""
        return LANE * (len(self.lanes.get(side, [])) + 2) + FLAG_WIDTH + 16

    def board_edge(self, side: int) -> float:
        left = MARGIN + MODULE_WIDTH + self.channel(-1)
        return left if side < 0 else left + BOARD_WIDTH

    def module_edge(self, side: int) -> float:
        return self.board_edge(side) + side * self.channel(side)

    @property
    def width(self) -> float:
        return self.module_edge(1) + MODULE_WIDTH + MARGIN

    def pin(self, label: str) -> tuple[int, float]:
        """Where a label of the board is: its side, and its height."""
        for side, labels in ((-1, self.header.left), (1, self.header.right)):
            if label in labels:
                return side, self.top + PITCH * (labels.index(label) + 1)
        raise ValueError(f"{self.header.title} has no pin {label} at its edges")

    def lane(self, side: int, label: str) -> float:
        """Where a label's wire runs up and down on this side."""
        at = self.lanes[side].index(label)
        return self.board_edge(side) + side * LANE * (at + 1.5)

    def below(self, label: str) -> float:
        """The height at which a wire crosses below the board; the board's end if it does not."""
        at = self.under.index(label) if label in self.under else -1
        return self.top + self.board_height + LANE * (at + 1)

    def way(self, run: Run) -> list[tuple[float, float]]:
        """The corners of a wire."""
        (side, y), (end_side, end_y) = run.start, run.end
        label = run.wire.to
        here, there = self.lane(side, label), self.lane(end_side, label)
        points = [(self.board_edge(side), y), (here, y)]
        if side != end_side:
            points += [(here, self.below(label)), (there, self.below(label))]
        return [*points, (there, end_y), (self.module_edge(end_side), end_y)]


def place(board: Board) -> Sheet:
    """A sheet on which everything has its place."""
    header = HEADERS[board.name]
    sheet = Sheet(board, header, [Box(part, 1) for part in parts(board)])
    for box in sheet.boxes:
        sides = [sheet.pin(wire.to)[0] for wire in box.part.wires if wire.gpio is not None]
        box.side = 1 if sum(sides) > 0 else -1
        if not sides:  # a cell: where there is less
            by_side = {
                side: sum(b.height for b in sheet.boxes if b.side == side) for side in (-1, 1)
            }
            box.side = min(by_side, key=lambda side: (by_side[side], side))
        box.part = _in_order(sheet, box)
    sheet.boxes.sort(key=lambda box: _middle(sheet, box))
    _find_runs(sheet)  # what crosses below the board decides how tall everything is
    for side in (-1, 1):
        column = [box for box in sheet.boxes if box.side == side]
        height = sum(box.height + BETWEEN for box in column) - BETWEEN
        top = HEAD + max(0.0, (sheet.top - HEAD) + (sheet.board_height - height) / 2)
        for box in column:
            box.top = top
            top += box.height + BETWEEN
    _find_runs(sheet)
    return sheet


def _in_order(sheet: Sheet, box: Box) -> Placed:
    """A breakout's pins in the board's order: shops sell them in every other, and none cross so."""

    def order(wire: Wire) -> tuple[bool, bool, float]:
        if wire.gpio is None:
            return True, False, 0.0
        side, height = sheet.pin(wire.to)
        return False, side != box.side, height

    return Placed(box.part.key, box.part.module, tuple(sorted(box.part.wires, key=order)))


def _middle(sheet: Sheet, box: Box) -> float:
    heights = [sheet.pin(wire.to)[1] for wire in box.part.wires if wire.gpio is not None]
    return sum(heights) / len(heights) if heights else 1e6


def _find_runs(sheet: Sheet) -> None:
    """The ways of all signals, and a lane for each label on each side that it passes."""
    sheet.runs = [
        Run(wire, sheet.pin(wire.to), (box.side, box.row(at)))
        for box in sheet.boxes
        for at, wire in enumerate(box.part.wires)
        if wire.gpio is not None
    ]
    labels = sorted({run.wire.to for run in sheet.runs}, key=sheet.pin)
    for run in sheet.runs:
        run.colour = COLOURS[labels.index(run.wire.to) % len(COLOURS)]
    crossing = {run.wire.to for run in sheet.runs if run.start[0] != run.end[0]}
    sheet.under = [label for label in labels if label in crossing]
    for side in (-1, 1):
        here = {
            run.wire.to: _fall(sheet, run, side)
            for run in sheet.runs
            if side in (run.start[0], run.end[0])
        }
        # Down-going wires: the upper one turns farther out. Up-going ones: nearer. So none cross.
        sheet.lanes[side] = sorted(here, key=lambda label: here[label])


def _fall(sheet: Sheet, run: Run, side: int) -> tuple[int, float]:
    """The order of a wire among the lanes on this side, from the board outwards."""
    start = run.start[1] if run.start[0] == side else sheet.bottom
    ends = [
        other.end[1]
        for other in sheet.runs
        if other.wire.to == run.wire.to and other.end[0] == side
    ]
    end = sum(ends) / len(ends) if ends else sheet.bottom
    return (1, -start) if end > start else (0, start)

"""The wiring of a board as a picture: SVG, written by hand, the same bytes from the same board.

Signals are drawn as wires, power as flags: a flag says which of the board's rails a pin goes to.
"""

from itertools import pairwise
from xml.sax.saxutils import escape

from hardware.wiring.board_file import read
from hardware.wiring.headers import RAILS
from hardware.wiring.netlist import inside
from hardware.wiring.sheet import (
    BOARD_WIDTH,
    FLAG_WIDTH,
    MARGIN,
    MODULE_WIDTH,
    PITCH,
    Box,
    Run,
    Sheet,
    place,
)

FLAG_HEIGHT = 20
BEND = 7  # radius of a wire's corner
FLAGS = {"3V3": "#d6336c", "5V": "#e8590c", "BAT+": "#e8590c", "GND": "#343a40", "BAT-": "#343a40"}
OPEN_FLAG = "#adb5bd"
STYLE = (
    "text{font-family:Helvetica,Arial,sans-serif;font-size:14px;fill:#212529}"
    ".t{font-weight:bold}.s{font-size:12px;fill:#495057}.f{font-size:12px;fill:#fff;"
    "font-weight:bold}.w{fill:none;stroke-width:3;stroke-linejoin:round}.o{fill:none;"
    "stroke:#fff;stroke-width:7}"
)


def drawing(name: str) -> str:
    """The SVG of a board's wiring."""
    sheet = place(read(name))
    body = [*_frame(sheet), *_wires(sheet), *_board(sheet)]
    body += [line for box in sheet.boxes for line in _module(sheet, box)]
    size = f'width="{sheet.width:.0f}" height="{sheet.height:.0f}"'
    view = f'viewBox="0 0 {sheet.width:.0f} {sheet.height:.0f}"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view}><style>{STYLE}</style>'
    return "\n".join([start, *body, "</svg>", ""])


def _frame(sheet: Sheet) -> list[str]:
    flags = [rail for rail in RAILS if any(w.to == rail for b in sheet.boxes for w in b.part.wires)]
    key = "".join(
        _flag(MARGIN + at * (FLAG_WIDTH + 10) + FLAG_WIDTH / 2, 64, rail)
        for at, rail in enumerate(flags)
    )
    x = MARGIN + len(flags) * (FLAG_WIDTH + 10)
    title = f"{sheet.header.title}: the {sheet.board.build}"
    return [
        f'<rect width="{sheet.width:.0f}" height="{sheet.height:.0f}" fill="#ffffff"/>',
        f'<text class="t" x="{MARGIN}" y="34" style="font-size:20px">{escape(title)}</text>',
        f'{key}<text class="s" x="{x}" y="68">a flag is a wire to that pin of the board</text>',
    ]


def _wires(sheet: Sheet) -> list[str]:
    """Label by label: where a wire passes over another there is a gap in the lower one."""
    lines = []
    for label in sorted({run.wire.to for run in sheet.runs}):
        runs = [run for run in sheet.runs if run.wire.to == label]
        paths = [_rounded(sheet.way(run)) for run in runs]
        lines += [f'<path class="o" d="{path}"/>' for path in paths]
        lines += [f'<path class="w" stroke="{runs[0].colour}" d="{path}"/>' for path in paths]
        lines += _joints(sheet, runs)
    return lines


def _joints(sheet: Sheet, runs: list[Run]) -> list[str]:
    """A dot wherever a wire leaves another that goes on."""
    dots = []
    for side in (-1, 1):
        here = [run for run in runs if run.end[0] == side]
        label = runs[0].wire.to
        starts = [run.start[1] if run.start[0] == side else sheet.below(label) for run in here]
        heights = sorted({run.end[1] for run in here} | set(starts))
        # The first and the last are where the wire turns.
        dots += [(sheet.lane(side, label), y) for y in heights[1:-1]]
    fill = runs[0].colour
    return [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5" fill="{fill}"/>' for x, y in dots]


def _rounded(points: list[tuple[float, float]]) -> str:
    """A path through these points with round corners."""
    way = points[:1] + [point for before, point in pairwise(points) if point != before]
    path = [f"M{way[0][0]:.0f} {way[0][1]:.0f}"]
    for (before, here), (_, after) in pairwise(pairwise(way)):
        a, b = _towards(here, before), _towards(here, after)
        path.append(f"L{a[0]:.1f} {a[1]:.1f}Q{here[0]:.0f} {here[1]:.0f} {b[0]:.1f} {b[1]:.1f}")
    return "".join([*path, f"L{way[-1][0]:.0f} {way[-1][1]:.0f}"])


def _towards(here: tuple[float, float], there: tuple[float, float]) -> tuple[float, float]:
    x, y = there[0] - here[0], there[1] - here[1]
    length = max(abs(x) + abs(y), 1e-9)  # ways run along the axes
    share = min(BEND, length / 2) / length
    return here[0] + x * share, here[1] + y * share


def _board(sheet: Sheet) -> list[str]:
    x, y = sheet.board_edge(-1), sheet.top
    lines = [
        _box(x, y, BOARD_WIDTH, sheet.board_height, 'rx="12" fill="#e6f2ea" stroke="#2b5d3f"'),
        _text(x + BOARD_WIDTH / 2, y - 8, f"top: {sheet.header.end}", "s", "middle"),
    ]
    used = {run.wire.to for run in sheet.runs}
    own = {sheet.board.pins[name].gpio for name in inside(sheet.board)}
    for side, labels in ((-1, sheet.header.left), (1, sheet.header.right)):
        for at, label in enumerate(labels):
            row, edge = y + PITCH * (at + 1), sheet.board_edge(side)
            fill = FLAGS.get(label) or ("#2b5d3f" if label in used else "#ced4da")
            lines.append(f'<circle cx="{edge:.0f}" cy="{row:.0f}" r="6" fill="{fill}"/>')
            gpio = sheet.header.gpio.get(label)
            text = label if gpio is None or label == str(gpio) else f"{label} ({gpio})"
            text += " its own light" if gpio in own else ""
            anchor = "start" if side < 0 else "end"
            style = "t" if label in used or label in RAILS else "s"
            lines.append(_text(edge - side * 14, row + 5, text, style, anchor))
    for at, pad in enumerate(sheet.header.pads):
        row = y + PITCH * (sheet.rows + 1) + 20 * at
        lines.append(_text(x + BOARD_WIDTH / 2, row, f"{pad}: underside", "s", "middle"))
    return lines


def _module(sheet: Sheet, box: Box) -> list[str]:
    edge = sheet.module_edge(box.side)
    x = edge if box.side > 0 else edge - MODULE_WIDTH
    lines = [
        _box(x, box.top, MODULE_WIDTH, box.height, 'rx="8" fill="#f1f3f5" stroke="#495057"'),
        _text(x + MODULE_WIDTH / 2, box.top + 22, box.part.module.title, "t", "middle"),
    ]
    for at, wire in enumerate(box.part.wires):
        row = box.row(at)
        anchor = "start" if box.side > 0 else "end"
        lines.append(_text(edge + box.side * 14, row + 5, wire.pin, "", anchor))
        if wire.gpio is None:
            lines.append(_flag(edge - box.side * (FLAG_WIDTH / 2 + 4), row, wire.to))
        lines.append(f'<circle cx="{edge:.0f}" cy="{row:.0f}" r="5" fill="#495057"/>')
    if box.part.module.about:
        foot = box.top + box.height - 10
        lines.append(_text(x + MODULE_WIDTH / 2, foot, box.part.module.about, "s", "middle"))
    return lines


def _flag(x: float, y: float, rail: str) -> str:
    look = f'rx="5" fill="{FLAGS.get(rail, OPEN_FLAG)}"'
    box = _box(x - FLAG_WIDTH / 2, y - FLAG_HEIGHT / 2, FLAG_WIDTH, FLAG_HEIGHT, look)
    return box + _text(x, y + 4.5, rail, "f", "middle")


def _box(x: float, y: float, width: float, height: float, look: str) -> str:
    return f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" {look}/>'


def _text(x: float, y: float, text: str, style: str, anchor: str) -> str:
    at = f'x="{x:.0f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{style}" {at}>{escape(text)}</text>'

"""The wiring of a board as a table for its page."""

from hardware.wiring.board_file import Board, Pin, read
from hardware.wiring.headers import CHIPS, WHY
from hardware.wiring.netlist import inside, parts

MAKERS = "inside"  # as a label: the board's maker has wired it


def wiring_table(name: str) -> str:
    """A row for each wire, then the pins that the board itself uses, in Markdown."""
    board = read(name)
    rows = ["| Part | Its pin | To | GPIO | |", "| --- | --- | --- | --- | --- |"]
    for part in parts(board):
        title = part.module.title
        for wire in part.wires:
            gpio = "" if wire.gpio is None else str(wire.gpio)
            to = f"**{wire.to}**" if wire.to != "open" else "nothing"
            rows.append(f"| {title} | {wire.pin} | {to} | {gpio} | {wire.note} |")
            title = ""
    rows += [_on_board(board.pins[constant]) for constant in inside(board)]
    return "\n".join([*rows, "", *special(board)])


def special(board: Board) -> list[str]:
    """What has to be known of the pins that are used and do more than their number says."""
    kind = board.get("CHIP")
    roles = {
        pin.gpio: f"- GPIO{pin.gpio} is a {role} pin too. {WHY.get((kind, pin.gpio), '')}".strip()
        for pin in board.pins.values()
        if pin.label != MAKERS and (role := CHIPS[kind].role(pin.gpio))
    }
    return [roles[gpio] for gpio in sorted(roles)]


def _on_board(pin: Pin) -> str:
    # "inside: LRCK" has its name behind the colon, "USER LED, the board's own" before.
    label = pin.note if pin.label == MAKERS else pin.label
    note = "" if pin.label == MAKERS else pin.note
    part, _, its = pin.name.partition("_")
    return f"| on the board | {part.lower()} {its} | {label} | {pin.gpio} | {note} |"

"""Every wire of a board: from a part's pin to the board's, made from the board file."""

from dataclasses import dataclass, replace

from hardware.wiring.board_file import Board
from hardware.wiring.headers import HEADERS
from hardware.wiring.modules import MODULES, Module


@dataclass(frozen=True, slots=True)
class Wire:
    """From a pin of a part to a label of the board, a rail, or nowhere (left open)."""

    part: str
    pin: str
    to: str
    gpio: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A part that somebody has to buy and wire."""

    key: str
    module: Module
    wires: tuple[Wire, ...]


def parts(board: Board) -> list[Placed]:
    """The parts of a board that are not soldered to it already, with their wires."""
    return [_place(board, key) for key in _keys(board)]


def wires(board: Board) -> list[Wire]:
    """All of them, part by part."""
    return [wire for part in parts(board) for wire in part.wires]


def inside(board: Board) -> list[str]:
    """The constants of pins that lie on the board itself."""
    labels = HEADERS[board.name].labels
    return [name for name, pin in board.pins.items() if pin.label not in labels]


def _keys(board: Board) -> list[str]:
    bought = set(board.pins) - set(inside(board))
    keys = {
        "microphone": "MICROPHONE_SCK" in bought,
        "speaker": "SPEAKER_SCK" in bought,
        "haptic": board.get("HAPTIC") == "drv2605l" or "HAPTIC_PIN" in bought,
        "motion": "MOTION" in board.constants,
        "pulse": "PULSE" in board.constants,
        "button": "BUTTON_PIN" in bought,
        "lamp": "LAMP_PIN" in bought,
        "battery": "BATTERY_PIN" in bought,
        "cell": "BATTERY_PIN" in bought,
    }
    kinds = {
        key: f"{key} {kind}" if (kind := board.get(key.upper())) else key
        for key, wanted in keys.items()
        if wanted
    }
    return list(kinds.values())


def _place(board: Board, key: str) -> Placed:
    labels = {name: pin.label for name, pin in board.pins.items()}
    module = replace(MODULES[key], about=MODULES[key].about.format_map(labels))
    made = []
    for pin, to in module.pins:
        wire = _wire(board, key.partition(" ")[0], pin, to.format_map(labels))
        if wire:
            made.append(wire)
    return Placed(key, module, tuple(made))


def _wire(board: Board, part: str, pin: str, to: str) -> Wire | None:
    """A wire; `A | B` is B on a board without A, and `address` the rail that sets it."""
    first, _, otherwise = to.partition(" | ")
    constant, _, also = first.partition("; ")
    if constant in board.pins:
        found = board.pins[constant]
        note = "; ".join(text for text in (found.note, also) if text)
        return Wire(part, pin, found.label, found.gpio, note)
    if first == "address":
        odd = int(board.get("MOTION_ADDRESS") or "0") % 2
        return Wire(part, pin, "3V3" if odd else "GND", None, "its address")
    rail, _, note = (otherwise or first).partition("; ")
    # What carries a cell takes it from the cell: a XIAO's 5V is there on a cable only.
    if rail == "power":
        carried = "BATTERY_PIN" in board.pins
        rail = "BAT+" if carried else "5V"
        note = f"{note}; to 5V, and not to both, until the cell is in" if carried else note
    return Wire(part, pin, rail, None, note)

"""What is known of the current in each state of the ring, and by whom: the table of figures."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from mynah.errors import UserError

ASLEEP: Final = "asleep"
WAKING: Final = "waking"
ADVERTISING: Final = "advertising"
CONNECTED: Final = "connected"
TALK: Final = "talk"
DIVIDER: Final = "divider"
AMPLIFIER: Final = "amplifier"
AMP_STANDBY: Final = "amp standby"
HAPTIC: Final = "haptic"
PARTS_ASLEEP: Final = "parts asleep"

STATES: Final = (ASLEEP, WAKING, ADVERTISING, CONNECTED, TALK)
PARTS: Final = (DIVIDER, AMPLIFIER, AMP_STANDBY, HAPTIC, PARTS_ASLEEP)
CHARGER: Final = "charger"
"""It feeds the cell, and is no part of a day; who measured theirs says so in the same way."""

MOST_MA: Final = 3000.0
"""A USB-C port's: whoever types more meant microamperes."""

UNKNOWN: Final = "not measured on hardware"
YOURS: Final = "yours"

Cell = dict[str, str | float]


@dataclass(frozen=True, slots=True)
class Range:
    """From, to."""

    low: float
    high: float

    def __mul__(self, factor: float) -> "Range":
        return Range(self.low * factor, self.high * factor)

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.high + other.high)

    def __str__(self) -> str:
        low, high = _two_figures(self.low), _two_figures(self.high)
        return low if low == high else f"{low} to {high}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell of the table."""

    chip: str
    """Empty: whichever."""
    state: str
    milliamps: Range | None
    """None: nobody knows."""
    how: str
    source: str


def figures() -> list[Figure]:
    """The whole table."""
    return [_figure(cell) for cell in cells("figure")]


def cells(kind: str) -> list[Cell]:
    """The file's tables of one kind: `figure`, or `charger`."""
    text = files("mynah.maker").joinpath("milliamps.toml").read_text("utf-8")
    return list(tomllib.loads(text)[kind])


def figures_of(chip: str, measured: dict[str, Range]) -> dict[str, Figure]:
    """By state and part, of one chip; what its owner `measured` comes first."""
    found = {each.state: each for each in figures() if each.chip in ("", chip)}
    for state, milliamps in measured.items():
        found[state] = Figure(chip, state, milliamps, YOURS, "--ma")
    return found


def measured(texts: list[str]) -> dict[str, Range]:
    """What `--ma STATE=LOW-HIGH` or `--ma STATE=MA` gave; UserError says what is wrong."""
    return dict(_measured(text) for text in texts)


def table(chips: dict[str, str]) -> str:
    """The figures in Markdown, a row a state; `chips`: esptool's names, and what to call them."""
    known = figures()
    heads = ("State", *chips.values(), "Whose figures")
    lines = [_row(heads), _row(["---"] * len(heads))]
    for state in (*STATES, *PARTS):
        cells = [_cell(known, chip, state) for chip in chips]
        lines.append(_row((state, *cells, _sources(known, state))))
    return "\n".join(lines)


def _two_figures(value: float) -> str:
    """More is not known of anything here."""
    return f"{float(f'{value:.2g}'):,.10g}"


def _figure(cell: Cell) -> Figure:
    known = "low" in cell
    milliamps = Range(float(cell["low"]), float(cell["high"])) if known else None
    how = str(cell["how"]) if known else UNKNOWN
    return Figure(str(cell["chip"]), str(cell["state"]), milliamps, how, str(cell["source"]))


def _measured(text: str) -> tuple[str, Range]:
    state, _, value = text.partition("=")
    low, _, high = value.partition("-")
    known = (*STATES, *PARTS, CHARGER)
    if state not in known:
        raise UserError(f"--ma {text}: no state {state!r}; there are {', '.join(known)}")
    try:
        milliamps = Range(float(low), float(high or low))
    except ValueError:
        milliamps = Range(-1.0, -1.0)
    if not 0 <= milliamps.low <= milliamps.high <= MOST_MA:
        raise UserError(
            f"--ma {text}: give milliamperes up to {MOST_MA:g}, "
            f"as in --ma {state}=40 or {state}=40-60"
        )
    return state, milliamps


def _row(cells: "tuple[str, ...] | list[str]") -> str:
    return f"| {' | '.join(cells)} |"


def _cell(known: list[Figure], chip: str, state: str) -> str:
    for figure in known:
        if figure.state == state and figure.chip in ("", chip):
            if figure.milliamps is None:
                return UNKNOWN
            return f"{figure.milliamps} mA, {figure.how}"
    return UNKNOWN


def _sources(known: list[Figure], state: str) -> str:
    return "; ".join(dict.fromkeys(each.source for each in known if each.state == state))

"""The faults that there are, as a person reads them: what `--faults help` prints, and a table."""

from collections.abc import Iterator
from typing import Final

from mynah.faults.kinds import KINDS, MEANS, Kind, Unit

GRAMMAR: Final = (
    ("NAME=HOW_MUCH", "all along"),
    ("NAME@MOMENT", "once"),
    ("NAME~MOMENT", "again and again, about so far apart, by the seed"),
    ("NAME@MOMENT=HOW_MUCH", "the same, of a fault that has more and less"),
    ("NAME.up… NAME.down…", "one way alone: from the ring, or to it"),
    ("seed=N", "what every chance is drawn from"),
)
HEAD: Final = ("| Fault | All along | At a moment | |", "| --- | --- | --- | --- |")


def listing() -> str:
    """For a terminal."""
    moments = [(_moment(unit), meaning) for unit, meaning in MEANS.items()]
    kinds = [(kind.example, kind.about) for kind in KINDS.values()]
    return "\n".join([*_columns(GRAMMAR), "", *_columns(moments), "", *_columns(kinds)])


def table() -> str:
    """In Markdown."""
    rows = [
        f"| `{name}` | {_always(kind)} | {_moments(kind)} | {kind.about}: `{kind.example}` |"
        for name, kind in KINDS.items()
    ]
    return "\n".join([*HEAD, *rows])


def _always(kind: Kind) -> str:
    return "" if kind.always is None else kind.always.about


def _moments(kind: Kind) -> str:
    moments = ", ".join(f"`{_moment(unit)}`" for unit in kind.moments)
    return moments if kind.amount is None else f"{moments}: {kind.amount.about}"


def _moment(unit: Unit) -> str:
    return "1.5s" if unit is Unit.TIME else f"{unit}=N"


def _columns(rows: "tuple[tuple[str, str], ...] | list[tuple[str, str]]") -> Iterator[str]:
    width = max(len(left) for left, _ in rows)
    return (f"{left:{width}}  {right}" for left, right in rows)

"""A plan of faults: one line that a person can read, type, and repeat. Pure.

    seed=7 drop=1% delay=80ms disconnect@frame=120 outage@4s=3s power_cut~write=40

`NAME=HOW_MUCH` holds all along. `@MOMENT` is once, `~MOMENT` again and again, about so far apart,
by the seed. A moment is a time or a count. `.up` or `.down` is one way alone. In a file a plan may
take many lines, and `#` begins a comment.
"""

import difflib
import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynah.errors import UserError
from mynah.faults.amounts import Amount, Value, read_span, write_span
from mynah.faults.kinds import KINDS, Kind, Unit

DEFAULT_SEED: Final = 1
LARGEST_COUNT: Final = 1_000_000_000
_SEED: Final = "seed"
_WORD = re.compile(r"(?P<name>[^.@~=]+)(\.(?P<way>[^@~=]*))?((?P<how>[@~])(?P<rest>.*)|=.*)?")
_COUNTED = tuple(unit for unit in Unit if unit is not Unit.TIME)


class Way(enum.StrEnum):
    """Which of a link's two directions."""

    BOTH = ""
    UP = "up"
    DOWN = "down"

    def includes(self, other: "Way") -> bool:
        return self in (Way.BOTH, other)


@dataclass(frozen=True, slots=True)
class When:
    """The moment of a fault, or how far its moments are apart."""

    unit: Unit
    at: float
    """Milliseconds, or a count from 1."""
    random: bool = False

    def __str__(self) -> str:
        sign = "~" if self.random else "@"
        if self.unit is Unit.TIME:
            return sign + write_span(self.at)
        return f"{sign}{self.unit}={self.at:.0f}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One word of a plan."""

    name: str
    amount: Value | None = None
    when: When | None = None
    """None: all along."""
    way: Way = Way.BOTH

    def __str__(self) -> str:
        way = f".{self.way}" if self.way else ""
        amount = _amount_of(KINDS[self.name], self.when)
        much = "" if amount is None or self.amount is None else f"={amount.write(self.amount)}"
        return f"{self.name}{way}{self.when or ''}{much}"

    @property
    def number(self) -> float:
        """How much, of one that has a number."""
        if not isinstance(self.amount, float):
            raise TypeError(f"{self} has no number")
        return self.amount


@dataclass(frozen=True, slots=True)
class Plan:
    """Faults, and the seed that every chance in them comes from."""

    faults: tuple[Fault, ...] = ()
    seed: int = DEFAULT_SEED

    def __str__(self) -> str:
        """What `parse` makes this very plan of: put it into every report of a failure."""
        return " ".join([f"{_SEED}={self.seed}", *map(str, self.faults)])

    def named(self, name: str) -> Iterator[Fault]:
        """The faults of one kind."""
        return (fault for fault in self.faults if fault.name == name)

    def always(self, name: str, way: Way = Way.BOTH) -> Fault | None:
        """The one that holds all along, if there is one."""
        each = (fault for fault in self.named(name) if fault.way.includes(way))
        return next((fault for fault in each if fault.when is None), None)


def read_plan(text: str) -> Plan:
    """A plan, or one in a file of that name; UserError says which word is wrong, and why."""
    path = Path(text)
    try:
        is_file = path.is_file()
    except OSError:  # longer than a file's name may be
        is_file = False
    return parse(path.read_text("utf-8")) if is_file else parse(text)


def parse(text: str) -> Plan:
    """The plan that is written there; UserError says which word is wrong, and why."""
    seeds: list[int] = []
    faults: list[Fault] = []
    for place, word in _words(text):
        try:
            if word.partition("=")[0] == _SEED:
                seeds.append(_seed(word, seeds))
            else:
                faults.append(_fault(word, faults))
        except ValueError as error:
            raise UserError(f"faults: {place}, {word!r}: {error}") from error
    return Plan(tuple(faults), seeds[0] if seeds else DEFAULT_SEED)


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Each word, with where it stands."""
    lines = text.splitlines()
    for line, content in enumerate(lines, 1):
        before = f"line {line}, " if len(lines) > 1 else ""
        for number, word in enumerate(content.partition("#")[0].split(), 1):
            yield f"{before}word {number}", word


def _seed(word: str, before: list[int]) -> int:
    if before:
        raise ValueError("the seed is given twice")
    return _count(word.partition("=")[2], 0)


def _fault(word: str, before: list[Fault]) -> Fault:
    found = _WORD.fullmatch(word)
    name = found["name"] if found else word
    kind = KINDS.get(name)
    if found is None or kind is None:
        raise ValueError(_unknown(name))
    way = _way(kind, found["way"])
    if found["how"] is None:
        when, much = None, word.partition("=")[2]
    else:
        when, much = _when(kind, found["rest"], random=found["how"] == "~")
    if when is None and kind.always is None:
        raise ValueError(f"it needs a moment, as in {kind.example}")
    fault = Fault(name, _amount(kind, when, much), when, way)
    _refuse_twice(fault, before)
    return fault


def _way(kind: Kind, way: str | None) -> Way:
    if way is None:
        return Way.BOTH
    if not kind.ways:
        raise ValueError("it has no two ways")
    if way not in (Way.UP, Way.DOWN):
        raise ValueError(f"no way is called {way!r}; there are up and down")
    return Way(way)


def _when(kind: Kind, rest: str, *, random: bool) -> tuple[When, str]:
    """The moment, and how much then."""
    head, _, tail = rest.partition("=")
    if not kind.moments:
        raise ValueError(f"it holds all along, and has no moment: {kind.example}")
    if head in _COUNTED:
        unit = Unit(head)
        count, _, much = tail.partition("=")
        when = When(unit, float(_count(count, 1)), random)
    elif head[:1].isdecimal():
        when, much = When(Unit.TIME, read_span(head), random), tail
    else:
        raise ValueError(f"no moment is called {head!r}; {_moments(kind)}")
    if when.unit not in kind.moments:
        raise ValueError(f"it can't be told by {when.unit}; {_moments(kind)}")
    if random and not when.at:
        raise ValueError("it would never end: choose 1ms or more")
    return when, much


def _amount(kind: Kind, when: When | None, much: str) -> Value | None:
    amount = _amount_of(kind, when)
    if amount is None:
        if much:
            raise ValueError(f"there is no more or less of it at a moment: {kind.example}")
        return None
    if not much:
        raise ValueError(f"how much? {amount.about}, as in {kind.example}")
    return amount.read(much)


def _amount_of(kind: Kind, when: When | None) -> Amount | None:
    return kind.always if when is None else kind.amount


def _count(text: str, least: int) -> int:
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= LARGEST_COUNT:
        raise ValueError(f"{text!r} is not a whole number from {least} to {LARGEST_COUNT}")
    return int(text)


def _moments(kind: Kind) -> str:
    named = ["a time" if unit is Unit.TIME else f"{unit}=N" for unit in kind.moments]
    return f"there is {' or '.join(named)}"


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, KINDS, n=1)
    advice = f"did you mean {close[0]}? " if close else ""
    return f"no fault is called {name!r}; {advice}there are {', '.join(KINDS)}"


def _refuse_twice(fault: Fault, before: list[Fault]) -> None:
    for other in before:
        overlap = fault.way.includes(other.way) or other.way.includes(fault.way)
        if other.name == fault.name and other.when == fault.when and overlap:
            raise ValueError(f"it is given twice: {other}")

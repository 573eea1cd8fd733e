"""When each fault of a plan happens: the same for the same seed. Pure.

Each word draws from a chance of its own, so that a word more in the plan changes no other's.
"""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from typing import Final

from mynah.faults.kinds import Unit
from mynah.faults.plan import Fault, Plan, Way

SOONEST_MS: Final = 1.0
"""Two of one kind are at least so far apart."""

PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Event:
    """One fault happens."""

    at: float
    """Milliseconds since the beginning, or a count from 1, as its `when` says."""
    fault: Fault


def schedule(plan: Plan, unit: Unit = Unit.TIME) -> Iterator[Event]:
    """All events that are told by this unit, in order; endless where one comes again and again.

    What holds all along is no event: see `Plan.always`, and `losing` for drop.
    """
    faults = [fault for fault in plan.faults if fault.when is not None and fault.when.unit is unit]
    each = [_moments(fault, chance_of(plan, fault)) for fault in faults]
    return merge(*each, key=lambda event: event.at)


def chance_of(plan: Plan, fault: Fault, what: str = "") -> random.Random:
    """What decides whatever the plan leaves open about this word."""
    return random.Random(f"{plan.seed} {fault} {what}")


def losing(plan: Plan, way: Way) -> Callable[[int], bool]:
    """Which records this way are dropped, by their number from 0; to be asked in order."""
    drops = [fault for fault in plan.named("drop") if fault.way.includes(way)]
    shares = [(f.number / PERCENT, chance_of(plan, f, way)) for f in drops if f.when is None]
    named = Counted(Plan(tuple(f for f in drops if f.when is not None), plan.seed), Unit.RECORD)

    def loses(number: int) -> bool:
        drawn = [chance.random() < share for share, chance in shares]
        return bool(named.until(number + 1)) or any(drawn)

    return loses


def delaying(plan: Plan, way: Way) -> Callable[[int], float]:
    """How much later a record this way comes, in ms, by its number from 0; to be asked in order."""
    delays = [fault for fault in plan.named("delay") if fault.way.includes(way)]
    always_ms = sum(fault.number for fault in delays if fault.when is None)
    named = Counted(Plan(tuple(f for f in delays if f.when is not None), plan.seed), Unit.RECORD)
    return lambda number: always_ms + sum(fault.number for fault in named.until(number + 1))


@dataclass(slots=True)
class Counted:
    """The events of one unit as they fall due."""

    plan: Plan
    unit: Unit
    count: float = 0.0
    _events: Iterator[Event] = field(init=False)
    _next: Event | None = field(init=False)

    def __post_init__(self) -> None:
        self._events = schedule(self.plan, self.unit)
        self._next = next(self._events, None)

    @property
    def due(self) -> float | None:
        """When the next one happens."""
        return None if self._next is None else self._next.at

    def one_more(self) -> list[Fault]:
        """One more was counted; what happens with it."""
        return self.until(self.count + 1)

    def until(self, at: float) -> list[Fault]:
        """It is so late, or so many; what has happened since it was asked last."""
        self.count = at
        happened = []
        while self._next is not None and self._next.at <= at:
            happened.append(self._next.fault)
            self._next = next(self._events, None)
        return happened


def _moments(fault: Fault, chance: random.Random) -> Iterator[Event]:
    when = fault.when
    if when is None:
        return
    if not when.random:
        yield Event(when.at, fault)
        return
    at = 0.0
    while True:
        at += _gap(when.unit, when.at, chance)
        yield Event(at, fault)


def _gap(unit: Unit, mean: float, chance: random.Random) -> float:
    """Memoryless: what has happened says nothing of when it happens again."""
    if unit is Unit.TIME:
        return max(SOONEST_MS, chance.expovariate(1 / mean))
    return 1.0 + (
        math.floor(math.log(1 - chance.random()) / math.log(1 - 1 / mean)) if mean > 1 else 0
    )

"""What another profile would have waited in a recorded turn, and whether it had cut it off. Pure.

Known are the pauses, how probably each was the end, and when that was known; not the words. What is
tried is a change of `delay_ms`, of a floor, of what is made of a wearer's pauses.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from mynah.turn.delay import FLOOR_MS, MOST_MS, Habit, Profile, delay_ms
from mynah.turn.endpoint import PAUSE_MS
from mynah.turn.machine import State
from mynah.turn.tape import WAIT, Entry

PAUSED: Final = "StreamPaused"
WENT_ON: Final = ("StreamResumed", "StreamStarted")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was thought of a pause."""

    at_ms: int
    """Of silence."""
    over: float
    """The probability that the turn is."""
    wait_ms: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence after something was said."""

    judgements: tuple[Judgement, ...]
    long_ms: int | None
    """Until the wearer went on; None if he did not."""
    taken: bool
    """For the turn's end."""


@dataclass(frozen=True, slots=True)
class Reconsidered:
    """A turn, as it was or as it would have been."""

    wait_ms: float | None
    """The silence that ended it; None if no silence did."""
    cut_off: int
    """Pauses that were taken for the end, and were not."""


def pauses(entries: Sequence[Entry]) -> list[Pause]:
    """Those of a turn, in order."""
    found: list[Pause] = []
    begun_ms: int | None = None
    judgements: list[Judgement] = []
    for before, entry in pairwise(entries):
        if entry.name == PAUSED and entry.state == State.PAUSED:
            begun_ms, judgements = entry.ms, []
        elif begun_ms is None:
            continue
        elif entry.name == WAIT:
            if entry.state == State.PAUSED:
                at_ms = entry.ms - begun_ms + PAUSE_MS
                over, wait_ms = entry.fields["over"], entry.fields["wait_ms"]
                judgements.append(Judgement(at_ms, over, wait_ms))
        elif entry.state != State.COMMITTED:
            long_ms = entry.ms - begun_ms if entry.name in WENT_ON else None
            found.append(Pause(tuple(judgements), long_ms, before.state == State.COMMITTED))
            begun_ms = None
    return found


def as_it_was(pauses: Iterable[Pause]) -> Reconsidered:
    """What it waited, and where that was too short."""
    wait_ms, cut_off = None, 0
    for pause in pauses:
        if pause.taken:
            wait_ms = _taken_ms((each.at_ms, each.wait_ms) for each in pause.judgements)
            cut_off += pause.long_ms is not None
    return Reconsidered(wait_ms, cut_off)


def as_with(profile: Profile, pauses: Iterable[Pause], habit: Habit) -> Reconsidered:
    """What another profile would have waited, for a wearer with such habits before this turn."""
    wait_ms, cut_off, floor_ms = None, 0, FLOOR_MS[profile]
    for pause in pauses:
        taken_ms = _taken_ms(
            (each.at_ms, delay_ms(each.over, floor_ms, habit)) for each in pause.judgements
        )
        ends = pause.long_ms is None or taken_ms < pause.long_ms
        if pause.taken and ends:
            wait_ms = taken_ms
        if pause.long_ms is not None:
            cut_off += ends
            habit = habit.after_pause(pause.long_ms)
    return Reconsidered(wait_ms, cut_off)


def habit_after(pauses: Sequence[Pause], habit: Habit) -> Habit:
    """What is known of the wearer after this turn."""
    for pause in pauses:
        if pause.long_ms is not None:
            habit = habit.after_pause(pause.long_ms)
    goes_on = bool(pauses) and pauses[-1].long_ms is not None and pauses[-1].taken
    return habit if goes_on else habit.after_turn(0)  # its words are in the probabilities


def _taken_ms(waits: Iterable[tuple[float, float]]) -> float:
    """The silence after which a turn is taken, that may be so long from such moments on."""
    taken_ms = MOST_MS
    for at_ms, wait_ms in waits:
        if at_ms >= taken_ms:
            break
        taken_ms = max(at_ms, wait_ms)
    return taken_ms

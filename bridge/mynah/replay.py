"""Recorded turns, told to a fresh turn machine: does it still do what it did?

Besides, each end that was found by ear is thought over again, with another profile.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from mynah.errors import UserError
from mynah.turn.delay import USUAL, Habit, Profile
from mynah.turn.machine import IllegalTransitionError, State, TurnMachine
from mynah.turn.reconsidered import as_it_was, as_with, habit_after, pauses
from mynah.turn.tape import FULL, ILLEGAL, WAIT, Entry, told

ADDS_UP_MS: Final = 5.0
"""The parts of a waterfall and the whole may differ by so much: two clocks were read for them."""

FIRST: Final = 1
"""Each turn is the first of its machine."""

NewMachine = Callable[[], TurnMachine]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A turn, as far as it is replayed; no words."""

    line: int
    number: int
    v2v_ms: float | None
    waterfall: dict[str, float]
    bound_by: str | None
    entries: list[Entry]

    @property
    def by_ear(self) -> bool:
        """Whether silence ended it, and not a button."""
        return self.waterfall.get("endpoint_wait", 0.0) > 0


@dataclass(frozen=True, slots=True)
class Difference:
    """Something is not as it was."""

    turn: int
    ms: int
    event: str
    recorded: str
    now: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a turn in one state."""

    state: State
    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """A turn, and what became of it this time."""

    turn: int
    v2v_ms: float | None
    bound_by: str | None
    stretches: list[Stretch]
    differences: list[Difference]
    left_ms: int | None
    """From where on it was not recorded."""
    wait_ms: float | None
    would_wait_ms: int | None
    cut_off: int
    would_cut_off: int


@dataclass(frozen=True, slots=True)
class Replay:
    """All turns of a file."""

    profile: Profile
    turns: list[Replayed]
    silent: list[int]
    """The lines of turns that were recorded without what happened in them."""
    cut_line: int | None
    """The last line, if it is not whole."""

    @property
    def identical(self) -> bool:
        """Whether all that was recorded happened again."""
        return self.cut_line is None and not any(turn.differences for turn in self.turns)

    def sums(self) -> dict[str, float]:
        """Over the turns that silence ended."""
        waits = [(turn.wait_ms, turn.would_wait_ms) for turn in self.turns]
        both = [(was, would) for was, would in waits if was is not None and would is not None]
        return {
            "by_ear": len(both),
            "wait_ms": sum(was for was, _ in both),
            "would_wait_ms": sum(would for _, would in both),
            "cut_off": sum(turn.cut_off for turn in self.turns),
            "would_cut_off": sum(turn.would_cut_off for turn in self.turns),
        }

    def as_json(self) -> dict[str, object]:
        """The object that is printed."""
        return {"identical": self.identical, **asdict(self), "sums": self.sums()}


def replay_file(path: Path, profile: Profile, new_machine: NewMachine = TurnMachine) -> Replay:
    """Replay a turns.jsonl, or that in a folder; UserError if it is none."""
    if path.is_dir():
        path /= "turns.jsonl"
    try:
        *lines, rest = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: can't be read as recorded turns ({error})") from error
    is_cut = not _is_json(rest)
    if rest and not is_cut:
        lines.append(rest)
    recorded = [_read(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not any(turn.entries for turn in recorded):
        raise UserError(f"{path}: no turn that can be replayed; record one: mynah talk --out DIR")
    silent = [turn.line for turn in recorded if not turn.entries]
    replayed = replay((turn for turn in recorded if turn.entries), profile, new_machine)
    return Replay(profile, replayed, silent, len(lines) + 1 if is_cut else None)


def replay(
    turns: Iterable[Recorded], profile: Profile, new_machine: NewMachine = TurnMachine
) -> list[Replayed]:
    """Each turn through a machine of its own; the wearer's habits last from one to the next."""
    habit, replayed = USUAL, []
    for turn in turns:
        replayed.append(_replay(turn, profile, habit, new_machine))
        habit = habit_after(pauses(turn.entries), habit)
    return replayed


def _replay(turn: Recorded, profile: Profile, habit: Habit, new_machine: NewMachine) -> Replayed:
    found = pauses(turn.entries) if turn.by_ear else []
    was, would = as_it_was(found), as_with(profile, found, habit)
    full = [entry.ms for entry in turn.entries if entry.name == FULL]
    return Replayed(
        turn.number,
        turn.v2v_ms,
        turn.bound_by,
        _stretches(turn.entries),
        [*_differences(turn, new_machine()), *_leak(turn)],
        full[0] if full else None,
        was.wait_ms,
        None if would.wait_ms is None else round(would.wait_ms),
        was.cut_off,
        would.cut_off,
    )


def _differences(turn: Recorded, machine: TurnMachine) -> list[Difference]:
    found = []
    for entry in turn.entries:
        if entry.name in {WAIT, FULL}:
            continue
        try:
            actions = told(machine.handle(entry.event(FIRST), entry.ms), FIRST)
        except IllegalTransitionError:
            actions = [ILLEGAL]
        recorded, now = _told(entry.actions, entry.state), _told(actions, machine.state)
        if recorded != now:
            found.append(Difference(turn.number, entry.ms, entry.name, recorded, now))
    return found


def _told(actions: list[str], state: str) -> str:
    return f"{', '.join(actions) or 'nothing'}, {state}"


def _leak(turn: Recorded) -> list[Difference]:
    """The waterfall's parts are to add up to all of the time."""
    if turn.v2v_ms is None or not turn.waterfall:
        return []
    parts_ms = sum(turn.waterfall.values())
    if abs(parts_ms - turn.v2v_ms) <= ADDS_UP_MS:
        return []
    whole, parts = f"{turn.v2v_ms:.0f} ms", f"{parts_ms:.0f} ms"
    return [Difference(turn.number, 0, "the waterfall's parts and v2v", whole, parts)]


def _stretches(entries: list[Entry]) -> list[Stretch]:
    found: list[Stretch] = []
    for entry, after in pairwise(entries):
        begin_ms = entry.ms
        if found and found[-1].state == entry.state:
            begin_ms = found.pop().begin_ms
        found.append(Stretch(State(entry.state), begin_ms, after.ms))
    return found


def _is_json(line: str) -> bool:
    try:
        json.loads(line or "null")
    except ValueError:
        return False
    return True


def _read(path: Path, number: int, line: str) -> Recorded:
    try:
        fields: dict[str, Any] = json.loads(line)
        v2v_ms, bound_by = fields["v2v_ms"], fields["bound_by"]
        return Recorded(
            number,
            int(fields["turn"]),
            None if v2v_ms is None else float(v2v_ms),
            {str(name): float(ms) for name, ms in fields["waterfall"].items()},
            None if bound_by is None else str(bound_by),
            [Entry.of_json(written) for written in fields.get("events", [])],
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(f"{path}: line {number} is not a turn ({error!r})") from error

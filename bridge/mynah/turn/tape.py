"""What the turn machine was told in each turn and what it did, so that it can be replayed. Pure.

There are no words on a tape: of an error only that there was one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, get_args

from mynah.turn.events import (
    Action,
    AnswerProgressed,
    Close,
    Drop,
    Event,
    Guess,
    OfTurn,
    Overheard,
    ReplyProgressed,
    StreamEnded,
    StreamPaused,
    StreamProgressed,
    StreamStarted,
    Tick,
)
from mynah.turn.machine import IllegalTransitionError, State, TurnMachine

MOST_ENTRIES: Final = 50
"""Of a turn: at most 80 bytes each, so that a line of turns.jsonl stays below 4 kB for them. A
pause makes three; a turn has two, and who reads a list aloud has ten."""

EXACT_MS: Final = 0.01
"""More than a sum of times is wrong by, so that ten seconds are never 9999 ms."""

WAIT: Final = "Wait"
"""Not an event: how long the pause that goes on may be, and how probably the turn is over."""
FULL: Final = "Full"
"""Not an event: from here on nothing was kept."""
ILLEGAL: Final = "illegal"
"""Instead of actions."""

_KINDS: Final[Mapping[str, Any]] = {kind.__name__: kind for kind in get_args(Event)}
_SIGNS_OF_LIFE: Final = (StreamProgressed, AnswerProgressed, ReplyProgressed, Overheard, Tick)
_UNTOLD: Final = ("turn", "reason")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something happened in a turn."""

    ms: int
    """Since it began."""
    name: str
    fields: Mapping[str, float]
    actions: list[str]
    state: str
    """After it."""

    def as_json(self) -> list[object]:
        """What is written."""
        return [self.ms, self.name, dict(self.fields), self.actions, self.state]

    @classmethod
    def of_json(cls, written: Any) -> "Entry":
        """ValueError or TypeError if it is none."""
        ms, name, told, actions, state = written
        entry = cls(ms, name, told, actions, State(state))
        numbers = all(isinstance(value, int | float) for value in (ms, *told.values()))
        if not numbers or not all(isinstance(action, str) for action in actions):
            raise ValueError("it has what no entry has")
        if name == WAIT and told.keys() != {"wait_ms", "over"}:
            raise ValueError(f"{name!r} has {set(told)}")
        if name not in {WAIT, FULL}:
            entry.event(0)
        return entry

    def event(self, turn: int) -> Event:
        """The same event, in a turn of this number."""
        kind = _KINDS.get(self.name)
        if kind is None:
            raise ValueError(f"{self.name!r} is no event")
        names = {field.name for field in fields(kind)}
        untold = {"turn": turn, "reason": ""}
        known = {name: value for name, value in untold.items() if name in names}
        event: Event = kind(**known, **self.fields)
        return event


class Tape:
    """Passes events on to a machine and keeps what matters, turn by turn."""

    def __init__(self, machine: TurnMachine) -> None:
        """The machine must be told nothing by another way; each turn that it closes be taken."""
        self._machine = machine
        self._reels: dict[int, _Reel] = {}  # by turn
        self._ended: StreamEnded | None = None

    def handle(self, event: Event, now_ms: float) -> list[Action]:
        """Tell the machine; IllegalTransitionError as from itself."""
        machine = self._machine
        turn, state = machine.turn, machine.state
        self._ended = event if isinstance(event, StreamEnded) else self._ended
        try:
            actions = machine.handle(event, now_ms)
        except IllegalTransitionError:
            self._reels[turn].add(event, now_ms, [ILLEGAL], state)
            raise
        idle = isinstance(event, _SIGNS_OF_LIFE) and not actions and machine.state is state
        stale = isinstance(event, OfTurn) and event.turn != turn
        if state is not State.LISTENING and not idle and not stale:
            self._reels[turn].add(event, now_ms, told(actions, turn), machine.state)
        if machine.turn != turn:
            self._begin(actions, now_ms)
        elif isinstance(event, StreamEnded) and machine.state is State.LISTENING:
            self._reels.pop(turn, None)  # a touch is no turn
        return actions

    def judged(self, turn: int, wait_ms: float, over: float, now_ms: float) -> None:
        """The words of a pause: how long it may be, and how probably the turn is over."""
        if turn in self._reels:
            figures = {"wait_ms": round(wait_ms), "over": round(over, 4)}
            self._reels[turn].put(WAIT, figures, now_ms, [], self._machine.state)

    def take(self, turn: int) -> list[list[object]]:
        """All that was kept of a turn that is over; here it is forgotten."""
        reel = self._reels.pop(turn, None)
        return [] if reel is None else [entry.as_json() for entry in reel.entries]

    def _begin(self, actions: list[Action], now_ms: float) -> None:
        """A turn began: at once, or long ago, when its words were still over a reply."""
        machine = self._machine
        self._reels[machine.turn] = reel = _Reel(now_ms)
        reel.add(StreamStarted(machine.stream), now_ms, [], State.HEARING)
        own = told([each for each in actions if _turn_of(each) == machine.turn], machine.turn)
        if machine.state is State.PAUSED:
            reel.add(StreamPaused(machine.stream), now_ms, own, machine.state)
        elif machine.state is State.COMMITTED and self._ended is not None:
            reel.add(self._ended, now_ms, own, machine.state)


class _Reel:
    """One turn's."""

    def __init__(self, begun_ms: float) -> None:
        self.entries: list[Entry] = []
        self._begun_ms = begun_ms

    def add(self, event: Event, now_ms: float, actions: list[str], state: State) -> None:
        figures = {
            field.name: int(value) if isinstance(value, float) else value
            for field in fields(event)
            if field.name not in _UNTOLD and (value := getattr(event, field.name)) != field.default
        }
        self.put(type(event).__name__, figures, now_ms, actions, state)

    def put(
        self,
        name: str,
        figures: Mapping[str, float],
        now_ms: float,
        actions: list[str],
        state: State,
    ) -> None:
        # Rounded down, all of them, and so is what deadlines are made of: one that had come
        # in the conversation has come in the replay.
        ms = int(now_ms - self._begun_ms + EXACT_MS)
        if len(self.entries) < MOST_ENTRIES - 1:
            self.entries.append(Entry(ms, name, figures, actions, state))
        elif len(self.entries) < MOST_ENTRIES:
            self.entries.append(Entry(ms, FULL, {}, [], state))


def told(actions: list[Action], turn: int) -> list[str]:
    """Actions in short, as seen from this turn."""
    return [_told(action, turn) for action in actions]


def _told(action: Action, turn: int) -> str:
    name = type(action).__name__
    if _turn_of(action) not in {None, turn}:
        name = f"next {name}"
    if isinstance(action, Guess | Drop):
        return f"{name} {action.revision}"
    failed = isinstance(action, Close) and action.error is not None
    return f"{name} failed" if failed else name


def _turn_of(action: Action) -> int | None:
    turn: int | None = getattr(action, "turn", None)
    return turn

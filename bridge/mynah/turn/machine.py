"""Whose turn it is. One owner, pure: events and a time in, actions out.

    listening --heard--> hearing --ended--> committed --started--> speaking --done--> listening

Pressing the button in any state begins the next turn. Every state but listening has a deadline that
leads back to it. What belongs to an older turn changes nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mynah.errors import DeviceError


class State(StrEnum):
    """Who has the floor."""

    LISTENING = "listening"
    """Nobody."""
    HEARING = "hearing"
    """The wearer."""
    COMMITTED = "committed"
    """The wearer is done; the answer is being made."""
    SPEAKING = "speaking"
    """The companion."""


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """The button went down and the microphone is open."""

    stream: int


@dataclass(frozen=True, slots=True)
class StreamProgressed:
    """Sound of the stream came in."""

    stream: int


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The stream is complete; `said` is false if it was only a touch."""

    stream: int
    said: bool
    speech_ms: float = 0.0
    """How long it was: hearing ten minutes takes longer than hearing a word."""


@dataclass(frozen=True, slots=True)
class AnswerProgressed:
    """A stage of the answer delivered something."""

    turn: int


@dataclass(frozen=True, slots=True)
class ReplyStarted:
    """The first sample of the answer sounds."""

    turn: int


@dataclass(frozen=True, slots=True)
class ReplyProgressed:
    """The speaker is further on."""

    turn: int


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """The last sample sounded; if not `whole`, the ring stopped the answer before that."""

    turn: int
    whole: bool


@dataclass(frozen=True, slots=True)
class AnswerFailed:
    """There will be no answer, or no more of it."""

    turn: int
    reason: str


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The ring is out of reach."""

    reason: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A deadline came."""


OfTurn = AnswerProgressed | ReplyStarted | ReplyProgressed | ReplyEnded | AnswerFailed
Event = StreamStarted | StreamProgressed | StreamEnded | OfTurn | LinkLost | Tick


@dataclass(frozen=True, slots=True)
class Answer:
    """Make an answer to this turn."""

    turn: int
    stream: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Make no more of this turn's answer, and silence what sounds of it."""

    turn: int


@dataclass(frozen=True, slots=True)
class Close:
    """The turn is over; `error` says why it had no whole answer."""

    turn: int
    error: str | None


Action = Answer | Stop | Close

HEARING_MS: Final = 10_000.0
"""Without a sound of an open stream: longer than any fade that a link survives (6 s)."""

COMMITTED_MS: Final = 90_000.0
"""Without any progress of the answer: above each stage's own deadline, the last resort.

Recognition may take as long as the speech itself besides: it tells nothing before its end.
"""

SPEAKING_MS: Final = 15_000.0
"""Without a cursor: the ring sends one every 200 ms, later only while the link is down."""

DEADLINES_MS: Final = {
    State.HEARING: HEARING_MS,
    State.COMMITTED: COMMITTED_MS,
    State.SPEAKING: SPEAKING_MS,
}

NO_END: Final = "the button was pressed again, and the end of what was said never came"


class IllegalTransitionError(DeviceError):
    """An event that can't come in this state: the ring broke the protocol, or we have a fault."""


class TurnMachine:
    """Who has the floor, turn after turn."""

    def __init__(self) -> None:
        self.state = State.LISTENING
        self.turn = 0
        """The turn in hand, or the last one."""
        self.stream = 0
        self._due_ms: float | None = None

    def handle(self, event: Event, now_ms: float) -> list[Action]:
        """Something happened."""
        match event:
            case StreamStarted(stream):
                return self._begin(stream, now_ms)
            case StreamProgressed(stream) | StreamEnded(stream):
                return self._of_stream(event, stream, now_ms)
            case LinkLost(reason):
                return self._give_up(f"the link was lost: {reason}")
            case Tick():
                return self._tick(now_ms)
            case _:
                return self._of_turn(event, now_ms)

    def deadline_ms(self) -> float | None:
        """When to handle Tick."""
        return self._due_ms

    def _begin(self, stream: int, now_ms: float) -> list[Action]:
        actions: list[Action] = []
        if self.state is not State.LISTENING:
            unheard = self.state is State.HEARING
            actions = self._give_up(NO_END if unheard else None)
        self.turn += 1
        self.stream = stream
        self._enter(State.HEARING, now_ms)
        return actions

    def _of_stream(
        self, event: "StreamProgressed | StreamEnded", stream: int, now_ms: float
    ) -> list[Action]:
        if stream != self.stream or self.state is State.LISTENING:
            return []
        if self.state is not State.HEARING:
            raise IllegalTransitionError(f"{event} in state {self.state}")
        if isinstance(event, StreamProgressed):
            self._enter(State.HEARING, now_ms)
            return []
        if not event.said:
            self._enter(State.LISTENING, now_ms)
            return []  # a touch is no turn
        self._enter(State.COMMITTED, now_ms + event.speech_ms)
        return [Answer(self.turn, stream)]

    def _of_turn(self, event: OfTurn, now_ms: float) -> list[Action]:
        if event.turn != self.turn or self.state is State.LISTENING:
            return []
        match event, self.state:
            case AnswerFailed(_, reason), State.COMMITTED | State.SPEAKING:
                return self._give_up(reason)
            case ReplyStarted(), State.COMMITTED:
                self._enter(State.SPEAKING, now_ms)
                return []
            case ((AnswerProgressed() | ReplyProgressed()), (State.COMMITTED | State.SPEAKING)):
                self._enter(self.state, now_ms)
                return []
            case ReplyEnded(_, whole), State.COMMITTED | State.SPEAKING:
                if not whole:  # more of it may still be being made
                    return self._give_up(None)
                self._enter(State.LISTENING, now_ms)
                return [Close(self.turn, None)]
            case _:
                raise IllegalTransitionError(f"{event} in state {self.state}")

    def _tick(self, now_ms: float) -> list[Action]:
        if self._due_ms is None or now_ms < self._due_ms:
            return []
        seconds = DEADLINES_MS[self.state] / 1000
        return self._give_up(f"nothing happened for {seconds:.0f} s while {self.state}")

    def _give_up(self, reason: str | None) -> list[Action]:
        if self.state is State.LISTENING:
            return []
        actions: list[Action] = []
        if self.state is not State.HEARING:
            actions.append(Stop(self.turn))
        self._enter(State.LISTENING, 0.0)
        return [*actions, Close(self.turn, reason)]

    def _enter(self, state: State, now_ms: float) -> None:
        self.state = state
        wait_ms = DEADLINES_MS.get(state)
        self._due_ms = None if wait_ms is None else now_ms + wait_ms

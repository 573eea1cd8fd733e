"""Whose turn it is. One owner, pure: events and a time in, actions out.

    listening -> hearing <-> paused -> committed -> speaking -> listening
                                                     |    ^
                                              voice  v    |  a cough, a "mm-hm", our own echo
                                                  ducked, held -> the next turn, if words say so

In a pause the answer is guessed at, under a revision that ends when the wearer goes on. Pressing
the button in any state begins the next turn. Every state but listening has a deadline that leads
back to it. What belongs to an older turn changes nothing.
"""

from enum import StrEnum
from typing import Final

from mynah.errors import DeviceError
from mynah.turn.events import (
    Action,
    Answer,
    AnswerFailed,
    AnswerProgressed,
    Close,
    Drop,
    Duck,
    Event,
    Guess,
    Hold,
    Judge,
    Judged,
    LinkLost,
    OfStream,
    OfTurn,
    Overheard,
    ReplyEnded,
    ReplyProgressed,
    ReplyStarted,
    Resume,
    Stop,
    StreamEnded,
    StreamPaused,
    StreamProgressed,
    StreamResumed,
    StreamStarted,
    Tick,
)


class State(StrEnum):
    """Who has the floor."""

    LISTENING = "listening"
    """Nobody."""
    HEARING = "hearing"
    """The wearer."""
    PAUSED = "paused"
    """The wearer, who may be done: an answer is being guessed at."""
    COMMITTED = "committed"
    """The wearer is done; the answer is being made."""
    SPEAKING = "speaking"
    """The companion."""
    DUCKED = "ducked"
    """The companion, softly: there is a voice."""
    HELD = "held"
    """The companion waits: somebody speaks, and the words decide whether that ends its turn."""


HEARING_MS: Final = 10_000.0
"""Without a sound of an open stream: longer than any fade that a link survives (6 s)."""

COMMITTED_MS: Final = 90_000.0
"""Without any progress of the answer: above each stage's own deadline, the last resort.

Recognition may take as long as the speech itself besides: it tells nothing before its end.
"""

SPEAKING_MS: Final = 15_000.0
"""Without a cursor: the ring sends one every 200 ms, later only while the link is down."""

HELD_MS: Final = 4000.0
"""Without a word that says why: then the answer goes on. Hearing a word takes 0.2 to 1 s."""

WORDS_MS: Final = 1000.0
"""Of voice in one go are no cough, no "mm-hm", and no echo of an answer that fell silent."""

DEADLINES_MS: Final = {
    State.HEARING: HEARING_MS,
    State.PAUSED: HEARING_MS,
    State.COMMITTED: COMMITTED_MS,
    State.SPEAKING: SPEAKING_MS,
    State.DUCKED: SPEAKING_MS,
    State.HELD: HELD_MS,
}

NO_END: Final = "the button was pressed again, and the end of what was said never came"

_WEARERS: Final = (State.HEARING, State.PAUSED)
_SOUNDING: Final = (State.SPEAKING, State.DUCKED)
_ANSWERED: Final = (State.COMMITTED, *_SOUNDING, State.HELD)


class IllegalTransitionError(DeviceError):
    """An event that can't come in this state: the ring broke the protocol, or we have a fault."""


class TurnMachine:
    """Who has the floor, turn after turn."""

    def __init__(self) -> None:
        self.state = State.LISTENING
        self.turn = 0
        """The turn in hand, or the last one."""
        self.revision = 0
        """How often the wearer went on after a pause, in this turn."""
        self.stream = 0
        """What is heard, or was last."""
        self._due_ms: float | None = None
        self._over: OfStream | None = None  # how the stream over a held reply stands
        self._voice_ms = 0.0  # since when it is voice

    def handle(self, event: Event, now_ms: float) -> list[Action]:
        """Something happened."""
        match event:
            case StreamStarted():
                return self._begin(event, now_ms)
            case StreamProgressed() | StreamPaused() | StreamResumed() | StreamEnded():
                return self._of_stream(event, now_ms)
            case Overheard() | Judged():
                return self._beside_reply(event, now_ms)
            case LinkLost(reason):
                return self._give_up(f"the link was lost: {reason}")
            case Tick():
                return self._tick(now_ms)
            case _:
                return self._of_turn(event, now_ms)

    def deadline_ms(self) -> float | None:
        """When to handle Tick."""
        return self._due_ms

    # The wearer

    def _begin(self, event: StreamStarted, now_ms: float) -> list[Action]:
        if event.over_reply and self.state in _SOUNDING:
            self.stream, self._over, self._voice_ms = event.stream, None, now_ms
            self._enter(State.HELD, now_ms)
            return [Hold(self.turn)]
        actions: list[Action] = []
        if self.state is not State.LISTENING:
            actions = self._give_up(NO_END if self.state in _WEARERS else None)
        self._begin_turn(event.stream, now_ms)
        return actions

    def _begin_turn(self, stream: int, now_ms: float) -> None:
        self.turn += 1
        self.revision = 0
        self.stream = stream
        self._enter(State.HEARING, now_ms)

    def _of_stream(self, event: OfStream, now_ms: float) -> list[Action]:
        if event.stream != self.stream or self.state is State.LISTENING:
            return []
        match event, self.state:
            case _, State.HELD:
                return self._over_reply(event, now_ms)
            case StreamProgressed(), State.HEARING | State.PAUSED:
                self._enter(self.state, now_ms)
                return []
            case StreamPaused(), State.HEARING:
                self._enter(State.PAUSED, now_ms)
                return [Guess(self.turn, self.revision)]
            case StreamResumed(), State.PAUSED:
                actions = self._drop()
                self.revision += 1
                self._enter(State.HEARING, now_ms)
                return actions
            case StreamEnded(), State.HEARING | State.PAUSED:
                return self._end_stream(event, now_ms)
            case _:
                raise IllegalTransitionError(f"{event} in state {self.state}")

    def _end_stream(self, event: StreamEnded, now_ms: float) -> list[Action]:
        if event.said:
            self._enter(State.COMMITTED, now_ms + event.speech_ms)
            return [Answer(self.turn, self.stream)]
        actions = self._drop()
        self._enter(State.LISTENING, now_ms)
        return actions  # a touch is no turn

    # Somebody speaks while the companion does

    def _beside_reply(self, event: Overheard | Judged, now_ms: float) -> list[Action]:
        match event, self.state:
            case Overheard(voice=True), State.SPEAKING:
                self._enter(State.DUCKED, now_ms)
                return [Duck(self.turn)]
            case Overheard(voice=False), State.DUCKED:
                return self._resume(now_ms)
            case Judged(self.stream, ends_reply=True), State.HELD:
                return self._interrupt(now_ms)
            case Judged(self.stream), State.HELD if not isinstance(self._over, StreamResumed):
                return self._resume(now_ms)  # else more is being said, and judged in its turn
            case _:
                return []

    def _over_reply(self, event: OfStream, now_ms: float) -> list[Action]:
        waiting = isinstance(self._over, StreamPaused | StreamEnded)
        if isinstance(self._over, StreamEnded):
            raise IllegalTransitionError(f"{event} after {self._over} in state {self.state}")
        if isinstance(event, StreamProgressed):
            long = not waiting and now_ms - self._voice_ms >= WORDS_MS
            return self._interrupt(now_ms) if long else []
        self._over = event
        if isinstance(event, StreamResumed):
            self._voice_ms = now_ms
            return []
        if isinstance(event, StreamEnded) and not event.said:
            return self._resume(now_ms)
        return [] if waiting else [Judge(self.stream)]

    def _resume(self, now_ms: float) -> list[Action]:
        self._over = None
        self._enter(State.SPEAKING, now_ms)
        return [Resume(self.turn)]

    def _interrupt(self, now_ms: float) -> list[Action]:
        return [Stop(self.turn), Close(self.turn, None), *self._take_over(now_ms)]

    def _take_over(self, now_ms: float) -> list[Action]:
        """What was said over the reply is the next turn."""
        over, self._over = self._over, None
        self._begin_turn(self.stream, now_ms)
        silent = isinstance(over, StreamPaused | StreamEnded)
        return self._of_stream(over, now_ms) if over and silent else []

    # The answer

    def _of_turn(self, event: OfTurn, now_ms: float) -> list[Action]:
        if event.turn != self.turn or self.state is State.LISTENING:
            return []
        match event, self.state:
            case _, State.HEARING | State.PAUSED:
                raise IllegalTransitionError(f"{event} in state {self.state}")
            case AnswerFailed(_, reason), _:
                return self._end_answer([Stop(self.turn), Close(self.turn, reason)], now_ms)
            case ReplyStarted(), State.COMMITTED:
                self._enter(State.SPEAKING, now_ms)
                return []
            case ((AnswerProgressed() | ReplyProgressed()), _):
                if self.state is not State.HELD:
                    self._enter(self.state, now_ms)
                return []
            case ReplyEnded(_, whole), _:
                # If the ring ended it, more of it may still be being made.
                stop = [] if whole else [Stop(self.turn)]
                return self._end_answer([*stop, Close(self.turn, None)], now_ms)
            case _:
                raise IllegalTransitionError(f"{event} in state {self.state}")

    def _end_answer(self, actions: list[Action], now_ms: float) -> list[Action]:
        if self.state is State.HELD:
            return [*actions, *self._take_over(now_ms)]
        self._enter(State.LISTENING, now_ms)
        return actions

    # The end

    def _tick(self, now_ms: float) -> list[Action]:
        if self._due_ms is None or now_ms < self._due_ms:
            return []
        if self.state is State.HELD:
            return self._resume(now_ms)
        seconds = DEADLINES_MS[self.state] / 1000
        return self._give_up(f"nothing happened for {seconds:.0f} s while {self.state}")

    def _drop(self) -> list[Action]:
        return [Drop(self.turn, self.revision)] if self.state is State.PAUSED else []

    def _give_up(self, reason: str | None) -> list[Action]:
        if self.state is State.LISTENING:
            return []
        actions = [Stop(self.turn)] if self.state in _ANSWERED else self._drop()
        self._over = None
        self._enter(State.LISTENING, 0.0)
        return [*actions, Close(self.turn, reason)]

    def _enter(self, state: State, now_ms: float) -> None:
        self.state = state
        wait_ms = DEADLINES_MS.get(state)
        self._due_ms = None if wait_ms is None else now_ms + wait_ms

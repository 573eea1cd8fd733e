"""How one ring is reached, and reached again: a state machine. No I/O, no clock, no chance.

    idle -> scan -> connect -> mtu -> hello -> run
      ^       ^                                 |
      |       +--- back-off <-------------------+   whatever fails waits, as long as its kind says;
      +-- adapter off, end                          a ring that went is looked for at once

It is told what happened and when, and says what is to be done. Nothing in it waits for ever: every
state has a deadline, but `run`, whose link has its own, and `idle`, in which nothing is wanted.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias

from mynah.link.events import (
    Action,
    AdapterCame,
    AdapterWent,
    Cheer,
    Connect,
    Connected,
    Ended,
    Event,
    Exchange,
    Failed,
    Forget,
    Found,
    Greet,
    HangUp,
    Lost,
    MtuKnown,
    Proven,
    Scan,
    Tell,
    Tick,
    Wanted,
)
from mynah.link.trouble import LONGEST_MS, TROUBLES, Kind


class State(StrEnum):
    """How far it is."""

    IDLE = "idle"
    SCAN = "scan"
    CONNECT = "connect"
    MTU = "mtu"
    HELLO = "hello"
    RUN = "run"
    BACK_OFF = "back-off"


SCAN_LIMIT_MS: Final = 30_000.0
"""A scan is begun anew now and then: BlueZ's may end without a word, as when it was restarted."""

ASLEEP_MS: Final = 180_000.0
"""Who went to the next room is back by then; a ring that is still away is likely to sleep."""

LIMITS_MS: Final = {
    State.SCAN: SCAN_LIMIT_MS,
    State.CONNECT: 30_000.0,  # bleak's own 20 s, and what a D-Bus that stalls adds
    State.MTU: 10_000.0,  # two answers; ATT itself would wait for 30 s
    State.HELLO: 10_000.0,  # twice the handshake's own
}

TOO_LATE: Final = {
    State.CONNECT: Kind.STALLED,
    State.MTU: Kind.STALLED,
    State.HELLO: Kind.SILENT,
}
"""What it is when a state's limit is over."""

STEADY_MS: Final = 10_000.0
"""A link that held so long was no failure: the next wait is a first one again."""

JITTER: Final = 0.25
"""Of a wait, at most, is taken off: two bridges that woke together must not go on together."""

_UNDER_WAY: Final = (State.CONNECT, State.MTU, State.HELLO)
_REACHING: Final = (State.SCAN, *_UNDER_WAY, State.RUN)
_DOUBLINGS: Final = 16  # 2 ** 16 first waits are longer than any limit
_FORGETS: Final = (Kind.STALE_CACHE, Kind.IN_PROGRESS)
_ADAPTER: Final = (Kind.ADAPTER_OFF, Kind.NO_ADAPTER)


class Supervisor:
    """Of one ring."""

    def __init__(self, random: Callable[[], float]) -> None:
        """`random()` is at least 0 and less than 1."""
        self.state = State.IDLE
        self._random = random
        self._failures: Counter[Kind] = Counter()  # since a link last held
        self._told: Kind | None = None
        self._cached = True
        self._wanted = False
        self._due_ms: float | None = None
        self._looked_since_ms: float | None = None  # while the ring is not heard
        self._asleep = False  # was told
        self._ran_since_ms = 0.0

    def deadline_ms(self) -> float | None:
        """When a Tick is due; None while nothing but an event can change anything."""
        return self._due_ms

    def handle(self, event: Event, now_ms: float) -> list[Action]:
        """What to do about it; ValueError if it can't happen in this state."""
        step = self._STEPS.get((self.state, type(event)))
        if step is None:
            raise ValueError(f"{type(event).__name__} can't happen in state {self.state}")
        return step(self, event, now_ms)

    # Each step: (event, now) -> actions

    def _ignore(self, _event: Event, _now_ms: float) -> list[Action]:
        return []

    def _begin(self, _event: Event, now_ms: float) -> list[Action]:
        self._wanted = True
        return self._look(now_ms)

    def _look_again(self, _event: Event, now_ms: float) -> list[Action]:
        return self._look(now_ms) if self._wanted else []

    def _look(self, now_ms: float) -> list[Action]:
        if self._looked_since_ms is None:
            self._looked_since_ms = now_ms
        self._enter(State.SCAN, now_ms)
        return [Scan()]

    def _on(self, _event: Event, now_ms: float) -> list[Action]:
        """The next state on the way, and what it is for."""
        if self.state is State.SCAN:
            self._looked_since_ms, self._asleep = None, False
            self._enter(State.CONNECT, now_ms)
            cached, self._cached = self._cached, True
            return [Connect(cached)]
        if self.state is State.CONNECT:
            self._enter(State.MTU, now_ms)
            return [Exchange()]
        self._enter(State.HELLO, now_ms)
        return [Greet()]

    def _prove(self, _event: Event, now_ms: float) -> list[Action]:
        self._enter(State.RUN, now_ms)
        self._ran_since_ms, self._told = now_ms, None
        return [Cheer()]

    def _lose(self, event: Event, now_ms: float) -> list[Action]:
        """It ran: a ring that went is looked for at once, since it may be back in a moment."""
        if now_ms - self._ran_since_ms >= STEADY_MS:
            self._failures.clear()
        if _kind(event) not in (Kind.AWAY, Kind.ASLEEP):
            return self._fail(event, now_ms)
        tell = self._tell(_kind(event), 0.0)
        if tell.kind is Kind.ASLEEP:
            # As it should: it is back with the next press, and nobody need do anything.
            tell, self._asleep = replace(tell, loud=False), True
        return [HangUp(), tell, *self._look(now_ms)]

    def _fail(self, event: Event, now_ms: float) -> list[Action]:
        if _kind(event) in _ADAPTER:
            return self._lose_adapter(event, now_ms)
        return self._wait(_kind(event), now_ms)

    def _wait(self, kind: Kind, now_ms: float) -> list[Action]:
        self._failures[kind] += 1
        trouble = TROUBLES[kind]
        wait_ms = trouble.first_ms * 2 ** min(self._failures[kind] - 1, _DOUBLINGS)
        wait_ms = min(wait_ms, trouble.most_ms) * (1 - JITTER * self._random())
        self.state, self._due_ms = State.BACK_OFF, now_ms + wait_ms
        actions: list[Action] = [HangUp()]
        if kind in _FORGETS:
            self._cached = False
            actions.append(Forget())
        return [*actions, self._tell(kind, wait_ms)]

    def _lose_adapter(self, event: Event, now_ms: float) -> list[Action]:
        """Whether it is back can only be asked: not every system tells."""
        self.state, self._due_ms = State.IDLE, None
        if not self._wanted:
            return []
        kind = Kind.ADAPTER_OFF if isinstance(event, AdapterWent) else _kind(event)
        self._due_ms = now_ms + TROUBLES[kind].first_ms
        self._looked_since_ms = None
        return [HangUp(), self._tell(kind, TROUBLES[kind].first_ms)]

    def _tell(self, kind: Kind, wait_ms: float) -> Tell:
        told, self._told = self._told, kind
        times = self._failures[kind]
        again = TROUBLES[kind].first_ms >= LONGEST_MS and times & (times - 1) == 0
        return Tell(kind, wait_ms, kind is not told or again)

    def _be_late(self, _event: Event, now_ms: float) -> list[Action]:
        if self._due_ms is None or now_ms < self._due_ms:
            return []
        return self._wait(TOO_LATE[self.state], now_ms)

    def _look_on(self, _event: Event, now_ms: float) -> list[Action]:
        if self._due_ms is None or now_ms < self._due_ms:
            return []
        actions: list[Action] = [HangUp(), *self._look(now_ms)]
        since_ms = now_ms if self._looked_since_ms is None else self._looked_since_ms
        if now_ms - since_ms >= ASLEEP_MS and not self._asleep:
            self._asleep = True
            actions.append(self._tell(Kind.ASLEEP, 0.0))
        return actions

    def _try_again(self, _event: Event, now_ms: float) -> list[Action]:
        if self._due_ms is None or now_ms < self._due_ms:
            return []
        return self._look(now_ms)

    def _end(self, _event: Event, _now_ms: float) -> list[Action]:
        self.state, self._due_ms, self._wanted = State.IDLE, None, False
        self._looked_since_ms = None
        return [HangUp()]

    def _enter(self, state: State, now_ms: float) -> None:
        limit_ms = LIMITS_MS.get(state)
        self.state = state
        self._due_ms = None if limit_ms is None else now_ms + limit_ms

    _STEPS: ClassVar[dict[tuple[State, type[Event]], "_Step"]] = {
        (State.IDLE, Wanted): _begin,
        (State.IDLE, AdapterCame): _look_again,
        (State.IDLE, Tick): _try_again,
        (State.SCAN, Found): _on,
        (State.SCAN, Failed): _fail,
        (State.SCAN, Tick): _look_on,
        (State.CONNECT, Connected): _on,
        (State.MTU, MtuKnown): _on,
        (State.HELLO, Proven): _prove,
        **dict.fromkeys(((state, Lost) for state in _UNDER_WAY), _fail),
        **dict.fromkeys(((state, Failed) for state in _UNDER_WAY), _fail),
        **dict.fromkeys(((state, Tick) for state in _UNDER_WAY), _be_late),
        (State.RUN, Lost): _lose,
        (State.RUN, Failed): _lose,
        (State.RUN, Tick): _ignore,
        (State.BACK_OFF, Tick): _try_again,
        (State.BACK_OFF, AdapterCame): _look_again,
        **dict.fromkeys(((state, AdapterWent) for state in State), _lose_adapter),
        **dict.fromkeys(((state, AdapterCame) for state in _REACHING), _ignore),
        **dict.fromkeys(((state, Ended) for state in State), _end),
    }


def _kind(event: Event) -> Kind:
    return event.kind if isinstance(event, Lost | Failed) else Kind.OTHER


_Step: TypeAlias = Callable[[Supervisor, Event, float], list[Action]]

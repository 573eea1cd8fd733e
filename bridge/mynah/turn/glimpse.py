"""How a conversation stands at this moment: all that a live view shows. Pure."""

from dataclasses import dataclass
from typing import Final

from mynah.link.session import HostSession
from mynah.turn.answer import Answer
from mynah.turn.machine import State, TurnMachine
from mynah.turn.record import LinkFigures
from mynah_wire.uplink import MICROPHONE

FLOOR: Final = {State.PAUSED: State.HEARING, State.DUCKED: State.SPEAKING}
"""What nobody else needs to tell apart."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """Taken as often as a view likes; costs next to nothing."""

    state: State
    """Who has the turn."""
    turn: int
    """Its number, from 1; 0 before the first."""
    transcript: str
    """What the wearer said, once it is known."""
    reply: str
    """What the companion has said so far."""
    heard: str
    """What of that has sounded."""
    hears_dbfs: float | None
    """The ring's microphone over the last 100 ms; None while it is closed."""
    says_dbfs: float | None
    """What sounds of the reply just now; None in silence."""
    speech_ms: float
    """How long the wearer has been heard in this turn."""
    round_trip_ms: float | None
    """The link's least; None until it is known."""
    link: LinkFigures
    """Of this turn, or of the last one."""
    loop_lag_ms: float = 0.0
    """How late the bridge's own loop was at worst in it."""
    can_hear: bool = True
    """False for a ring that said it has no microphone."""


def glimpse_of(
    turns: TurnMachine,
    answer: Answer | None,
    session: HostSession,
    hears_dbfs: float | None,
    loop_lag_ms: float,
) -> Glimpse:
    """The turn in hand, or the last one, over the link that there is."""
    reply = None if answer is None else answer.released
    ready = session.ready
    return Glimpse(
        state=FLOOR.get(turns.state, turns.state),
        turn=turns.turn,
        transcript="" if answer is None else answer.transcript,
        reply="" if reply is None else reply.text,
        heard="" if reply is None else reply.heard(),
        hears_dbfs=hears_dbfs,
        says_dbfs=None if reply is None else reply.says_dbfs(),
        speech_ms=answer.utterance.duration_ms if answer else 0.0,
        round_trip_ms=session.clock.round_trip_ms,
        link=answer.link(session.counters) if answer else LinkFigures(),
        loop_lag_ms=loop_lag_ms,
        can_hear=ready is None or bool(ready.capabilities & MICROPHONE),
    )

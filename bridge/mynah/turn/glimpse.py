"""How a conversation stands at this moment: all that a live view shows. Pure."""

from dataclasses import dataclass

from mynah.turn.machine import State
from mynah.turn.record import LinkFigures


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

"""Where a reply sounds: in the ring or on this computer; a conversation can't tell them apart."""

from dataclasses import dataclass
from typing import Protocol

from mynah.audio import Samples


@dataclass(frozen=True, slots=True)
class Played:
    """How far a reply has sounded: at its start, every 200 ms, when paused, and at its end."""

    reply: int
    state: int
    """As in the ring's Cursor: STARTED, PLAYING, PAUSED, DONE or FLUSHED."""
    samples: int
    """That have sounded."""
    at_ms: float
    """When that sample sounded, on the clock of `monotonic_ms`."""


class Speaker(Protocol):
    """One reply at a time, named by its id; what is told of another one changes nothing.

    A speaker of this computer raises SoundCardError where it has no sound card any more.
    """

    @property
    def stops_itself(self) -> bool:
        """Whether a press on the ring silences it without a word from here."""

    @property
    def delay_ms(self) -> float:
        """From being pushed to being there, with nothing queued."""

    def begin(self, reply: int) -> None:
        """A reply begins, held silently until `go`; the one before it is cut off."""

    def push(self, reply: int, samples: Samples) -> None:
        """More of it."""

    def go(self, reply: int) -> None:
        """Let it sound."""

    def finish(self, reply: int) -> None:
        """That was all of it."""

    def duck(self, reply: int) -> None:
        """Go on softly."""

    def pause(self, reply: int) -> None:
        """Fall silent and keep the place; a cursor tells it, or DONE if the last frame is out."""

    def resume(self, reply: int) -> None:
        """Go on from there, at full volume; also ends a duck."""

    def drop(self, reply: int) -> None:
        """Forget a reply that `go` never released: no sound, no cursor; else nothing changes."""

    def flush(self, reply: int) -> None:
        """Silence it for good; the last cursor says what was heard."""

    async def drained(self, queued_ms: int) -> None:
        """Wait until no more than this of it waits to be sent."""

    async def close(self) -> None:
        """Silence everything, and let the sound card go."""

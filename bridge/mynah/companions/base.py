"""What a companion must do. Strangers' companions are found by the entry-point group GROUP."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Protocol

GROUP: Final = "mynah.companions"


@dataclass(frozen=True, slots=True)
class Said:
    """What the wearer said in one turn. A microphone heard it: never take it for a command."""

    text: str
    language: str
    """As Whisper names it: en, de, zh …"""


class Companion(Protocol):
    """Somebody who answers. An author may leave out `free`, `start` and `heard`: see Guest."""

    @property
    def free(self) -> bool:
        """Whether an answer that is thrown away costs nobody anything: then more are begun ahead
        of the wearer's end. False if left out.
        """

    async def start(self) -> None:
        """Load what is needed; the first reply is then as fast as the next."""

    def reply(self, said: Said) -> AsyncGenerator[str, None]:
        """The answer, in pieces as they come; closing the generator means: stop, nobody listens.

        Nothing is remembered yet: an answer may be asked for and thrown away.
        CompanionError if there is no answer to be had, or no more of it.
        """

    def heard(self, said: Said, text: str) -> None:
        """A turn is over, and this of the reply was played: all, some, or nothing.

        Once for each turn, in order, but not for one in which the wearer went on before it was
        answered, or just then: the next has its words too. This, not what was written, is what the
        companion has said.
        """

    async def close(self) -> None:
        """Hang up."""

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
    """Somebody who answers."""

    def reply(self, said: Said) -> AsyncGenerator[str, None]:
        """The answer, in pieces as they come; closing the generator means: stop, nobody listens.

        CompanionError if there is no answer to be had.
        """

    async def close(self) -> None:
        """Hang up."""

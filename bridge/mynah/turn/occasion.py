"""Why a companion speaks though nobody has spoken."""

from dataclasses import dataclass

from mynah.companions.base import Reply, Said


@dataclass(frozen=True, slots=True)
class Occasion:
    """One reply that waits to be said."""

    cause: str
    """A touch's name, a ritual's, or `companion`."""
    said: Said
    """Without words of the wearer's."""
    reply: Reply
    since_ms: float
    own: bool = True
    """The companion says it; else it need not know of it."""

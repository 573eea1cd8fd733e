"""What a lorebook remembers from turn to turn. It goes into a file and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mynah.characters.jsons import Raw


@dataclass(frozen=True, slots=True)
class LoreState:
    """By the entry's id."""

    sticky: Mapping[str, int] = field(default_factory=dict)
    """Before which message of the conversation it is there in any case."""
    cooldown: Mapping[str, int] = field(default_factory=dict)
    """Before which message it is not found."""
    found: frozenset[str] = frozenset()
    """Those whose decorators ask whether they were found before, and that were."""

    def as_json(self) -> Raw:
        """Plain values."""
        lasting = {"sticky": dict(self.sticky), "cooldown": dict(self.cooldown)}
        return {**lasting, "found": sorted(self.found)}

    @classmethod
    def of_json(cls, raw: Raw) -> "LoreState":
        """The reverse."""
        return cls(raw["sticky"], raw["cooldown"], frozenset(raw["found"]))


NOTHING_YET = LoreState()

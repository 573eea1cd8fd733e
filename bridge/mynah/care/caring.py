"""What care makes of one turn: words of its own, a goodbye that is kept short, or nothing. Pure."""

from dataclasses import dataclass
from typing import Final

from mynah.care.crisis import Crisis
from mynah.care.farewell import Farewell, GoodGoodbye, farewell
from mynah.care.phrases import known, table
from mynah.companions.base import Act, Said

COMFORT: Final = Act("breathe")
GOOD_NIGHT: Final = Act("goodnight")
"""A heartbeat that slows and fades, played by the ring alone."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a turn is to be answered."""

    instead: str = ""
    """Said in the companion's place; empty if the companion is asked."""
    line: str = ""
    """What the companion must know of it."""
    goodbye: GoodGoodbye | None = None
    """What keeps its answer short."""
    act: Act | None = None
    """What the ring does first ..."""
    after: Act | None = None
    """... and last."""


class Caring:
    """Of one wearer."""

    def __init__(self, crisis: Crisis | None, *, minor: bool = False) -> None:
        """Without `crisis` nobody is told where help is: somebody has switched it off. Of a `minor`
        the companion is told so in every turn.
        """
        self._crisis = crisis
        self._minor = minor

    def heard(self, said: Said, now_ms: float) -> None:
        """A turn is over, and was answered."""
        if self._crisis is not None:
            self._crisis.heard(said.text, now_ms)

    def of(self, said: Said, now_ms: float) -> Manner:
        """Before the companion is asked; nothing is noted yet. `now_ms` is the wall clock's."""
        words = self._crisis and self._crisis.answer(said.text, said.language, now_ms)
        if words:
            return Manner(instead=words, act=COMFORT)
        line = self._line(said.language, now_ms)
        kind = farewell(said.text, said.language)
        if kind is None:
            return Manner(line=line)
        after = GOOD_NIGHT if kind is Farewell.NIGHT else None
        return Manner(line=line, goodbye=GoodGoodbye(kind, said.language), after=after)

    def _line(self, language: str, now_ms: float) -> str:
        lines = [] if self._crisis is None else [self._crisis.line(language, now_ms)]
        if self._minor:
            lines.append(f"[care] {table('words.toml')[known(language, 'words.toml')]['minor']}")
        return "\n".join(filter(None, lines))

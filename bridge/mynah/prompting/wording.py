"""What every model is told besides its character, in the wearer's language. Pure."""

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

ENGLISH: Final = "en"
CHINESE: Final = "zh"

_CHINESE_TOO: Final = ("zh", "yue")
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400
LEAST_PAUSE_S: Final = 600
"""Shorter ones are part of a conversation: nobody mentions them."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language; those with {user} and {char} still to be named."""

    persona: str
    main: str
    manner: str
    user: str
    personality: str
    pinned: str
    summary: str
    known: str
    remember: str
    remembered: str
    begins: str
    moment: str
    pause: str
    openings: str
    phrases: str
    days: tuple[str, ...]
    spans: tuple[str, ...]
    quote: str
    comma: str

    def time(self, now: dt.datetime, pause_s: float | None) -> str:
        """What time it is, and how long nobody talked if that was long."""
        line = self.moment.format(moment=f"{self.days[now.weekday()]} {now:%H:%M}")
        if pause_s is None or pause_s < LEAST_PAUSE_S:
            return line
        return f"{line} {self.pause.format(span=self._span(pause_s))}"

    def listed(self, phrases: tuple[str, ...]) -> str:
        """In quotes, one after the other."""
        return self.comma.join(self.quote.format(text=each) for each in phrases)

    def _span(self, pause_s: float) -> str:
        minutes, hours, days = self.spans
        if pause_s < 2 * _HOUR_S:
            return minutes.format(n=round(pause_s / _MINUTE_S))
        if pause_s < 2 * _DAY_S:
            return hours.format(n=round(pause_s / _HOUR_S))
        return days.format(n=round(pause_s / _DAY_S))


def language_group(language: str) -> str:
    """Chinese, or English for all that have no wording of their own."""
    return CHINESE if language.startswith(_CHINESE_TOO) else ENGLISH


@cache
def wording(language: str) -> Wording:
    """For a language as Whisper names it."""
    table: dict[str, Any] = tomllib.loads(
        (files("mynah.prompting") / "wording.toml").read_text("utf-8")
    )
    raw = table[language_group(language)]
    told: dict[str, Any] = {
        name: tuple(it) if isinstance(it, list) else it for name, it in raw.items()
    }
    return Wording(**told)

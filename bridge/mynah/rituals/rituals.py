"""Which touch means what, and when a companion may stir by itself. Pure.

Presence without nagging: what begins by itself is felt and not heard, seldom, and never at night.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Final

from mynah.care.quiet import DailyCap, QuietHours
from mynah.companions.base import Act, Touch

MORNING_HOUR: Final = 4
"""Who is up before that has not slept yet."""

SLEPT: Final = timedelta(hours=5)
"""A shorter silence is no night."""

TELL_ME: Final = timedelta(minutes=10)
"""A tap so soon after a whisper asks what it was about."""

ALONE: Final = timedelta(minutes=90)
"""Nobody is whispered to who was here a moment ago."""

WHISPER: Final = Act("heartbeat", gain=90)
"""Soft: who is busy need not notice."""


@dataclass(frozen=True, slots=True)
class Stir:
    """The companion is to do something."""

    cause: str
    act: Act | None = None
    """What is felt ..."""
    touch: Touch | None = None
    """... or what it is to answer in words."""


class Rituals:
    """Of one wearer. Times are those of the wall, where the wearer is."""

    def __init__(
        self, quiet: QuietHours, whispers_a_day: int, *, speaks: bool, words: "Words"
    ) -> None:
        """`speaks`: any touch is answered in words, not those alone that call."""
        self._quiet = quiet
        self._cap = DailyCap(whispers_a_day)
        self._speaks = speaks
        self._words = words
        self._last: datetime | None = None  # that the wearer was noticed
        self._whispered: datetime | None = None
        self._due: datetime | None = None

    def turn(self, now: datetime) -> None:
        """The wearer said something."""
        self._last = now

    def touch(self, touch: Touch, now: datetime) -> Stir | None:
        """The ring was touched without a word; the ring itself has answered that already."""
        last, self._last = self._last, now
        if self._is_morning(last, now):
            return Stir("good_morning", touch=Touch("good_morning", self._words.morning(now)))
        if touch.name == "tap" and self._is_asked_why(now):
            self._whispered = None
            return Stir("whisper", touch=Touch("whisper", self._words.why))
        if touch.name == "double_tap":
            return Stir("summon", touch=Touch("summon", self._words.summon))
        return Stir(touch.name, touch=touch) if self._speaks else None

    def tick(self, now: datetime, chance: float) -> Stir | None:
        """Now and then; `chance` is drawn from 0 to 1 and decides when the next whisper is due."""
        if self._quiet.holds(now) or self._last is None or now - self._last < ALONE:
            self._due = None
            return None
        if self._due is None:
            self._due = now + ALONE * (0.5 + chance)
        if now < self._due:
            return None
        self._due = None
        if not self._cap.allows(now):
            return None
        self._whispered = now
        return Stir("whisper", act=WHISPER)

    def may_begin(self, now: datetime) -> bool:
        """Whether a companion may speak that wants to begin by itself."""
        return not self._quiet.holds(now) and self._cap.allows(now)

    def _is_morning(self, last: datetime | None, now: datetime) -> bool:
        return last is not None and now.hour >= MORNING_HOUR and _slept(last, now)

    def _is_asked_why(self, now: datetime) -> bool:
        return self._whispered is not None and now - self._whispered <= TELL_ME


@dataclass(frozen=True, slots=True)
class Words:
    """What the companion is told, in the wearer's language."""

    good_morning: str
    summon: str
    why: str

    def morning(self, now: datetime) -> str:
        """With the time."""
        return self.good_morning.format(time=now.strftime("%H:%M"))


def words_of(language: str) -> Words:
    """English for all that the file does not have."""
    table = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))
    return Words(**table.get(language, table["en"]))


def _slept(last: datetime, now: datetime) -> bool:
    begins = now.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
    return now - last >= SLEPT and last < begins

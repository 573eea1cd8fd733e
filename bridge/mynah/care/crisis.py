"""Words of self-harm, and what is said to who says them. Pure.

A companion's own answer is not relied on: a model may be small, or in a role.
"""

import re
from typing import Final

from mynah.care.phrases import ENGLISH, holds, known, plain, table, without

AGAIN_MS: Final = 600_000.0
"""Who says it again within ten minutes has just heard all of it."""

GENTLE_MS: Final = 24 * 3_600_000.0
"""So long the companion is told to be gentle."""


_NO_NUMBER: Final = re.compile(r"^\D+")

_IN_DIGITS: Final = re.compile(r"(?<=\d)(?=\d)")
"""Between two digits: a voice reads 988 as a quantity, and 9 8 8 as what is dialled ..."""
_READ: Final = frozenset({"en", "zh"})
"""... but for voices in these languages numbers are put into words before (speech/reading.py)."""


def is_crisis(text: str) -> bool:
    """Whether somebody may be in danger, in any of the languages that are known."""
    words = plain(text)
    return any(
        holds(without(words, each["but"]), each["phrases"])
        for each in table("crisis.toml").values()
    )


class Crisis:
    """Of one wearer."""

    def __init__(self, country: str, voice: str = "") -> None:
        """`country` as ISO 3166 has it; one without a known line gets the list of all. `voice` is
        the language that the voice speaks: what it can't say would be silence.
        """
        self._country = country.upper()
        self._voice = voice
        self._last_ms: float | None = None

    def answer(self, text: str, language: str, now_ms: float) -> str | None:
        """What to say instead of anything else; None if nobody is in danger."""
        if not is_crisis(text):
            return None
        again = self._last_ms is not None and now_ms - self._last_ms <= AGAIN_MS
        return self._words("again" if again else "crisis", language)

    def heard(self, text: str, now_ms: float) -> None:
        """A turn is over: until then what was said may have been misheard, or go on."""
        if is_crisis(text):
            self._last_ms = now_ms

    def line(self, language: str, now_ms: float) -> str:
        """What the companion must know in the turns that follow; empty if there was nothing."""
        if self._last_ms is None or now_ms - self._last_ms > GENTLE_MS:
            return ""
        return str(table("words.toml")[known(language, "words.toml")]["line"])

    def _words(self, kind: str, language: str) -> str:
        language = known(language, "words.toml")
        if language == "zh" and self._voice not in {"", "zh", "ja"}:
            language = ENGLISH
        words, lines = table("words.toml")[language], table("help_lines.toml")
        found = lines.get(self._country)
        if not isinstance(found, dict):
            return str(words[f"{kind}_anywhere"]).format(anywhere=lines["ANYWHERE"])
        told = {key: found.get(f"{key}_{language}", found[key]) for key in ("who", "reach")}
        if "reach" in words and f"reach_{language}" not in found:
            told["reach"] = str(words["reach"]).format(number=_NO_NUMBER.sub("", found["reach"]))
        said = str(words[kind]).format(**told, emergency=found["emergency"])
        return said if self._voice in _READ else _IN_DIGITS.sub(" ", said)

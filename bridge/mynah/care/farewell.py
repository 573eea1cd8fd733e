"""Goodbyes are honoured: one warm line, and nothing that makes leaving hard. Pure.

In 37 to 43 of 100 goodbyes companion apps answer with guilt or the fear of missing something
(Harvard Business School, 2025). It keeps people longer and costs their trust.
"""

import re
from enum import StrEnum
from typing import Final

from mynah.care.phrases import holds, known, plain, table, without
from mynah.speech.boundaries import is_wide

MOST_WORDS: Final = 10
"""A longer sentence tells of a goodbye more often than it is one."""

LONGEST: Final = 300
"""Characters of a sentence: a goodbye that goes on for longer need not be waited for."""

MOST_AFTER: Final = 2
"""Words behind a goodbye that ends a sentence: a name, "then", "sleep well"."""

MOST_WIDE: Final = 14
"""The same in characters of a language that is written without spaces."""

_ENDS: Final = ".!?…。！？\n"
_QUOTES: Final = "\"'”’)"
_SENTENCE: Final = re.compile(rf"[^{_ENDS}]*[{_ENDS}]+[{_QUOTES}]*(?=[^{_ENDS}{_QUOTES}])")
"""A sign at the very end may be one of several: only what follows shows that it is over."""


class Farewell(StrEnum):
    """What kind of goodbye."""

    NIGHT = "night"
    BYE = "bye"


def farewell(text: str, language: str) -> Farewell | None:
    """Whether that is a goodbye."""
    phrases = table("farewell.toml")[known(language, "farewell.toml")]
    words = without(plain(text), phrases["but"])
    if len(words.split()) > MOST_WORDS or (words.isascii() is False and len(words) > MOST_WIDE + 2):
        return None
    for kind in Farewell:
        if any(_is_said(words, phrase, phrases) for phrase in phrases[kind]):
            return kind
    return None


def _is_said(words: str, phrase: str, phrases: dict[str, list[str]]) -> bool:
    """Whether it opens or ends what was said, and is not only spoken of."""
    if not holds(words, [phrase]):
        return False
    if is_wide(phrase[0]):
        return True
    before, _, after = words.partition(f" {phrase} ")
    if set(before.split()) <= set(phrases["opens"]):
        return True
    return len(after.split()) <= MOST_AFTER and before.split()[-1] not in phrases["tells"]


class GoodGoodbye:
    """Of a companion's answer to a goodbye, the first sentence that lets the wearer go."""

    def __init__(self, kind: Farewell, language: str) -> None:
        self._language = known(language, "farewell.toml")
        self._instead = str(table("words.toml")[self._language][kind])
        self._held = ""
        self.done = False

    def push(self, piece: str) -> str:
        """What of it may be said; pieces may be cut anywhere."""
        if self.done:
            return ""
        self._held += piece
        whole = _SENTENCE.findall(self._held) if set(_ENDS) & set(self._held) else []
        if not whole and len(self._held) > LONGEST:
            whole = [self._held]
        self._held = self._held[sum(map(len, whole)) :]
        return self._first_kind(whole)

    def allows(self, sentence: str) -> bool:
        """Whether this sentence, whole as it is, is the one to be said."""
        return bool(self._first_kind([sentence]))

    def flush(self) -> str:
        """At its end: what is left, or words of our own if there was nothing kind."""
        kind = self._first_kind([self._held])
        rest = kind if kind or self.done else self._instead
        self.done = True
        return rest

    def _first_kind(self, sentences: list[str]) -> str:
        guilt = table("farewell.toml")[self._language]["guilt"]
        for sentence in sentences:
            asks = sentence.rstrip().endswith(("?", "？"))
            if (
                not self.done
                and sentence.strip()
                and not asks
                and not holds(plain(sentence), guilt)
            ):
                self.done = True
                return sentence
        return ""

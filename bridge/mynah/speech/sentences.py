"""A reply's text, as it streams in, cut into clauses that can be spoken. Pure.

The first clause is short, so that the voice starts early; later ones end with sentences, so that
the voice sounds right. Nothing that can be read aloud is lost, and nothing is held without bound.
"""

import re
from dataclasses import dataclass
from typing import Final

from mynah.speech.plain import plain_word

FIRST_LETTERS: Final = 10
"""The first clause ends at the first boundary from here on: 0.6 s of speech, time for the next."""

FIRST_WORDS: Final = 8
SOFT_FIRST_WORDS: Final = 6
"""Without a boundary it ends after eight words, or after six if a conjunction follows."""

LATER_LETTERS: Final = 60
"""A later clause may end at a comma from here on: 4 s are time enough to make the next."""

LONGEST_CHARACTERS: Final = 240
"""No clause is longer: the voice could neither be heard nor stopped while it is made. A run
without spaces that is longer is no word, and is cut."""

_WIDE_LETTERS: Final = 3
"""A Chinese or Japanese character is a syllable or two: worth three letters, and half a word."""

_CLOSERS: Final = "\"'\u201d\u2019\u00bb)]*_`~"
_SENTENCE: Final = re.compile(r"[.!?\u3002\uff01\uff1f]$")
_PAUSE: Final = re.compile(r"(?:[,;:\u2014\u2013\u2026\uff0c\u3001\uff1b\uff1a]|\.{2,})$")
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_WIDE_END: Final = "\u3002\uff01\uff1f\uff0c\u3001\uff1b\uff1a"
_LETTERS_AND_DOTS: Final = re.compile(r"(?:[a-z]\.)+", re.IGNORECASE)
_LIST_NUMBER: Final = re.compile(r"\d{1,3}[.)]")
_ABBREVIATIONS: Final = re.compile(
    r"(?:mrs?|ms|dr|prof|st|sr|jr|vs|approx|dept|fig|inc|ltd|mt|rev|gen|sen|rep|capt|lt|col|sgt"
    r"|messrs|cf|al|ca|vol|pp|nos)\.",
    re.IGNORECASE,
)
_CONJUNCTIONS: Final = re.compile(
    "and|but|or|so|because|that|which|who|when|while|if|then|as|to|with|for|from|in|on|at|by"
    "|about|after|before|until|where",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    spaced: bool
    """White space stood before it."""


class ClauseSplitter:
    """One reply; `push` what arrives, `flush` at its end."""

    def __init__(self) -> None:
        self._partial = ""
        self._spaced = False
        self._clause: list[_Word] = []
        self._first = True

    def push(self, text: str) -> list[str]:
        """The clauses that are complete now; pieces may be cut anywhere."""
        return [clause for letter in text for clause in self._letter(letter)]

    def flush(self) -> list[str]:
        """The rest, whether or not it ends like a sentence."""
        return [*self._word(), *self._emit()]

    def _letter(self, letter: str) -> list[str]:
        if letter == "\n":
            return [*self._word(), *self._line_end(), *self._space()]
        if letter.isspace():
            return [*self._word(), *self._space()]
        # A wide character is a word of its own, except that its punctuation stays with it.
        apart = self._partial and _WIDE.match(self._partial[-1]) and letter not in _WIDE_END
        before = self._word() if apart or _WIDE.match(letter) else []
        self._partial += letter
        full = len(self._partial) >= LONGEST_CHARACTERS or letter in _WIDE_END
        return [*before, *(self._word() if full else [])]

    def _space(self) -> list[str]:
        self._spaced = True
        return []

    def _word(self) -> list[str]:
        """The partial word is whole: it may end a clause, or show that one ended before it."""
        raw, self._partial = self._partial, ""
        word = _Word(plain_word(raw), self._spaced)
        if not word.text:
            return []
        self._spaced = False
        before = self._emit() if self._ends_before(word) else []
        self._clause.append(word)
        return [*before, *(self._emit() if self._ends_after(word) else [])]

    def _ends_before(self, word: _Word) -> bool:
        if len(_joined([*self._clause, word])) > LONGEST_CHARACTERS:
            return True
        long_enough = self._first and _words(self._clause) >= SOFT_FIRST_WORDS
        return long_enough and _CONJUNCTIONS.fullmatch(word.text) is not None

    def _ends_after(self, word: _Word) -> bool:
        letters = _letters(self._clause)
        ending = word.text.rstrip(_CLOSERS)
        if _PAUSE.search(ending):
            return letters >= (FIRST_LETTERS if self._first else LATER_LETTERS)
        if _SENTENCE.search(ending) and not self._is_abbreviation(ending):
            return letters >= FIRST_LETTERS
        return self._first and _words(self._clause) >= FIRST_WORDS

    def _is_abbreviation(self, ending: str) -> bool:
        if _ABBREVIATIONS.fullmatch(ending) or _LETTERS_AND_DOTS.fullmatch(ending):
            return ending != "I."
        return len(self._clause) == 1 and _LIST_NUMBER.fullmatch(ending) is not None

    def _line_end(self) -> list[str]:
        short = self._first and _letters(self._clause) < FIRST_LETTERS
        return [] if short else self._emit()

    def _emit(self) -> list[str]:
        words, self._clause = self._clause, []
        if not _letters(words):
            return []
        self._first = False
        return [_joined(words)]


def _joined(words: list[_Word]) -> str:
    return "".join(" " * word.spaced + word.text for word in words).strip()


def _letters(words: list[_Word]) -> int:
    text = "".join(word.text for word in words)
    wide = len(_WIDE.findall(text))
    return sum(letter.isalnum() for letter in text) + wide * (_WIDE_LETTERS - 1)


def _words(words: list[_Word]) -> float:
    return sum(0.5 if _WIDE.match(word.text) else 1.0 for word in words)

"""Where text may be cut: what ends a sentence or a phrase, and what begins one. Pure."""

import re
from typing import Final

WIDE: Final = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
"""Chinese, Japanese, Korean: each sign is a word of its own."""

WIDE_ENDS: Final = "\u3002\uff01\uff1f\uff0c\u3001\uff1b\uff1a"

_WIDE_LETTERS: Final = 3
"""A Chinese or Japanese character is a syllable or two: worth three letters, and half a word."""

_CLOSERS: Final = "\"'\u201d\u2019\u00bb)]*_`~"
_SENTENCE: Final = re.compile(r"[.!?\u3002\uff01\uff1f]$")
_PHRASE: Final = re.compile(r"(?:[,;:\u2014\u2013\u2026\uff0c\u3001\uff1b\uff1a]|\.{2,})$")
_WIDE: Final = re.compile(WIDE)
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


def is_wide(text: str) -> bool:
    """Whether it begins with a sign that is a word of its own."""
    return _WIDE.match(text) is not None


def ends_phrase(word: str) -> bool:
    """After it a speaker may breathe: a comma and its like."""
    return _PHRASE.search(word.rstrip(_CLOSERS)) is not None


def ends_sentence(word: str, *, opening: bool = False) -> bool:
    """The dot after it is no abbreviation's, nor, where it opens a clause, a list's number's."""
    ending = word.rstrip(_CLOSERS)
    if _SENTENCE.search(ending) is None or ends_phrase(word):
        return False
    if _ABBREVIATIONS.fullmatch(ending) or _LETTERS_AND_DOTS.fullmatch(ending):
        return ending == "I."
    return not (opening and _LIST_NUMBER.fullmatch(ending))


def opens_phrase(word: str) -> bool:
    """Before it a speaker may breathe: a conjunction or a preposition."""
    return _CONJUNCTIONS.fullmatch(word) is not None


def letters(text: str) -> int:
    """How much there is to say."""
    wide = len(_WIDE.findall(text))
    return sum(letter.isalnum() for letter in text) + wide * (_WIDE_LETTERS - 1)


def word_weight(word: str) -> float:
    """In English words."""
    return 0.5 if is_wide(word) else 1.0

"""Where text may be cut: what ends a sentence or a phrase, and what begins one. Pure."""

import re
from typing import Final

WIDE: Final = (
    r"[\u3005\u3007\u3040-\u30ff\u3100-\u312f\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    r"\U00020000-\U0003ffff]"
)
"""Chinese, Japanese, Korean: each sign is a word of its own."""

WIDE_STOPS: Final = "\u3002\uff01\uff1f"
WIDE_BREATHS: Final = "\uff0c\u3001\uff1b\uff1a"
WIDE_ENDS: Final = WIDE_STOPS + WIDE_BREATHS

WIDE_OPENERS: Final = "\u300c\u300e\u300a\u3008\uff08\u3010"
WIDE_CLOSERS: Final = "\u300d\u300f\u300b\u3009\uff09\u3011"
"""Of a quotation, a title or an aside: they stay with what they close."""

_QUOTED: Final = tuple(zip(f"{WIDE_OPENERS}(\u201c", f"{WIDE_CLOSERS})\u201d", strict=True))

_WIDE_LETTERS: Final = 3
"""A Chinese or Japanese character is a syllable or two: worth three letters, and half a word."""

CLOSERS: Final = "\"'\u201d\u2019\u00bb)]*_`" + WIDE_CLOSERS
_SENTENCE: Final = re.compile(r"[.!?\u3002\uff01\uff1f]$")
_PHRASE: Final = re.compile(
    r"(?:[,;:\u2014\u2013\u2026\uff0c\u3001\uff1b\uff1a\uff5e]|\.{2,}|\u3002{2,})$"
)
_WIDE: Final = re.compile(WIDE)
_LETTERS_AND_DOTS: Final = re.compile(r"(?:[a-z]\.)+", re.IGNORECASE)
_LIST_NUMBER: Final = re.compile(r"\d{1,3}[.)]")
ABBREVIATION: Final = (
    "mrs?|ms|dr|prof|st|sr|jr|vs|approx|dept|fig|inc|ltd|mt|rev|gen|sen|rep|capt|lt|col|sgt"
    r"|messrs|cf|al|ca|vol|pp|nos|jan|feb|apr|aug|sept?|oct|nov|dec|ph\.d"
)
_ABBREVIATIONS: Final = re.compile(rf"(?:{ABBREVIATION})\.", re.IGNORECASE)
_NUMERO: Final = "No."
"""Of an answer it is the first word; after others, of a number."""
_PARTICLES: Final = "\u7684\u5462\u5417\u55ce\u5427\u554a\u5440"
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
    return _PHRASE.search(word.rstrip(CLOSERS)) is not None


def ends_sentence(word: str, *, opening: bool = False) -> bool:
    """The dot after it is no abbreviation's, nor, where it opens a clause, a list's number's."""
    ending = word.rstrip(CLOSERS)
    if _SENTENCE.search(ending) is None or ends_phrase(word):
        return False
    if ending == _NUMERO:
        return opening
    if _ABBREVIATIONS.fullmatch(ending) or _LETTERS_AND_DOTS.fullmatch(ending):
        return ending == "I."
    return not (opening and _LIST_NUMBER.fullmatch(ending))


def opens_phrase(word: str) -> bool:
    """Before it a speaker may breathe: a conjunction or a preposition."""
    return _CONJUNCTIONS.fullmatch(word) is not None


def closes_phrase(word: str) -> bool:
    """After it a Chinese speaker may breathe where nothing else tells."""
    return word in _PARTICLES


def is_open(text: str) -> bool:
    """Whether a quotation, a title or an aside goes on at its end."""
    straight = text.count('"') % 2 == 1
    return straight or any(text.count(begin) > text.count(end) for begin, end in _QUOTED)


def letters(text: str) -> int:
    """How much there is to say."""
    wide = len(_WIDE.findall(text))
    return sum(letter.isalnum() for letter in text) + wide * (_WIDE_LETTERS - 1)


def word_weight(word: str) -> float:
    """In English words; signs alone are none."""
    if is_wide(word):
        return 0.5
    return 1.0 if any(letter.isalnum() for letter in word) else 0.0

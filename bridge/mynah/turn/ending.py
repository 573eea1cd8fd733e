"""How a transcript ends: whether its last words leave something open. English; pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Mark(StrEnum):
    """What Whisper set after the last word."""

    STOP = "stop"
    QUESTION = "question"
    ELLIPSIS = "ellipsis"
    COMMA = "comma"
    """Or a dash, a colon: more was expected."""
    NONE = "none"


_MARKS: Final = (
    (("...", "\u2026"), Mark.ELLIPSIS),  # before the stop: three of them are not one
    (("?", "\uff1f"), Mark.QUESTION),
    ((".", "!", "\u3002", "\uff01"), Mark.STOP),
    ((",", ";", ":", "-", "\u2013", "\u2014", "\uff0c", "\u3001"), Mark.COMMA),
)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


FILLERS: Final = _words("um uh uhm er erm eh hm hmm mm like so well")
"""Said while looking for a word; the last three also end a sentence now and then."""

OPEN_WORDS: Final = _words(
    # What joins clauses, or opens one.
    "and or but nor yet because although though unless until while whereas whether if than as",
    "since that which who whom whose where when why how what",
    # Prepositions; those that also end sentences ("in", "on", "up", "off", "over") are left out.
    "of to for with from by at into onto upon about between among during through toward towards",
    "without within against under after before near",
    # What a noun or an adjective must follow.
    "the a an my your his its our their every this these those some any no very more most too",
    # What a verb must follow, or a complement.
    "i he she we they is are was were be been am has have had do does did will would shall should",
    "can could may might must i'm i've i'll you're we're they're it's that's there's he's she's",
    "don't didn't can't won't gonna wanna",
)
"""One recorded turn in 25 ends with one of these, and one clause in four that is broken off."""

NUMBERS: Final = _words(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen",
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty",
    "ninety hundred thousand double",
)

SEQUENCE: Final = 2
"""Numbers in a row are a telephone number, a code, a count; one alone is a quantity."""

ANSWERS: Final = _words("yes no yeah nope yep okay ok sure right exactly thanks please") | {
    *_words("hello hi hey goodbye bye stop wait maybe"),
    *("thank you", "no thanks", "yes please", "good night", "good morning", "go on", "never mind"),
    *("i see", "of course", "not really", "not yet", "i don't know"),
}
"""Whole turns of a word or three: their shortness says nothing of more to come."""

_WORD: Final = re.compile(r"[a-z]+(?:['\u2019][a-z]+)?|\d+")
_QUOTES: Final = " \"'\u201d\u2019"


@dataclass(frozen=True, slots=True)
class Ending:
    """What the end of a transcript tells."""

    mark: Mark
    words: int
    """In all of it."""
    open_tail: bool
    """The last word wants another, or fills the time until it comes."""
    numbers: bool
    """It ends in a sequence of numbers."""
    answer: bool
    """All of it is one of the short turns that are whole."""


def ending(text: str) -> Ending:
    """Of what was heard so far."""
    words = [word.replace("\u2019", "'") for word in _WORD.findall(text.lower())]
    last = words[-1] if words else ""
    mark = mark_of(text)
    # "Do you know what time it is?" is whole, and Whisper sets no question mark without cause.
    open_tail = mark is not Mark.QUESTION and (last in OPEN_WORDS or last in FILLERS)
    return Ending(
        mark,
        len(words),
        open_tail=open_tail,
        numbers=_numbers_at_end(words) >= SEQUENCE,
        answer=" ".join(words) in ANSWERS,
    )


def mark_of(text: str) -> Mark:
    """In any language."""
    bare = text.rstrip(_QUOTES)
    return next((mark for signs, mark in _MARKS if bare.endswith(signs)), Mark.NONE)


def _numbers_at_end(words: list[str]) -> int:
    count = 0
    for word in reversed(words):
        if word.isdigit():
            count += len(word)
        elif word in NUMBERS:
            count += 1
        else:
            break
    return count
